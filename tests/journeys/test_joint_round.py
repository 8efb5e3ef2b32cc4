"""Two units in one round: each has its own clocks, and the round's end ends what is left of it for both."""

import pytest
import time_machine
from sqlalchemy import select

from hotline.database import session
from hotline.models import Asked, Assignment, Clock
from hotline.models.words import ClockKind, State
from tests.journeys.front_door import REPLY, VAGUE, clock_of, do, entry, login_of, running, sent, steps, work, write
from tests.makers import ALONE, ticket
from tests.web.prepared_tickets import unit_id
from tests.web.test_agent_console import FORM as AGENT_FORM
from tests.web.test_agent_console import opened

pytestmark = pytest.mark.proof

WELL = "金桂苑小区门口人行道上的自来水井盖破损下陷，行人容易踩空，请尽快更换井盖。"
TUESDAY = "2026-03-10T02:00:00+00:00"
FORM = {"department": "scj", "co_departments": "hbj", "matter_code": "0101", "reason": "经电话核实，请现场查看情况"}
RETURN = {
    "reason_code": "not_our_duty", "reason": "不由本单位审批，请改派", "basis": "市政府职责清单第三条",
    "proposed_department": "cgj",
}  # fmt: skip
WAIT = {
    "reason": "须等第三方检测报告", "basis": "噪声污染防治法第三十条", "plan": "报告出具后三日内约谈施工方", "next_on": "2026-03-16",
}  # fmt: skip
LONGER = {"reason": "需要第三方检测机构出具报告", "basis": "环境噪声监测规范第四条", "days": "2"}


def joint(web, signed_in, **changes):
    """A ticket that one unit leads and another helps with."""
    no = write(web, VAGUE, **changes)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **FORM)
    return no


def clocks(no, unit):
    """What became of the unit's clocks, by kind."""
    query = select(Clock).where(Clock.ticket_no == no, Clock.department_id == unit_id(unit)).order_by(Clock.id)
    found = session().execute(query.execution_options(populate_existing=True)).scalars()
    return {one.kind.value: "met" if one.met_at else "stopped" if one.stopped_at else "runs" for one in found}


def dues(no, unit):
    """Until when the unit's clocks run, by kind."""
    query = select(Clock).where(Clock.ticket_no == no, Clock.department_id == unit_id(unit))
    found = session().execute(query.execution_options(populate_existing=True)).scalars()
    return {one.kind.value: one.due_at for one in found}


def shares(no):
    """The shares' states, in order."""
    query = select(Assignment.state).where(Assignment.ticket_no == no).order_by(Assignment.id)
    return [state.value for state in session().execute(query).scalars()]


@time_machine.travel(TUESDAY, tick=True)
def test_what_the_lead_does_meets_no_limit_of_the_unit_that_helps(web, signed_in):
    no = joint(web, signed_in)
    do(signed_in("scj_handler"), f"/department/{no}/sign")
    do(signed_in("scj_handler"), f"/department/{no}/contact", contacted="yes", contact_note="已说明会在本周检查")
    assert clocks(no, "hbj") == {"sign": "runs", "contact": "runs", "return": "runs", "handle": "runs"}
    assert ticket(no).deadline_since > clock_of(no, "sign").started_at
    do(signed_in("hbj_handler"), f"/department/{no}/sign")
    assert clocks(no, "hbj")["sign"] == "met"
    assert f"/department/{no}/contact" in signed_in("hbj_handler").get(f"/department/{no}").text
    do(signed_in("hbj_handler"), f"/department/{no}/contact", contacted="yes", contact_note="已上门说明情况")
    work(signed_in, no)
    assert clocks(no, "hbj") == {"sign": "met", "contact": "met", "return": "stopped", "handle": "stopped"}
    assert clocks(no, "scj") == {"sign": "met", "contact": "met", "return": "stopped", "handle": "met"}
    assert shares(no) == ["done", "ended"]


@time_machine.travel(TUESDAY, tick=True)
def test_the_hotlines_own_limits_are_booked_on_no_department(web, signed_in):
    no = joint(web, signed_in)
    do(signed_in("scj_handler"), f"/department/{no}/return", **RETURN)
    number = entry(no, "ask_return").data["asked"]
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{number}", decision="granted", words="理由成立")
    assert (clock_of(no, "dispatch").department_id, running(no)) == (None, {"dispatch"})
    assert "runs" not in clocks(no, "hbj").values()
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **(FORM | {"department": "cgj"}))
    assert clock_of(no, "dispatch").met_at
    assert "dispatch" not in running(no)
    do(signed_in("hbj_handler"), f"/department/{no}/sign")
    work(signed_in, no)
    assert (clock_of(no, "check").department_id, running(no)) == (None, {"check"})
    assert "runs" not in clocks(no, "hbj").values()
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    answers = {"connected": "yes", "contacted": "yes", "solved": "not", "satisfied": "1", "note": "没有解决"}
    do(signed_in("callback1"), f"/callback/{no}", **answers)
    assert clock_of(no, "check").met_at
    assert running(no) == {"rehandle"}


@time_machine.travel(TUESDAY, tick=True)
def test_more_time_for_the_lead_is_more_time_for_the_unit_that_helps(web, signed_in):
    no = joint(web, signed_in)
    do(signed_in("scj_handler"), f"/department/{no}/sign")
    do(signed_in("scj_handler"), f"/department/{no}/extension", **LONGER)
    number = entry(no, "ask_extension").data["asked"]
    do(signed_in("supervisor1"), f"/dispatch/{no}/extensions/{number}", decision="granted")
    both = select(Clock.due_at).where(Clock.ticket_no == no, Clock.kind == ClockKind.HANDLE)
    found = session().execute(both).scalars().all()
    assert (len(found), len(set(found))) == (2, 1)
    assert found[0] > clock_of(no, "handle").original_due_at


def test_while_the_lead_waits_the_limits_of_the_unit_that_helps_stand_still_too(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = joint(web, signed_in)
        do(signed_in("scj_handler"), f"/department/{no}/sign")
        before = dues(no, "hbj")
        do(signed_in("scj_handler"), f"/department/{no}/suspension", **WAIT)
        number = entry(no, "ask_suspension").data["asked"]
        do(signed_in("supervisor1"), f"/dispatch/{no}/suspensions/{number}", decision="granted", words="同意")
        paused = dues(no, "hbj")
        assert {kind for kind in before if paused[kind] > before[kind]} == {"sign", "contact", "return", "handle"}
        assert paused["handle"] == dues(no, "scj")["handle"]
        traveller.move_to("2026-03-12T01:00:00+00:00")
        do(signed_in("scj_lead"), f"/department/{no}/resume")
        again = dues(no, "hbj")
        assert again["handle"] == dues(no, "scj")["handle"]
        assert {kind for kind in before if before[kind] < again[kind] < paused[kind]} == set(before)


@pytest.mark.parametrize("way", ["returned", "submitted", "again"])
def test_a_share_of_a_round_that_is_over_can_no_longer_be_signed_and_its_unit_hears_of_it(
    web, signed_in, messages, way
):
    no = joint(web, signed_in)
    helper, lead = signed_in("hbj_handler"), signed_in(login_of(no))
    if way == "returned":
        do(lead, f"/department/{no}/return", **RETURN)
        number = entry(no, "ask_return").data["asked"]
        do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{number}", decision="granted", words="理由成立")
        assert shares(no) == ["ended", "ended"]
        assert sorted(sent(messages)[-2:]) == ["department_return_accepted", "department_taken_back"]
        assert helper.post(f"/department/{no}/sign").status_code == 404
        assert f"/department/{no}" not in helper.get("/department?tab=helping").text
        return
    work(signed_in, no)
    assert sent(messages)[-1] == "department_taken_back"
    if way == "again":
        do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="fail", words="没有写明处罚结果，请补充")
    assert shares(no)[:2] == ["done", "ended"]
    late = helper.post(f"/department/{no}/sign")
    assert (late.status_code, "本轮协办已经结束" in late.text) == (409, True)


@time_machine.travel(TUESDAY, tick=True)
def test_an_extension_nobody_decided_in_time_is_overtaken_by_the_result_and_leaves_the_drawer(web, signed_in):
    no = write(web)
    handler, boss = signed_in(login_of(no)), signed_in("supervisor1")
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/extension", **LONGER)
    number = entry(no, "ask_extension").data["asked"]
    assert f"/dispatch/{no}" in boss.get("/dispatch?tab=extensions").text
    do(handler, f"/department/{no}/reply", **REPLY)
    do(signed_in(login_of(no, "lead")), f"/department/{no}/submit", without=ALONE)
    assert session().execute(select(Asked.decision).where(Asked.id == number)).scalar_one().value == "overtaken"
    assert f"/dispatch/{no}" not in boss.get("/dispatch?tab=extensions").text
    assert boss.post(f"/dispatch/{no}/extensions/{number}", data={"decision": "granted"}).status_code == 409
    assert "未及审批，已随办理结束失效" in handler.get(f"/department/{no}").text
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="fail", words="没有写明处罚结果，请补充")
    assert 'data-opens="extension"' in handler.get(f"/department/{no}").text
    do(handler, f"/department/{no}/extension", **(LONGER | {"days": "1"}))
    assert ticket(no).state is State.HANDLING


def test_the_machine_and_the_agent_call_in_the_units_that_the_duty_list_names_to_help(web, signed_in):
    no = write(web, WELL)
    assert steps(no) == ["receive", "classify", "dispatch", "add_co_unit"]
    assert login_of(no) == "shuiwu_handler"
    assert f"/department/{no}" in signed_in("cgj_handler").get("/department?tab=helping").text
    agent = signed_in("agent1")
    told = opened(agent)
    chosen = {"department": "shuiwu", "matter_code": "0202", "content": WELL, "request_type": "help"}
    assert agent.post("/agent/register", data={**AGENT_FORM, **chosen, "ticket_no": told}).status_code == 303
    assert steps(told)[-2:] == ["dispatch", "add_co_unit"]
    assert entry(told, "add_co_unit").data["department"] == unit_id("cgj")
