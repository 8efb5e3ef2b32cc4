"""A department asks for more days: the date is shown before, the supervisor decides, the citizen is told."""

import re
from datetime import timedelta

import time_machine

from hotline import clock
from hotline.models.words import UrgencyGrade
from tests.journeys.front_door import VAGUE, clock_of, do, entry, login_of, sent, steps, write
from tests.makers import ticket

TUESDAY = "2026-03-10T02:00:00+00:00"
ASK = {"days": "3", "reason": "须等第三方检测报告", "basis": "噪声污染防治法第三十条"}


@time_machine.travel(TUESDAY, tick=True)
def test_an_extension_moves_the_due_date_once_and_is_told_to_all(web, signed_in, messages):
    no = write(web)
    before = clock_of(no, "handle").due_at
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    shown = handler.get(f"/department/{no}/extension-date?days=3").text
    assert "3月20日 24:00" in shown
    assert "最多延长5个工作日" in handler.get(f"/department/{no}/extension-date?days=6").text
    many = handler.post(f"/department/{no}/extension", data=ASK | {"days": "6"})
    assert many.status_code == 422
    assert ASK["reason"] in many.text
    do(handler, f"/department/{no}/extension", **ASK)
    assert clock_of(no, "handle").due_at == before
    assert f"/department/{no}" in handler.get("/department?tab=asked").text
    dispatcher, supervisor = signed_in("dispatcher1"), signed_in("supervisor1")
    page = dispatcher.get(f"/dispatch/{no}").text
    assert "延期由督办员审批" in page
    number = entry(no, "ask_extension").data["asked"]
    url = f"/dispatch/{no}/extensions/{number}"
    assert dispatcher.post(url, data={"decision": "granted", "words": "同意"}).status_code == 403
    assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=extensions").text
    assert re.search(r"3 个工作日.*3月20日 24:00", supervisor.get(f"/dispatch/{no}").text)
    do(supervisor, url, decision="granted", words="同意延期，请告知诉求人")
    handling = clock_of(no, "handle")
    assert handling.original_due_at == before
    assert clock.shown(handling.due_at) == "3月20日 24:00"
    granted = entry(no, "grant_extension").data
    assert granted["old_due_at"] == before.isoformat()
    assert sent(messages)[-2:] == ["department_extension_granted", "extended"]
    assert [params["due"] for _, _, params, _ in messages.sent[-2:]] == ["3月20日 24:00"] * 2, "not the nearest duty"
    assert "新的期限为3月20日 24:00" in web.get(f"/track/{no}").text
    again = handler.post(f"/department/{no}/extension", data=ASK)
    assert again.status_code == 409
    assert 'data-opens="extension"' not in handler.get(f"/department/{no}").text
    assert steps(no)[-2:] == ["ask_extension", "grant_extension"]


@time_machine.travel(TUESDAY, tick=True)
def test_a_refused_extension_changes_no_date_and_says_why(web, signed_in, messages):
    no = write(web)
    before = clock_of(no, "handle").due_at
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/extension", **ASK)
    url = f"/dispatch/{no}/extensions/{entry(no, 'ask_extension').data['asked']}"
    supervisor = signed_in("supervisor1")
    assert supervisor.post(url, data={"decision": "refused", "words": ""}).status_code == 422
    do(supervisor, url, decision="refused", words="检测可在时限内完成")
    assert clock_of(no, "handle").due_at == before
    assert "被驳回：检测可在时限内完成" in handler.get(f"/department/{no}").text
    assert sent(messages)[-1] == "department_extension_refused"


def test_a_late_or_a_critical_ticket_gets_no_extension(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no, urgent = write(web), write(web, VAGUE)
        form = {
            "department": "hbj",
            "matter_code": "0101",
            "urgency": "critical",
            "reason": "领导交办，请立即办理",
        }
        do(signed_in("dispatcher1"), f"/dispatch/{urgent}/dispatch", **form)
        assert ticket(urgent).urgency is UrgencyGrade.CRITICAL
        helper = signed_in("hbj_handler")
        do(helper, f"/department/{urgent}/sign")
        assert "不能延期" in helper.get(f"/department/{urgent}/extension-date?days=1").text
        assert helper.post(f"/department/{urgent}/extension", data=ASK | {"days": "1"}).status_code == 409
        do(signed_in(login_of(no)), f"/department/{no}/sign")
        traveller.move_to(clock_of(no, "handle").due_at + timedelta(minutes=1))
        late = signed_in(login_of(no)).post(f"/department/{no}/extension", data=ASK)
        assert late.status_code == 409
        assert "已超过办理时限" in late.text
