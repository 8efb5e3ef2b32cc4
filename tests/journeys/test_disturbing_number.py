"""A number that disturbs is marked by two people, for a time, openly: answered last, never refused, danger heard."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Call, CallerFlag
from hotline.telephone import calls, seats
from tests.journeys.front_door import VAGUE, do, write
from tests.makers import person, ticket

NUMBER, WHY = "13800000007", "连续三天每天来电几十次，反复辱骂话务员"


def flag():
    """The newest mark."""
    query = select(CallerFlag).order_by(CallerFlag.id.desc()).limit(1)
    return session().execute(query.execution_options(populate_existing=True)).scalar_one()


def turn(call):
    """When this number's call would be answered, among others."""
    with transaction():
        seats.beat(person("agent1"))
        seats.set_state(person("agent1"), "busy")
        calls.enqueue(calls.arrive(call), NUMBER, "general")
    return session().get_one(Call, call).priority


def test_a_mark_has_a_reason_a_second_person_and_an_end(web, signed_in):
    no = write(web, VAGUE, phone=NUMBER)
    agent, boss = signed_in("agent1"), signed_in("supervisor1")
    assert agent.post(f"/agent/tickets/{no}/flag", data={"words": "烦"}).status_code == 422
    do(agent, f"/agent/tickets/{no}/flag", words=f"{WHY}，号码{NUMBER}")
    assert agent.post(f"/agent/tickets/{no}/flag", data={"words": WHY}).status_code == 409
    assert NUMBER not in flag().reason
    assert WHY in boss.get("/board/flags").text
    assert turn("CA1") == 1
    do(boss, f"/board/flags/{flag().id}", decision="granted")
    assert (turn("CA2"), flag().decided_by) == (2, person("supervisor1").id)
    waiting = session().get_one(Call, "CA2").ticket_no
    assert "骚扰标记" in agent.get(f"/agent?draft={waiting}").text
    fire = write(web, "楼道里着火了，有人被困。", phone=NUMBER, emergency_seen="1")
    assert ticket(fire).alarm_open
    with time_machine.travel(clock.now() + timedelta(days=91), tick=True):
        assert turn("CA3") == 1
    do(boss, f"/board/flags/{flag().id}", decision="refused")
    assert turn("CA4") == 1


def test_nobody_grants_a_mark_of_their_own(web, signed_in):
    no = write(web, VAGUE, phone=NUMBER)
    do(signed_in("agent1"), f"/agent/tickets/{no}/flag", words=WHY)
    with transaction():
        flag().asked_by = person("supervisor1").id
    boss = signed_in("supervisor1")
    assert 'value="granted"' not in boss.get("/board/flags").text
    do(boss, f"/board/flags/{flag().id}", decision="granted")
    assert flag().decided_at is None
