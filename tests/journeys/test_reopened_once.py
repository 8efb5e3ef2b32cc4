"""A closed case is reopened once, by new facts: a person dispatches it, and what was said before stays as it was."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import MachineGuess, Requester
from hotline.supervision.rates import FIGURES, Part, listed, number_of
from hotline.supervision.scope import read_scope
from hotline.tickets.identity import open_requester
from tests.journeys.front_door import (
    PLAIN,
    RECTIFIED,
    clock_of,
    do,
    entry,
    login_of,
    review_link,
    running,
    sent,
    settle,
    steps,
    write,
)
from tests.makers import ticket

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"
FACTS = "昨晚又开工了，现场负责人电话13912345678，有录像。"
FORM = {"department": "hbj", "matter_code": "0101", "reason": "夜间噪声请现场查看"}
GOOD, BAD = {"grade": "4", "solved": "solved"}, {"grade": "1", "solved": "not", "reason": "not_solved"}


def closed(web, signed_in, messages, review=GOOD):
    """A case reviewed to its end; its number."""
    no = write(web)
    settle(signed_in, no)
    assert web.post(review_link(messages), data=review).status_code == 200
    return no


def looked_up(web, no):
    """The requester proves who they are, days later."""
    do(web, "/track", ticket_no=str(no), proof="13812345678")


@time_machine.travel(TUESDAY, tick=True)
def test_the_requester_reopens_once_and_a_person_dispatches(web, signed_in, messages):
    no = closed(web, signed_in, messages)
    unit, text = ticket(no).department_id, ticket(no).text
    short = web.post(f"/track/{no}/reopen", data={"words": "又响"})
    assert (short.status_code, "请写明新情况的内容" in short.text, ticket(no).reopens) == (422, True, 0)
    do(web, f"/track/{no}/reopen", words=FACTS)
    found = ticket(no)
    assert (found.state.value, found.reopens, found.department_id) == ("to_dispatch", 1, None)
    assert (found.closed_at, found.closing_reason, running(no)) == (None, None, {"dispatch"})
    assert found.text.startswith(text + "\n新情况：昨晚又开工了")
    assert "13912345678" not in found.text
    said = open_requester(session().get_one(Requester, no)).text
    assert said == f"{PLAIN}\n新情况：{FACTS}"
    guess = session().execute(select(MachineGuess).order_by(MachineGuess.id.desc()).limit(1)).scalar_one()
    assert (guess.decision, guess.why) == ("barred", "结案后重新受理，须人工派单。")
    row = entry(no, "reopen")
    assert (row.actor_kind, row.department_id, row.data["ended_as"]) == ("requester", unit, "reviewed")
    assert sent(messages)[-1] == "reopened"
    assert "因新情况重新受理" in web.get(f"/track/{no}").text
    assert f"/dispatch/{no}" in signed_in("dispatcher1").get("/dispatch").text
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **FORM)
    settle(signed_in, no)
    assert web.post(review_link(messages), data=GOOD).status_code == 200
    assert ticket(no).state.value == "closed"
    assert f"/track/{no}/reopen" not in web.get(f"/track/{no}").text
    for browser, path in ((web, f"/track/{no}"), (signed_in("agent1"), f"/agent/tickets/{no}")):
        again = browser.post(f"{path}/reopen", data={"words": FACTS})
        assert (again.status_code, "已重新受理过一次" in again.text) == (409, True)
    assert steps(no).count("reopen") == 1


def test_an_agent_reopens_for_a_caller_within_the_citys_days(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = closed(web, signed_in, messages)
        traveller.move_to(ticket(no).closed_at + timedelta(days=30))
        looked_up(web, no)
        agent = signed_in("agent1")
        late = agent.post(f"/agent/tickets/{no}/reopen", data={"words": FACTS})
        assert (late.status_code, "超过可重新受理的天数" in late.text, FACTS in late.text) == (409, True, True)
        assert f"/track/{no}/reopen" not in web.get(f"/track/{no}").text
        assert 'data-opens="reopen"' not in agent.get(f"/agent/tickets/{no}").text
        traveller.move_to(ticket(no).closed_at + timedelta(days=30, minutes=-5))
        agent = signed_in("agent1")
        assert f"/agent/tickets/{no}/reopen" in agent.get(f"/agent/tickets/{no}").text
        kept = agent.post(f"/agent/tickets/{no}/reopen", data={"words": "嗯"})
        assert (kept.status_code, "data-open-now" in kept.text) == (422, True)
        do(agent, f"/agent/tickets/{no}/reopen", words=FACTS)
        assert (ticket(no).state.value, entry(no, "reopen").actor_role.value) == ("to_dispatch", "agent")
        assert clock.city_day(clock_of(no, "dispatch").started_at) == clock.city_day(clock.now())


@time_machine.travel(TUESDAY, tick=True)
def test_a_dispatcher_reopens_and_danger_in_the_new_words_is_heard(web, signed_in, messages):
    no = closed(web, signed_in, messages)
    dispatcher = signed_in("dispatcher1")
    assert 'data-opens="reopen"' in dispatcher.get(f"/dispatch/{no}").text
    do(dispatcher, f"/dispatch/{no}/reopen", words="工地着火了，火已经烧到二楼，有人被困。")
    assert (ticket(no).alarm_open, ticket(no).urgency.value) == (True, "emergency")


@time_machine.travel(TUESDAY, tick=True)
def test_nobody_else_reopens_and_an_open_case_is_not_reopened(web, signed_in, messages):
    no = write(web)
    early = signed_in("dispatcher1").post(f"/dispatch/{no}/reopen", data={"words": FACTS})
    assert early.status_code == 409
    settle(signed_in, no)
    web.post(review_link(messages), data=GOOD)
    for login in (login_of(no), login_of(no, "lead"), "callback1", "kbeditor", "admin"):
        browser = signed_in(login)
        assert browser.post(f"/dispatch/{no}/reopen", data={"words": FACTS}).status_code == 403, login
        assert browser.post(f"/agent/tickets/{no}/reopen", data={"words": FACTS}).status_code == 403, login
        assert browser.post(f"/track/{no}/reopen", data={"words": FACTS}).status_code == 404, login
    assert ticket(no).state.value == "closed"


@time_machine.travel(TUESDAY, tick=True)
def test_after_a_standing_bad_review_the_reopened_case_has_its_own_rounds_and_count(web, signed_in, messages):
    no = closed(web, signed_in, messages, BAD)
    for _ in range(2):
        do(signed_in(login_of(no)), f"/department/{no}/rectified", **RECTIFIED)
        do(signed_in("callback2"), f"/callback/{no}/rectification", verified="yes", words="已核实")
        web.post(review_link(messages), data=BAD)
    assert (ticket(no).closing_reason.value, ticket(no).rectify_rounds) == ("bad_review_standing", 2)
    do(web, f"/track/{no}/reopen", words=FACTS)
    assert entry(no, "reopen").data["rectify_rounds"] == 2
    scope = read_scope(("2026-03-01", "2026-03-31"), None, clock.now())
    counts = {key: number_of(listed(FIGURES[key], Part.COUNTED, scope)) for key in ("reopened", "closed")}
    assert counts == {"reopened": 1, "closed": 0}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **FORM)
    settle(signed_in, no)
    web.post(review_link(messages), data=BAD)
    assert (ticket(no).state.value, ticket(no).rectify_rounds) == ("rectifying", 1)
