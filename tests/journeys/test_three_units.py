"""Three units in one ticket: who leads, who helps and who is handed a part, each with its own share and limits."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Assignment, Clock, TicketCopy
from hotline.models.words import ClockKind
from hotline.tickets import ending, handle
from tests.journeys.front_door import REPLY, VAGUE, clock_of, do, entry, sent, settle, steps, write
from tests.journeys.test_joint_round import FORM, LONGER, RETURN, TUESDAY, clocks, dues, joint
from tests.makers import person, ticket
from tests.web.prepared_tickets import unit_id

pytestmark = pytest.mark.proof

BY_WHQ = FORM | {"department": "whq", "co_departments": ""}
TASK = {"department": "hbj", "words": "请现场监测夜间噪声"}
PART = REPLY | {"facts": "监测值超过夜间限值", "public_reply": "我们已监测，夜间噪声超标。"}
WHY = {"without": "监测报告须送省站复核，已先行答复"}


def share_of(no, unit):
    """The newest share of a unit."""
    query = select(Assignment).where(Assignment.ticket_no == no, Assignment.department_id == unit_id(unit))
    return session().execute(
        query.order_by(Assignment.id.desc()).limit(1).execution_options(populate_existing=True)
    ).scalar_one()  # fmt: skip


def typed_moment(moment):
    """A moment as the browser's field for date and time writes it."""
    return f"{clock.in_city(moment):%Y-%m-%dT%H:%M}"


@time_machine.travel(TUESDAY, tick=True)
def test_a_unit_called_in_later_does_its_part_by_its_own_limit_and_the_lead_answers(web, signed_in, messages):
    no = write(web, VAGUE)
    desk, lead, helper = signed_in("dispatcher1"), signed_in("scj_handler"), signed_in("hbj_handler")
    do(desk, f"/dispatch/{no}/dispatch", **(FORM | {"co_departments": ""}))
    do(lead, f"/department/{no}/sign")
    assert helper.get(f"/department/{no}").status_code == 404
    due = clock_of(no, "handle").due_at
    late = desk.post(f"/dispatch/{no}/shares", data=TASK | {"until": typed_moment(due + timedelta(days=1))})
    assert (late.status_code, "不能晚于" in late.text, "请现场监测夜间噪声" in late.text) == (422, True, True)
    soon = due - timedelta(days=1)
    do(desk, f"/dispatch/{no}/shares", **TASK, until=typed_moment(soon))
    assert sent(messages)[-1] == "department_ticket"
    assert messages.sent[-1][2]["due"] == clock.shown(dues(no, "hbj")["sign"])
    assert (dues(no, "hbj")["handle"], clock_of(no, "handle").due_at) == (soon, due)
    again = desk.post(f"/dispatch/{no}/shares", data=TASK)
    assert (again.status_code, "该单位正在办理本工单" in again.text) == (422, True)

    listed = helper.get("/department?tab=helping").text
    assert (f"/department/{no}" in listed, "待签收" in listed) == (True, True)
    assert f"/department/{no}" not in signed_in("cgj_handler").get("/department?tab=helping").text
    do(helper, f"/department/{no}/sign")
    page = helper.get(f"/department/{no}").text
    assert "市级：已派单；市市场监管局：办理中；市生态环境局：办理中" in page
    assert page.count("/submit") == 0
    longer(signed_in, no, messages, (soon, due))
    do(helper, f"/department/{no}/contact", contacted="yes", contact_note="已约定监测时间")
    do(helper, f"/department/{no}/reply", **PART)
    assert helper.post(f"/department/{no}/hand-in").status_code == 403
    assert (ticket(no).state.value, share_of(no, "hbj").state.value) == ("handling", "replied")
    do(signed_in("hbj_lead"), f"/department/{no}/hand-in")
    assert clocks(no, "hbj") == {"sign": "met", "contact": "met", "return": "stopped", "handle": "met"}
    assert clock_of(no, "contact").met_at is None
    assert f"/department/{no}" not in helper.get("/department?tab=helping").text
    assert sent(messages)[-1] == "department_handed_in"
    page = lead.get(f"/department/{no}?use={share_of(no, 'hbj').id}").text
    assert "夜间噪声超标" in page.partition('id="reply-form"')[2]
    settle(signed_in, no)
    tracked = web.post("/track", data={"ticket_no": str(no), "proof": "13812345678"}, follow_redirects=True).text
    assert ("责令工地停止夜间施工" in tracked, "夜间噪声超标" in tracked) == (True, False)
    assert "市市场监管局（已提交办结）、市生态环境局（已提交办结）" in tracked
    assert "延期" not in tracked, "a helper's limit is no business of the requester"


def longer(signed_in, no, messages, until):
    """The helping unit asks for one more day of its own limit, as many as the lead's allows, and gets it."""
    (before, last), helper, desk = until, signed_in("hbj_handler"), signed_in("dispatcher1")
    page = helper.get(f"/department/{no}").text
    assert ("1 个工作日" in page, "2 个工作日" in page) == (True, False)
    refused = helper.post(f"/department/{no}/extension", data=LONGER)
    assert (refused.status_code, "不能晚于" in refused.text, LONGER["reason"] in refused.text) == (422, True, True)
    assert clock.shown(last) in helper.get(f"/department/{no}/extension-date?days=1").text
    do(helper, f"/department/{no}/extension", **(LONGER | {"days": "1"}))
    asked = entry(no, "ask_extension").data["asked"]
    assert "市生态环境局" in desk.get(f"/dispatch/{no}").text.partition("协办延期申请")[2]
    assert "待热线审批" in helper.get(f"/department/{no}").text
    do(desk, f"/dispatch/{no}/extensions/{asked}", decision="granted", words="监测须在夜间进行")
    assert (dues(no, "hbj")["handle"], dues(no, "scj")["handle"]) == (last, last)
    row = entry(no, "grant_share_extension")
    assert row.data["old_due_at"] == before.isoformat(), "both dates are kept"
    assert sent(messages)[-1] == "department_share_extension"
    assert helper.post(f"/department/{no}/extension", data=LONGER | {"days": "1"}).status_code == 409, "once"
    assert desk.post(f"/dispatch/{no}/extensions/{asked}", data={"decision": "granted"}).status_code == 409


@time_machine.travel(TUESDAY, tick=True)
def test_the_lead_submits_without_a_late_helper_only_with_a_reason_that_names_it(web, signed_in):
    no = joint(web, signed_in)
    handler, lead = signed_in("scj_handler"), signed_in("scj_lead")
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/reply", **REPLY)
    assert "市生态环境局尚未交回" in lead.get(f"/department/{no}").text
    refused = lead.post(f"/department/{no}/submit")
    assert (refused.status_code, "市生态环境局尚未交回，请等其交回" in refused.text) == (422, True)
    do(lead, f"/department/{no}/submit", **WHY)
    told = entry(no, "submit").data
    assert told["late"] == [unit_id("hbj")]
    assert told["reason"] == "市生态环境局未交回：监测报告须送省站复核，已先行答复"
    assert (share_of(no, "hbj").state.value, share_of(no, "hbj").late) == ("ended", True)
    assert "市生态环境局：未交回" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
    assert "runs" not in clocks(no, "hbj").values()


@time_machine.travel(TUESDAY, tick=True)
def test_a_unit_hands_a_part_down_sees_what_comes_back_and_may_take_it_back(web, signed_in, messages):
    no = write(web, VAGUE)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **BY_WHQ)
    district, bureau = signed_in("whq_handler"), signed_in("whq_cg_handler")
    do(district, f"/department/{no}/sign")
    down = {"department": "whq-cg", "words": "请派人到现场核查"}
    foreign = district.post(f"/department/{no}/hand-down", data=down | {"department": "hbj"})
    assert (foreign.status_code, "请选择本单位的下级单位" in foreign.text) == (422, True)
    do(district, f"/department/{no}/hand-down", **down)
    assert sent(messages)[-1] == "department_ticket"
    assert clocks(no, "whq-cg") == {"sign": "runs", "handle": "runs"}
    assert dues(no, "whq-cg")["handle"] == clock_of(no, "handle").due_at
    do(bureau, f"/department/{no}/sign")
    refused = bureau.post(f"/department/{no}/return", data=RETURN)
    assert (refused.status_code, "请与下派单位商定收回" in refused.text) == (409, True)
    do(bureau, f"/department/{no}/reply", **PART)
    do(signed_in("whq_cg_lead"), f"/department/{no}/hand-in")
    page = district.get(f"/department/{no}").text
    assert ("望湖区下派" in page, "监测值超过夜间限值" in page) == (True, True)

    do(district, f"/department/{no}/hand-down", **down)
    second = share_of(no, "whq-cg")
    assert bureau.post(f"/department/{no}/shares/{second.id}/take-back", data={"words": "不需要了，谢谢"}).status_code == 403
    do(district, f"/department/{no}/shares/{second.id}/take-back", words="现场已由街道核查")
    assert (share_of(no, "whq-cg").state.value, ticket(no).state.value) == ("ended", "handling")
    assert set(clocks(no, "whq-cg").values()) <= {"met", "stopped"}
    assert steps(no)[-2:] == ["hand_down", "take_back"]
    assert "撤回协办或下派：望湖区城管局" in district.get(f"/department/{no}").text
    settle(signed_in, no)


@time_machine.travel(TUESDAY, tick=True)
def test_a_helper_gives_nothing_back_while_a_unit_below_it_still_works(web, signed_in):
    no = write(web, VAGUE)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **(FORM | {"co_departments": "whq"}))
    helper = signed_in("whq_lead")
    do(helper, f"/department/{no}/sign")
    do(helper, f"/department/{no}/hand-down", department="whq-cg", words="请派人到现场核查")
    refused = helper.post(f"/department/{no}/return", data=RETURN)
    assert (refused.status_code, "下派的单位尚未交回" in refused.text) == (409, True)
    do(helper, f"/department/{no}/reply", **PART)
    assert helper.post(f"/department/{no}/hand-in").status_code == 409
    number = share_of(no, "whq").id
    do(signed_in("dispatcher1"), f"/dispatch/{no}/shares/{number}/take-back", words="主办单位可独自办理")
    assert steps(no)[-2:] == ["take_back", "take_back"]
    assert {share_of(no, unit).state.value for unit in ("whq", "whq-cg")} == {"ended"}


@time_machine.travel(TUESDAY, tick=True)
def test_a_helper_is_rid_of_its_share_when_the_dispatcher_agrees_and_the_lead_works_on(web, signed_in):
    no, other = joint(web, signed_in), joint(web, signed_in, name="周敏")
    desk, helper = signed_in("dispatcher1"), signed_in("hbj_handler")
    do(signed_in("scj_handler"), f"/department/{no}/sign")
    do(helper, f"/department/{no}/return", **RETURN)
    assert (ticket(no).state.value, share_of(no, "hbj").state.value) == ("handling", "return_pending")
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=returns").text
    number, page = entry(no, "ask_return").data["asked"], desk.get(f"/dispatch/{no}").text
    assert f"/returns/{number}" in page, "the dispatcher decides while the lead works on"
    assert ("市生态环境局" in page.partition("协办退单申请")[2].partition("</dl>")[0], "须经会商" in page) == (True, False)
    do(desk, f"/dispatch/{no}/returns/{number}", decision="granted", words="理由成立", department="cgj")
    assert (ticket(no).state.value, ticket(no).returns, ticket(no).department_id) == ("handling", 0, unit_id("scj"))
    assert (share_of(no, "hbj").state.value, share_of(no, "cgj").state.value) == ("ended", "to_sign")
    assert set(clocks(no, "hbj").values()) == {"met", "stopped"}
    assert (dues(no, "cgj")["handle"], clocks(no, "scj")["handle"]) == (dues(no, "scj")["handle"], "runs")
    assert helper.get(f"/department/{no}").status_code == 404
    ruled_on(signed_in, no, RETURN | {"proposed_department": "hbj"})

    do(helper, f"/department/{other}/return", **RETURN)
    number = entry(other, "ask_return").data["asked"]
    do(desk, f"/dispatch/{other}/returns/{number}", decision="refused", words="噪声监测是贵局职责")
    assert share_of(other, "hbj").state.value == "handling"
    withdrawn = share_of(other, "hbj").id
    assert signed_in("scj_handler").post(f"/department/{other}/shares/{withdrawn}/take-back").status_code == 403
    do(desk, f"/dispatch/{other}/shares/{withdrawn}/take-back", words="主办单位可独自办理")
    assert helper.get(f"/department/{other}").status_code == 404
    assert ticket(other).state.value == "to_sign"


def ruled_on(signed_in, no, form):
    """The next unit gives the part back as well: a meeting names who does it, for ever, and the lead works on."""
    desk, boss, helper = signed_in("dispatcher1"), signed_in("supervisor1"), signed_in("cgj_handler")
    assert "本次由督办员裁定" in helper.get(f"/department/{no}").text
    do(helper, f"/department/{no}/return", **form)
    asked, page = f"/dispatch/{no}/returns/{entry(no, 'ask_return').data['asked']}", desk.get(f"/dispatch/{no}").text
    assert (asked in page, "协办已被退回过，须经会商" in page) == (False, True)
    early = desk.post(asked, data={"decision": "granted", "words": "再换一个单位办"})
    assert (early.status_code, "再换一个单位办" in early.text) == (409, True)
    assert f"/rulings/{no}" in boss.get(f"/dispatch/{no}").text
    meeting = {"question": "夜间噪声由谁监测", "meets_at": "2026-03-11T09:00", "units": ["hbj", "cgj"]}
    do(boss, f"/rulings/{no}/meeting", **meeting)
    assert "夜间噪声由谁监测" in signed_in("hbj_handler").get("/department").text
    ruling = {"outcome": "lead", "minutes": "会商认为监测由生态环境局承担", "department": "hbj"}
    do(boss, f"/rulings/{no}", **ruling)
    assert (share_of(no, "hbj").by_ruling, share_of(no, "cgj").state.value) == (True, "ended")
    assert (dues(no, "hbj")["handle"] <= dues(no, "scj")["handle"], ticket(no).state.value) == (True, "handling")
    assert (ticket(no).department_id, ticket(no).returns) == (unit_id("scj"), 0)
    refused = signed_in("hbj_handler").post(f"/department/{no}/return", data=RETURN)
    assert (refused.status_code, "裁定承办" in refused.text) == (409, True)


@time_machine.travel(TUESDAY, tick=True)
def test_more_time_for_the_lead_never_shortens_the_limit_of_a_helper(web, signed_in):
    no = joint(web, signed_in)
    do(signed_in("scj_handler"), f"/department/{no}/sign")
    later = clock.now() + timedelta(days=60)
    mine = (Clock.ticket_no == no, Clock.department_id == unit_id("hbj"), Clock.kind == ClockKind.HANDLE)
    session().execute(Clock.__table__.update().where(*mine).values(due_at=later))
    session().commit()
    do(signed_in("scj_handler"), f"/department/{no}/extension", **LONGER)
    number = entry(no, "ask_extension").data["asked"]
    do(signed_in("supervisor1"), f"/dispatch/{no}/extensions/{number}", decision="granted")
    assert dues(no, "hbj")["handle"] == later
    assert dues(no, "scj")["handle"] > clock_of(no, "handle").original_due_at


def test_what_goes_straight_to_a_street_is_read_by_its_district_and_a_village_only_helps(web, signed_in):
    no = write(web, VAGUE)
    desk, district = signed_in("dispatcher1"), signed_in("whq_lead")
    village = desk.post(f"/dispatch/{no}/dispatch", data=FORM | {"department": "whq-hb-jg"})
    assert (village.status_code, "村（居）民委员会只协助办理" in village.text) == (422, True)
    do(desk, f"/dispatch/{no}/dispatch", **(FORM | {"department": "whq-hb", "co_departments": "whq-hb-jg"}))
    assert session().execute(select(TicketCopy.department_id)).scalars().all() == [unit_id("whq")]
    assert f"/department/{no}" in district.get("/department/copies").text
    page = district.get(f"/department/{no}").text
    assert ("只能查看" in page, f"/department/{no}/" in page, "查看诉求人" in page) == (True, False, False)
    for form in ("sign", "reply", "submit", "hand-in"):
        assert district.post(f"/department/{no}/{form}", data=REPLY).status_code in (403, 409)
    assert district.post(f"/tickets/{no}/identity", data={"reason": "想知道是谁反映的"}).status_code == 403

    accused = write(web, VAGUE, name="周敏")
    form = FORM | {"department": "whq-hb", "respondent": "whq-cg", "co_departments": ""}
    do(desk, f"/dispatch/{accused}/dispatch", **form)
    told = desk.post(f"/dispatch/{accused}/shares", data=TASK | {"department": "whq-cg"})
    assert (told.status_code, "须回避" in told.text) == (422, True)


def test_the_screens_of_all_units_hear_of_what_one_does_even_of_the_end(web, signed_in):
    no = joint(web, signed_in)
    units = {f"department:{unit_id(code)}" for code in ("scj", "hbj")}
    for step in (handle.sign, lambda case, who: handle.contact(case, who, "已约定上门时间")):
        with transaction() as current:
            step(ticket(no), person("hbj_handler"))
            assert units <= current.info["topics"]
    with transaction() as current:
        ending.withdraw(ticket(no))
        assert units <= current.info["topics"]


@pytest.mark.parametrize("written", ["明天", "2020-01-01T10:00"])
def test_a_limit_that_is_none_or_gone_is_refused_and_nothing_typed_is_lost(web, signed_in, written):
    no = joint(web, signed_in)
    form = TASK | {"department": "cgj", "until": written}
    refused = signed_in("dispatcher1").post(f"/dispatch/{no}/shares", data=form)
    assert (refused.status_code, "请现场监测夜间噪声" in refused.text) == (422, True)
    assert ("请填写截止的日期和时间" in refused.text) != ("请选择以后的时间" in refused.text)
