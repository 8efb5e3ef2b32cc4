"""A demand the machine is unsure about: the dispatcher sees its best guesses and decides."""

import time_machine
from sqlalchemy import select

from hotline.background.reading import apply_reading, read_batch
from hotline.database import session, transaction
from hotline.models import Assignment, MachineGuess, OutboxRow
from hotline.models.words import RequestType, State, UrgencyGrade
from hotline.tickets.dispatch import latest_guess
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.supplement import supplement
from hotline.web.shown import ticket_time
from tests.journeys.front_door import VAGUE, clock_of, do, entry, running, sent, steps, write
from tests.makers import drain, send_demand, ticket


def test_an_unsure_demand_waits_for_the_dispatcher_who_may_choose_otherwise(web, signed_in):
    no, noise = write(web, VAGUE), write(web)
    assert (ticket(no).state, ticket(noise).state) == (State.TO_DISPATCH, State.TO_SIGN)
    assert running(no) == {"dispatch"}
    desk = signed_in("dispatcher1")
    listed = desk.get("/dispatch").text
    assert f"/dispatch/{no}" in listed
    assert f"/dispatch/{noise}" not in listed
    page = desk.get(f"/dispatch/{no}").text
    guess = session().execute(select(MachineGuess).where(MachineGuess.ticket_no == no)).scalar_one()
    assert guess.decision == "to_dispatcher"
    assert page.count('class="opt"') == min(3, len(guess.routes) or len(guess.guesses))
    assert "%" in page
    assert "138****5678" in page
    assert "13812345678" not in page


def test_a_dispatch_without_a_row_of_the_duty_list_needs_its_reason_and_loses_nothing(web, signed_in, messages):
    no = write(web, VAGUE)
    desk = signed_in("dispatcher1")
    form = {
        "department": "scj", "matter_code": "0101", "request_type": "complaint", "urgency": "urgent",
        "co_departments": "hbj",
    }  # fmt: skip
    refused = desk.post(f"/dispatch/{no}/dispatch", data=form | {"reason": "试"})
    assert refused.status_code == 422
    assert "没有对应的确责条目，请写明派单依据。" in refused.text
    assert 'value="试"' in refused.text
    assert '<option value="scj" selected>' in refused.text
    assert ticket(no).state is State.TO_DISPATCH
    do(desk, f"/dispatch/{no}/dispatch", **form, reason="经电话核实属市场监管，请现场查看")
    found = ticket(no)
    assert (found.state, found.urgency) == (State.TO_SIGN, UrgencyGrade.URGENT)
    assert found.request_type is RequestType.COMPLAINT
    assert steps(no) == ["receive", "classify", "dispatch", "add_co_unit"]
    assert entry(no, "dispatch").data["changed"]["urgency"] == ["normal", "urgent"]
    assert running(no) == {"sign", "contact", "return", "handle"}
    guess = session().execute(select(MachineGuess).where(MachineGuess.ticket_no == no)).scalar_one()
    assert guess.chosen_department_id == found.department_id
    query = select(Assignment).where(Assignment.ticket_no == no).order_by(Assignment.id)
    shares = session().execute(query).scalars().all()
    assert [share.is_lead for share in shares] == [True, False]
    assert sent(messages) == ["ticket_received", "department_urgent", "department_ticket"]
    lead_unit, helper = signed_in("scj_handler"), signed_in("hbj_handler")
    assert "经电话核实属市场监管" in lead_unit.get(f"/department/{no}").text
    assert f"/department/{no}" in helper.get("/department?tab=helping").text
    assert "协办 " in helper.get(f"/department/{no}").text
    do(helper, f"/department/{no}/sign")
    assert ticket(no).state is State.TO_SIGN
    shares = select(Assignment.state).where(Assignment.ticket_no == no).order_by(Assignment.id)
    assert [state.value for state in session().execute(shares).scalars()] == ["to_sign", "handling"]
    assert helper.post(f"/department/{no}/submit").status_code == 403
    assert signed_in("zjj_handler").get(f"/department/{no}").status_code == 404


def test_the_light_of_an_old_demand_is_green_when_its_department_has_just_got_it(web, signed_in):
    with time_machine.travel("2026-03-10T02:00:00+00:00", tick=True) as traveller:
        no = write(web, VAGUE)
        traveller.move_to("2026-03-30T02:00:00+00:00")
        assert ticket_time(ticket(no)).level == "bad"
        form = {"department": "scj", "matter_code": "0101", "reason": "经电话核实，请现场查看"}
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **form)
        left = ticket_time(ticket(no))
        assert (left.level, left.used, left.started_at) == ("ok", 0, clock_of(no, "sign").started_at)
        traveller.move_to(left.started_at + (left.due_at - left.started_at) * 0.8)
        assert ticket_time(ticket(no)).level == "warn"


def test_a_quicker_colleague_leaves_the_second_dispatcher_a_sentence_and_what_was_typed(web, signed_in):
    no = write(web, VAGUE)
    form = {"department": "scj", "matter_code": "0101", "reason": "经电话核实，请现场查看"}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **form)
    late = signed_in("dispatcher2").post(f"/dispatch/{no}/dispatch", data=form)
    assert late.status_code == 409
    assert "工单状态已经变化" in late.text
    assert "经电话核实，请现场查看" in late.text
    assert steps(no).count("dispatch") == 1


def test_a_dispatcher_asks_for_more_and_the_added_words_are_heard_for_danger(web, signed_in):
    no = write(web, VAGUE)
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{no}/ask-more", question="请问具体在哪里，是什么情况？")
    assert ticket(no).state is State.TO_SUPPLEMENT
    assert running(no) == {"supplement"}
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=to_supplement").text
    do(desk, f"/dispatch/{no}/supplement", words="诉求人补充：楼道里燃气泄漏，气味很重。")
    found = ticket(no)
    assert (found.state, found.alarm_open) == (State.TO_DISPATCH, True)
    page = desk.get(f"/dispatch/{no}").text
    assert "可能有危险" in page
    assert desk.post(f"/dispatch/{no}/alarm", data={"answer": "to_119", "words": "好"}).status_code == 422
    do(desk, f"/dispatch/{no}/alarm", answer="to_119", words="已三方通话转119并通知燃气集团")
    do(desk, f"/dispatch/{no}/transfer", line="119", words="119已接警出动，诉求人已撤离")
    done = ticket(no)
    assert (done.state.value, done.closing_reason.value) == ("transferred", "transferred")
    assert running(no) == set()


def test_the_same_matter_told_twice_is_merged_and_its_requester_told(web, signed_in, messages):
    master, again = write(web), write(web, VAGUE)
    desk = signed_in("dispatcher1")
    assert f"/dispatch/{master}" in desk.get(f"/dispatch/{again}").text
    assert desk.post(f"/dispatch/{again}/merge", data={"master_no": "20260101"}).status_code == 422
    assert desk.post(f"/dispatch/{again}/merge", data={"master_no": str(again)}).status_code == 422
    do(desk, f"/dispatch/{again}/merge", master_no=str(master))
    merged = ticket(again)
    assert (merged.state.value, merged.master_no) == ("merged", master)
    assert ticket(master).state is State.TO_SIGN
    assert entry(master, "amend").data["merged"] == again
    assert "merged" in sent(messages)


def test_a_refusal_needs_a_reason_of_the_list_and_is_told(web, signed_in, messages):
    no = write(web, VAGUE)
    desk = signed_in("dispatcher1")
    typed = {"reason_code": "bribe", "words": "该事项已在法院审理，请等候判决。"}
    refused = desk.post(f"/dispatch/{no}/refuse", data=typed)
    assert refused.status_code == 422
    assert typed["words"] in refused.text
    assert desk.post(f"/dispatch/{no}/refuse", data=typed | {"reason_code": "legal_route"}).status_code == 422
    do(desk, f"/dispatch/{no}/refuse", reason_code="legal_route", route="litigation", words=typed["words"])
    assert ticket(no).closing_reason.value == "not_accepted"
    assert sent(messages)[-1] == "not_accepted"
    assert typed["words"] in web.get(f"/track/{no}").text


def test_what_was_said_while_the_machine_read_is_heard_before_anything_is_dispatched(desk):
    no = int(send_demand())
    rows = session().execute(select(OutboxRow).where(OutboxRow.kind == "classify")).scalars().all()
    readings = read_batch(rows)
    with transaction():
        supplement(ticket(no), REQUESTER, "说错了，其实是小区里面的路灯坏了，晚上没有亮")
    with transaction():
        apply_reading(rows[0], readings)
    assert (ticket(no).state, latest_guess(no)) == (State.TO_DISPATCH, None)
    drain()
    assert latest_guess(no).content_version == ticket(no).content_version == 2
