"""A department must wait: it says until when and what it plans, the supervisor decides, the clocks stand still."""

from datetime import timedelta

import pytest
import time_machine

from hotline import clock
from hotline.background.expiring import resume_suspended
from tests.journeys.front_door import VAGUE, clock_of, do, entry, login_of, running, sent, steps, write
from tests.makers import drain, ticket
from tests.web.counting import statements

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"
ASK = {
    "reason": "须等第三方检测报告，电话13912345678", "basis": "噪声污染防治法第三十条", "plan": "报告出具后三日内约谈施工方",
    "next_on": "2026-03-16",
}  # fmt: skip
EXTEND = {"days": "3", "reason": "须等第三方检测报告", "basis": "噪声污染防治法第三十条"}


def asked(signed_in, no):
    """Signed, and a suspension asked for; the address at which it is decided."""
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/suspension", **ASK)
    return f"/dispatch/{no}/suspensions/{entry(no, 'ask_suspension').data['asked']}"


def suspended(signed_in, no):
    """Asked for and granted."""
    do(signed_in("supervisor1"), asked(signed_in, no), decision="granted", words="同意")


def tracked(web, no):
    """The requester's page, looked up again by number and phone."""
    do(web, "/track", ticket_no=str(no), proof="13812345678")
    return web.get(f"/track/{no}").text


def shown_due(no, kind="handle"):
    """The due date of the newest clock of a kind, in words."""
    return clock.shown(clock_of(no, kind).due_at)


def test_a_suspension_stops_the_clocks_until_its_next_date_and_is_told_to_all(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        handler, supervisor = signed_in(login_of(no)), signed_in("supervisor1")
        do(handler, f"/department/{no}/sign")
        before = clock_of(no, "handle").due_at
        assert clock.shown(before) == "3月17日 24:00"
        assert "3月23日 24:00" in handler.get(f"/department/{no}/suspension-date?next_on=2026-03-16").text
        do(handler, f"/department/{no}/suspension", **ASK)
        assert clock_of(no, "handle").due_at == before
        assert "挂起申请（3月16日恢复）待热线审批" in handler.get(f"/department/{no}").text
        url = f"/dispatch/{no}/suspensions/{entry(no, 'ask_suspension').data['asked']}"
        assert "挂起由督办员审批" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
        assert signed_in("dispatcher1").post(url, data={"decision": "granted", "words": ""}).status_code == 403
        assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=stops").text
        page = supervisor.get(f"/dispatch/{no}").text
        assert "3月23日 24:00" in page.partition("批准后的时限")[2].partition("</dd>")[0], "the same date as the unit saw"
        assert ASK["plan"] in page
        assert "13912345678" not in page
        do(supervisor, url, decision="granted", words="同意挂起")
        assert (ticket(no).state.value, clock_of(no, "handle").original_due_at) == ("suspended", before)
        assert (shown_due(no), shown_due(no, "contact")) == ("3月23日 24:00", "3月17日 24:00")
        assert sent(messages)[-2:] == ["department_suspended", "suspended"]
        words = "已挂起，3月16日恢复办理。"
        pages = ((handler, "department"), (supervisor, "dispatch"), (supervisor, "board/tickets"))
        for browser, desk in (*pages, (signed_in("agent1"), "agent/tickets"), (supervisor, "callback")):
            assert words in browser.get(f"/{desk}/{no}").text, desk
        assert "计划于3月16日恢复办理" in tracked(web, no)
        assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=suspended").text
        refused = handler.post(f"/department/{no}/reply", data={"public_reply": "还没办完"})
        assert refused.status_code in (409, 422)
        traveller.move_to("2026-03-15T15:59:00+00:00")
        resume_suspended()
        assert ticket(no).state.value == "suspended"
        traveller.move_to("2026-03-16T01:30:00+00:00")
        resume_suspended()
        resume_suspended()
        drain()
        assert (ticket(no).state.value, shown_due(no)) == ("handling", "3月23日 24:00")
        assert sent(messages)[-1] == "department_resumed"
        assert steps(no)[-3:] == ["ask_suspension", "suspend", "resume"]
        assert entry(no, "resume").actor_kind == "system"
        assert "已于3月16日恢复办理" in tracked(web, no)


def test_the_lead_resumes_earlier_and_only_the_time_really_paused_is_added(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        suspended(signed_in, no)
        original = clock_of(no, "handle").original_due_at
        traveller.move_to("2026-03-12T01:00:00+00:00")
        handler, lead = signed_in(login_of(no)), signed_in(login_of(no, "lead"))
        assert handler.post(f"/department/{no}/resume").status_code == 403
        assert signed_in("dispatcher1").post(f"/dispatch/{no}/resume").status_code == 403
        assert f"/department/{no}/resume" not in handler.get(f"/department/{no}").text
        assert f"/department/{no}/resume" in lead.get(f"/department/{no}").text
        do(lead, f"/department/{no}/resume")
        assert (ticket(no).state.value, shown_due(no)) == ("handling", "3月19日 24:00")
        assert clock_of(no, "handle").original_due_at == original
        assert "已于3月12日恢复办理" in tracked(web, no)
        assert lead.post(f"/department/{no}/resume").status_code == 409
        do(handler, f"/department/{no}/extension", **EXTEND)
        url = f"/dispatch/{no}/extensions/{entry(no, 'ask_extension').data['asked']}"
        do(signed_in("supervisor1"), url, decision="granted", words="同意延期")
        assert shown_due(no) == "3月24日 24:00"
        do(handler, f"/department/{no}/suspension", **(ASK | {"next_on": "2026-03-13"}))
        again = f"/dispatch/{no}/suspensions/{entry(no, 'ask_suspension').data['asked']}"
        do(signed_in("supervisor1"), again, decision="granted", words="再等一天")
        assert shown_due(no) == "3月25日 24:00"
        do(signed_in("supervisor1"), f"/dispatch/{no}/resume")
        assert shown_due(no) == "3月24日 24:00"


def test_a_refused_suspension_changes_no_date_and_one_request_waits_at_a_time(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True):
        no = write(web)
        url, before = asked(signed_in, no), clock_of(no, "handle").due_at
        handler, supervisor = signed_in(login_of(no)), signed_in("supervisor1")
        for verb, form in (("suspension", ASK), ("extension", EXTEND), ("termination", ASK)):
            second = handler.post(f"/department/{no}/{verb}", data=form)
            assert (second.status_code, "等待审批" in second.text) == (409, True), verb
        assert supervisor.post(url, data={"decision": "refused", "words": ""}).status_code == 422
        do(supervisor, url, decision="refused", words="检测可在时限内完成")
        assert (ticket(no).state.value, clock_of(no, "handle").due_at) == ("handling", before)
        assert "被驳回：检测可在时限内完成" in handler.get(f"/department/{no}").text
        assert sent(messages)[-1] == "department_not_suspended"
        assert supervisor.post(url, data={"decision": "granted", "words": ""}).status_code == 409


@pytest.mark.parametrize("next_on", ["", "2026-03-10", "2026-05-10", "soon"])
def test_the_next_date_is_a_day_to_come_within_the_citys_bound(next_on, web, signed_in):
    with time_machine.travel(TUESDAY, tick=True):
        no = write(web)
        handler = signed_in(login_of(no))
        do(handler, f"/department/{no}/sign")
        refused = handler.post(f"/department/{no}/suspension", data=ASK | {"next_on": next_on})
        assert refused.status_code == 422
        assert ASK["plan"] in refused.text
        assert "请选择" in handler.get(f"/department/{no}/suspension-date?next_on={next_on}").text
        assert ticket(no).state.value == "handling"


def test_a_late_or_a_critical_ticket_is_not_suspended(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no, urgent = write(web), write(web, VAGUE)
        form = {"department": "hbj", "matter_code": "0101", "urgency": "critical", "reason": "领导交办，请立即办理"}
        do(signed_in("dispatcher1"), f"/dispatch/{urgent}/dispatch", **form)
        helper, handler = signed_in("hbj_handler"), signed_in(login_of(no))
        do(helper, f"/department/{urgent}/sign")
        assert "不能挂起" in helper.post(f"/department/{urgent}/suspension", data=ASK).text
        assert 'data-opens="suspension"' not in helper.get(f"/department/{urgent}").text
        do(handler, f"/department/{no}/sign")
        traveller.move_to(clock_of(no, "handle").due_at + timedelta(minutes=1))
        late = signed_in(login_of(no)).post(f"/department/{no}/suspension", data=ASK | {"next_on": "2026-03-20"})
        assert (late.status_code, "已超过办理时限" in late.text) == (409, True)


def test_a_contact_made_meanwhile_meets_its_limit(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True):
        no = write(web)
        suspended(signed_in, no)
        do(signed_in(login_of(no)), f"/department/{no}/contact", contacted="yes", contact_note="已电话说明要等检测")
        assert (ticket(no).state.value, "contact" in running(no)) == ("suspended", False)


def test_a_limit_missed_before_stays_missed(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        do(signed_in(login_of(no)), f"/department/{no}/sign")
        missed, nearest = clock_of(no, "contact").due_at, ticket(no).deadline
        traveller.move_to(missed + timedelta(hours=10))
        do(signed_in(login_of(no)), f"/department/{no}/suspension", **ASK)
        url = f"/dispatch/{no}/suspensions/{entry(no, 'ask_suspension').data['asked']}"
        do(signed_in("supervisor1"), url, decision="granted", words="同意")
        assert (clock_of(no, "contact").due_at, ticket(no).deadline) == (missed, nearest)


def test_the_sweep_costs_one_statement_while_nothing_is_due(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True):
        suspended(signed_in, write(web))
        with statements() as counted:
            resume_suspended()
    assert len(counted) == 1
