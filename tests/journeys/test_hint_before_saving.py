"""Who tells the same again hears how the first one stands before anything is saved: on the form, at the desk."""

import re

from sqlalchemy import func, select

from hotline.database import session
from hotline.models import Ticket
from hotline.models.words import State
from tests.journeys.front_door import PLAIN, VAGUE, do, write
from tests.makers import ticket

FORM = {"content": f"{PLAIN}还是这样。", "phone": "13812345678", "place": "望湖区湖滨街道金桂苑小区", "name": "陈桂芳"}


def tickets():
    """How many there are."""
    return session().execute(select(func.count()).select_from(Ticket)).scalar_one()


def test_the_citizens_own_form_tells_how_the_first_one_stands(web, desk):
    no = write(web, PLAIN)
    asked = web.post("/demands", data=FORM | {"form_key": "again", "confidential": "1"})
    assert (asked.status_code, tickets()) == (200, 1)
    assert "您反映过同一问题" in asked.text
    assert f"{no}"[:8] in asked.text
    assert "仍要提交" in asked.text
    assert len(re.findall(re.escape(FORM["content"]), asked.text)) == 2
    assert re.search(r'name="confidential" value="1"', asked.text)
    do(web, f"/track/{no}/supplement", words=FORM["content"])
    assert "还是这样" in ticket(no).text
    assert web.post("/demands", data=FORM | {"form_key": "again", "repeat_seen": "1"}).status_code == 303
    assert tickets() == 2
    assert web.post("/demands", data=FORM | {"form_key": "again"}).status_code == 303
    assert web.post("/demands", data=FORM | {"form_key": "far", "content": VAGUE, "place": "塔山佳园"}).status_code == 303
    assert tickets() == 3


def test_a_number_alone_tells_nobody_what_was_told_by_it(web, desk):
    write(web, PLAIN)
    stranger = desk.test_client()
    assert stranger.post("/demands", data=FORM | {"form_key": "stranger"}).status_code == 303
    assert tickets() == 2


def test_the_agent_and_the_dispatcher_see_the_same_persons_earlier_one_and_merge_into_it(web, signed_in):
    first = write(web, PLAIN)
    matter = ticket(first).matter_code
    agent = signed_in("agent1")
    form = {"content": VAGUE, "place": "金桂苑小区", "phone": "13812345678", "matter_code": matter}
    hint = agent.post("/agent/suggestions", data=form).text
    assert "重复诉求" in hint and f"/agent/tickets/{first}" in hint
    for other in ({"phone": "13900001111"}, {"matter_code": "0101"}):
        assert f"/agent/tickets/{first}" not in agent.post("/agent/suggestions", data=form | other).text
    assert agent.post("/agent/register", data=form | {"version": "0", "confidential": ""}).status_code == 303
    again = session().execute(select(func.max(Ticket.ticket_no))).scalar_one()
    desk = signed_in("dispatcher1")
    shown = desk.get(f"/dispatch/{again}").text
    assert "同一诉求人、同一事项" in shown
    assert f'name="master_no" value="{first}"' in shown
    do(desk, f"/dispatch/{again}/merge", master_no=str(first))
    assert (ticket(again).state, ticket(again).master_no, ticket(first).told_by) == (State.MERGED, first, 1)
