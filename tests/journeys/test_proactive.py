"""What nobody complained of is dispatched like anything else and counted apart; test calls are counted nowhere."""

import re

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Ticket
from hotline.models.words import ClosingReason, Source, State
from hotline.supervision.rates import FIGURES, Part, listed
from hotline.supervision.scope import Scope
from hotline.tickets.city_settings import change_setting
from tests.journeys.front_door import do, login_of, work, write
from tests.makers import ticket
from tests.web.test_agent_console import FORM, opened

FOUND = {"form_key": "patrol-1", "content": "望湖路与湖滨路口有井盖破损下陷，行人容易踩空。", "place": "望湖区望湖路路口"}


def counted(part):
    """The numbers of all tickets that some figure lists."""
    today = clock.city_day(clock.now())
    scope = Scope(today, today, clock.now())
    lists = (session().execute(listed(figure, part, scope)).scalars() for figure in FIGURES.values())
    return {one.ticket_no for behind in lists for one in behind}


def test_a_problem_nobody_complained_of_goes_its_way_without_callback_or_review(signed_in):
    agent = signed_in("agent1")
    for _ in range(2):
        do(agent, "/proactive", **FOUND)
    no = session().execute(select(Ticket.ticket_no)).scalar_one()
    assert ticket(no).source is Source.PROACTIVE
    assert "等待派单" in agent.get("/proactive").text
    if ticket(no).state is State.TO_DISPATCH:
        form = {"department": "cgj", "matter_code": "0202", "reason": "请现场查看"}
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **form)
    behind = re.search(r'href="([^"]*figure=proactive[^"]*)"', signed_in("supervisor1").get("/board").text)[1]
    assert f"/{no}" in signed_in("supervisor1").get(behind.replace("&amp;", "&")).text
    assert "未诉先办" in signed_in(login_of(no)).get("/department").text
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    do(signed_in("callback1"), f"/callback/{no}/unreached")
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.NO_CONTACT)
    assert no in counted(Part.EXCLUDED)


@pytest.mark.parametrize(("field", "typed"), [("content", "坏了"), ("place", ""), ("content", "长" * 5001)])
def test_what_cannot_be_registered_is_shown_again_with_a_sentence(signed_in, field, typed):
    answer = signed_in("agent1").post("/proactive", data=FOUND | {field: typed})
    assert answer.status_code == 422
    assert FOUND["place" if field == "content" else "content"] in answer.text
    assert session().execute(select(Ticket)).first() is None


def test_what_comes_from_a_test_number_enters_no_figure(web, signed_in):
    with transaction():
        change_setting("test_numbers", "13812345678，1990000001", "试拨专用号码", None)
    tested, real = write(web), write(web, phone="13912345678")
    assert (ticket(tested).is_test, ticket(real).is_test) == (True, False)
    agent = signed_in("agent1")
    told = int(opened(agent))
    do(agent, "/agent/register", **FORM, ticket_no=told)
    assert ticket(told).is_test, "an agent who tries the line out may type the number"
    assert {tested, told}.isdisjoint(counted(Part.ALL))
    assert real in counted(Part.ALL)
