"""The second return goes to a consultation meeting: invited units see the case, the ruling binds for ever."""

import re
from functools import cache

import pytest
import time_machine
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.errors import BadInput
from hotline.models import Assignment, Consultation, Department
from hotline.models.words import Confidentiality
from hotline.tickets.city_settings import change_setting
from tests.journeys.front_door import clock_of, do, entry, login_of, running, sent, steps, work, write
from tests.journeys.test_return_and_redispatch import ASK, ask
from tests.makers import ticket

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"
CALL = {"question": "夜间施工由谁主办，电话13812345678", "meets_at": "2026-03-11T09:00", "units": ["hbj", "cgj", ""]}
RULE = {"outcome": "lead", "minutes": "三方会商认为占道施工由城管局主办", "department": "cgj", "co_departments": "hbj"}
SETTINGS = {"fallback_department": "whq", "act_first": "是"}


def returned_twice(web, signed_in, **changes):
    """Accepted once and sent to the environment bureau, which asks as well; the address of its ruling."""
    no = write(web, **changes)
    first = f"/dispatch/{no}/returns/{ask(signed_in, no)}"
    do(signed_in("dispatcher1"), first, decision="granted", department="hbj", words="理由成立，改派")
    ask(signed_in, no, proposed_department="cgj")
    return no, f"/rulings/{no}"


@time_machine.travel(TUESDAY, tick=True)
def test_invited_units_see_the_case_without_identity_write_opinions_and_the_ruling_binds(web, signed_in, messages):
    signed_in = cache(signed_in)
    no, url = returned_twice(web, signed_in)
    assert {"decide"} <= running(no)
    boss, clerk = signed_in("supervisor1"), signed_in("dispatcher1")
    assert url in boss.get(f"/dispatch/{no}").text
    assert url not in clerk.get(f"/dispatch/{no}").text
    early = boss.post(url, data=RULE)
    assert (early.status_code, "请先召集会商" in early.text, RULE["minutes"] in early.text) == (409, True, True)
    for field, value in (("units", ["hbj", "hbj"]), ("units", ["hbj", "nobody"]), ("meets_at", "2026-03-09T09:00")):
        refused = boss.post(f"{url}/meeting", data=CALL | {field: value})
        assert (refused.status_code, "夜间施工由谁主办" in refused.text) == (422, True), field
    assert clerk.post(f"{url}/meeting", data=CALL).status_code == 403
    do(boss, f"{url}/meeting", **CALL)
    assert running(no) >= {"meeting"}
    assert "3月12日 24:00</b> 前裁定" in boss.get(url).text
    assert "decide" not in running(no)
    assert sent(messages)[-2:] == ["department_meeting"] * 2
    assert boss.post(f"{url}/meeting", data=CALL).status_code == 409
    invited, other = signed_in("cgj_handler"), signed_in("rsj_handler")
    page = re.search(r"/meetings/\d+", invited.get("/department").text)[0]
    assert page not in other.get("/department").text
    assert other.get(page).status_code == other.post(f"{page}/opinion", data={"words": "我局的意见"}).status_code == 404
    assert invited.get(f"/department/{no}").status_code == 404
    seen = invited.get(page).text
    assert "金桂苑小区东侧工地" in seen
    assert ASK["reason"] in seen
    assert not [word for word in ("陈桂芳", "13812345678", "138****", "陈**") if word in seen]
    assert invited.post(f"{page}/opinion", data={"words": "否"}).status_code == 422
    do(invited, f"{page}/opinion", words="占道施工属我局职责，可以主办")
    assert "占道施工属我局职责" in boss.get(url).text
    assert "占道施工属我局职责" not in signed_in("hbj_handler").get(page).text
    page = moved_and_called_anew(signed_in, url, page, messages)
    do(boss, url, **RULE)
    lead = select(Assignment.by_ruling).where(Assignment.ticket_no == no, Assignment.round == 3, Assignment.is_lead)
    assert (login_of(no), session().execute(lead).scalar_one(), ticket(no).returns) == ("cgj_handler", True, 2)
    assert {"decide", "meeting"}.isdisjoint(running(no))
    assert clock_of(no, "meeting").met_at is not None
    assert steps(no)[-8:-3] == ["call_meeting", "give_opinion", "move_meeting", "cancel_meeting", "call_meeting"]
    assert steps(no)[-3:] == ["accept_return", "dispatch", "add_co_unit"]
    assert RULE["minutes"] in invited.get(page).text
    late = signed_in("hbj_lead").post(f"{page}/opinion", data={"words": "我局另有意见要提"})
    assert (late.status_code, "我局另有意见要提" in late.text) == (409, True)
    assert page not in invited.get("/department").text
    assert_bound(signed_in, no, "to_sign")
    work(signed_in, no)
    do(clerk, f"/dispatch/{no}/check", decision="fail", words="没有写明处罚结果，请补充")
    assert_bound(signed_in, no, "handling")


def moved_and_called_anew(signed_in, url, page, messages):
    """The convener moves the meeting, then cancels it and calls another; the page of the new invitation."""
    boss, other, invited = signed_in("supervisor1"), signed_in("supervisor2"), signed_in("cgj_handler")
    no, later = int(url.rsplit("/", 1)[1]), {"meets_at": "2026-03-11T15:00", "words": "环保局负责人出差"}
    assert other.post(f"{url}/meeting/move", data=later).status_code == 403
    refused = boss.post(f"{url}/meeting/move", data=later | {"meets_at": "2026-03-11T09:00"})
    assert (refused.status_code, "环保局负责人出差" in refused.text) == (422, True)
    do(boss, f"{url}/meeting/move", **later)
    assert "3月11日 15:00" in invited.get(page).text
    assert sent(messages)[-2:] == ["department_meeting_moved"] * 2
    assert boss.post(f"{url}/meeting/cancel", data={"words": "否"}).status_code == 422
    do(boss, f"{url}/meeting/cancel", words="住建局要求补充材料，电话13812345678")
    assert sent(messages)[-2:] == ["department_meeting_cancelled"] * 2
    cancelled = invited.get(page).text
    assert ("要求补充材料" in cancelled, "13812345678" in cancelled, "提交意见" in cancelled) == (True, False, False)
    assert invited.post(f"{page}/opinion", data={"words": "我局另有意见要提"}).status_code == 409
    assert "已取消" in invited.get("/department").text
    assert running(no) >= {"decide"}
    assert "meeting" not in running(no)
    do(boss, f"{url}/meeting", **CALL)
    return next(one for one in re.findall(r"/meetings/\d+", invited.get("/department").text) if one != page)


@time_machine.travel(TUESDAY, tick=True)
def test_the_accused_is_not_invited_and_the_present_unit_may_be_ruled_to_keep_the_case(web, signed_in):
    signed_in = cache(signed_in)
    no, url = returned_twice(web, signed_in)
    with transaction():
        ticket(no).respondent_department_id = session().execute(select_unit("cgj")).scalar_one()
        ticket(no).confidentiality = Confidentiality.CONFIDENTIAL
    boss = signed_in("supervisor1")
    accused = boss.post(f"{url}/meeting", data=CALL)
    assert (accused.status_code, "须回避" in accused.text) == (422, True)
    do(boss, f"{url}/meeting", **(CALL | {"units": ["zjj", "shuiwu"]}))
    assert company_reads(signed_in("shuiwu_handler")) == (False, True), "a company reads the extract alone"
    assert company_reads(signed_in("zjj_handler")) == (True, False)
    due = clock_of(no, "handle").due_at
    kept = RULE | {"department": "hbj", "co_departments": "cgj"}
    assert boss.post(url, data=kept).status_code == 422
    assert ticket(no).state.value == "return_pending"
    do(boss, url, **(kept | {"co_departments": "zjj"}))
    assert (ticket(no).state.value, login_of(no), clock_of(no, "handle").due_at) == ("handling", "hbj_handler", due)
    assert steps(no)[-2:] == ["reject_return", "add_co_unit"]
    assert_bound(signed_in, no, "handling")


def company_reads(browser):
    """Whether an invited unit reads the demand's words, and whether the sentence that stands for an extract."""
    listed = browser.get("/department").text
    shown = listed + browser.get(re.search(r"/meetings/\d+", listed)[0]).text
    return "金桂苑" in shown, "索取摘录" in shown


@time_machine.travel(TUESDAY, tick=True)
def test_what_no_unit_can_be_fixed_for_goes_up_and_the_fallback_unit_acts_first(web, signed_in):
    signed_in = cache(signed_in)
    no, url = returned_twice(web, signed_in)
    boss = signed_in("supervisor1")
    do(boss, f"{url}/meeting", **CALL)
    up = {"outcome": "escalated", "minutes": "各单位职责均不明确，提请政府办公室研究"}
    nowhere = boss.post(url, data=up)
    assert (nowhere.status_code, "还没有可用的兜底单位" in nowhere.text) == (422, True)
    with transaction():
        for key, value in SETTINGS.items():
            change_setting(key, value, "会商纪要要求", None)
    do(boss, url, **up)
    meeting = session().execute(select(Consultation).where(Consultation.ticket_no == no)).scalar_one()
    assert (meeting.outcome.value, login_of(no)) == ("escalated", "whq_handler")
    assert_bound(signed_in, no, "to_sign")
    urgent = write(web, "望湖路路口井盖缺失，晚上很危险，请尽快处理。", form_key="hole")
    do(signed_in("dispatcher1"), f"/dispatch/{urgent}/alarm", answer="rescuers_told", words="已电话通知现场看护")
    if ticket(urgent).department_id is None:
        form = {"department": "cgj", "matter_code": "0101", "reason": "井盖由城管局负责"}
        do(signed_in("dispatcher1"), f"/dispatch/{urgent}/dispatch", **form)
    ask(signed_in, urgent)
    assert entry(urgent, "add_co_unit").data["note"].startswith("先办后议")
    first = signed_in("whq_handler")
    do(first, f"/department/{urgent}/sign")
    assert ticket(urgent).state.value == "return_pending"
    asked = entry(urgent, "ask_return").data["asked"]
    do(signed_in("dispatcher1"), f"/dispatch/{urgent}/returns/{asked}", decision="granted", words="理由成立")
    assert first.get(f"/department/{urgent}").status_code == 404


def test_a_fallback_unit_nobody_knows_is_no_setting(desk):
    with pytest.raises(BadInput):
        change_setting("fallback_department", "nobody", "试一试", None)


def assert_bound(signed_in, no, state):
    """The department is offered no return, and refused one."""
    handler = signed_in(login_of(no))
    assert 'data-opens="return"' not in handler.get(f"/department/{no}").text
    again = handler.post(f"/department/{no}/return", data=ASK | {"proposed_department": "rsj"})
    assert (again.status_code, "裁定承办" in again.text, ticket(no).state.value) == (409, True, state)


def select_unit(code):
    """A department's number."""
    return select(Department.id).where(Department.code == code)
