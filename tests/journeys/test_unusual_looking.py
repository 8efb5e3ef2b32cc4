"""Who looks at what is not their work is logged, and unusual looking waits until somebody else has answered for it."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import AccessLog, LookAlarm, Setting
from hotline.telephone import calls
from tests.journeys.front_door import VAGUE, do
from tests.makers import drain, person, send_demand
from tests.web.prepared_tickets import prepare

DAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NIGHT = DAY + timedelta(hours=14, minutes=30)  # half past midnight in the city


def alarms():
    """Whose looking waits for an answer, why, and how often."""
    query = select(LookAlarm).where(LookAlarm.answered_at.is_(None)).order_by(LookAlarm.id)
    return [(one.kind.value, one.count) for one in session().execute(query).scalars()]


def pages(no):
    """How often a page of this ticket was logged."""
    return len(session().execute(select(AccessLog.id).where(AccessLog.ticket_no == no, AccessLog.what == "page")).all())


def searched():
    """Whose record was looked up by number; no row holds a number."""
    query = select(AccessLog).where(AccessLog.what.startswith("caller")).order_by(AccessLog.id)
    found = session().execute(query).scalars()
    return [(row.ticket_no, row.what) for row in found if not re.search(r"\d{4}", row.reason)]


def setting_is(key, value):
    """The city decides otherwise."""
    with transaction():
        session().add(Setting(key=key, value={"value": value}, valid_from=DAY - timedelta(days=1), who=None, why="试"))


def looks(browser, no):
    """One logged look at an identity."""
    assert browser.post(f"/tickets/{no}/identity", data={"reason": "核对诉求人情况"}).status_code == 303


def test_many_identities_a_day_raise_an_alarm_that_somebody_else_answers(web, signed_in):
    with time_machine.travel(DAY, tick=False) as traveller:
        setting_is("looks_a_day", 2)
        mine = [send_demand(VAGUE, phone=f"+861381234560{n}") for n in range(4)]
        desk, watcher = signed_in("supervisor1"), signed_in("supervisor2")
        for no in (*mine[:2], mine[0]):
            looks(desk, no)
        assert alarms() == []
        looks(desk, mine[2])
        assert alarms() == [("many", 3)]
        number = session().execute(select(LookAlarm.id)).scalar_one()
        assert "由他人核实" in desk.get("/looks").text
        assert desk.post(f"/looks/{number}", data={"words": "本人工作需要"}).status_code == 403
        assert signed_in("dispatcher1").get("/looks").status_code == 403
        short = watcher.post(f"/looks/{number}", data={"words": "好"})
        assert (short.status_code, "请写明核实的结果" in short.text) == (422, True)
        do(signed_in("auditor"), f"/looks/{number}", words="经核实为批量回访")
        assert alarms() == [] and "经核实为批量回访" in watcher.get("/looks").text
        assert watcher.post(f"/looks/{number}", data={"words": "再核实一次"}).status_code == 409
        looks(desk, mine[3])
        assert alarms() == [("many", 4)]
        traveller.shift(timedelta(days=1))
        looks(signed_in("supervisor1"), mine[0])
        assert alarms() == [("many", 4)]
        agent = signed_in("agent1")
        with transaction():
            call = calls.arrive("CAthird")
            call.ticket_no, call.agent_id = mine[3], person("agent1").id
        for number in ("13812345600", "13812345600", "13812345601", "13812345603", "13700000000"):
            assert agent.post("/agent/tickets", data={"q": number}).status_code == 200
        assert (alarms(), searched()[-2:]) == ([("many", 4)], [(mine[3], "caller_called"), (None, "caller_unknown")])
        agent.post("/agent/tickets", data={"q": "13812345602"})
        assert alarms() == [("many", 4), ("many", 3)]
        assert "<td class=\"num\">3人</td>" in signed_in("auditor").get("/looks").text


def test_one_callers_tickets_and_the_night_are_unusual_only_outside_ones_work(web, signed_in):
    with time_machine.travel(DAY, tick=False) as traveller:
        done = [prepare("closed") for _ in range(3)]
        waiting = [prepare("to_dispatch") for _ in range(3)]
        desk = signed_in("dispatcher1")
        for no in waiting:
            assert desk.get(f"/dispatch/{no}").status_code == 200
            looks(desk, no)
        assert (alarms(), pages(waiting[0])) == ([], 0)
        for no in done[:2]:
            desk.get(f"/dispatch/{no}")
            desk.get(f"/dispatch/{no}", headers={"HX-Request": "true"})
        assert (alarms(), pages(done[0])) == ([], 1)
        desk.get(f"/dispatch/{done[2]}")
        assert alarms() == [("same_caller", 3)]
        assert re.search("反复查看同一诉求人", signed_in("auditor").get("/looks").text)
        traveller.move_to(NIGHT)
        desk = signed_in("dispatcher1")
        looks(desk, waiting[0])
        assert [kind for kind, _ in alarms()] == ["same_caller"]
        looks(desk, done[0])
        assert ("night", 1) in alarms()
    drain()
