"""A department returns a ticket: the dispatcher decides the first time, the supervisor rules the second."""

import time_machine
from sqlalchemy import select, update

from classifier.matters import load_matters
from hotline import clock
from hotline.database import session, transaction
from hotline.models import Assignment, Ticket
from hotline.models.words import ClosingReason, State
from hotline.supervision.trained_models import teachable
from hotline.tickets.by_hand import duty_row_for
from hotline.tickets.dispatch import latest_guess
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.rulebook import rules
from hotline.tickets.supplement import supplement
from tests.journeys.front_door import clock_of, do, entry, login_of, running, sent, steps, work, write
from tests.makers import drain, ticket

ASK = {
    "reason_code": "not_our_duty", "reason": "夜间施工许可不由本单位审批", "basis": "市政府职责清单第三条",
    "proposed_department": "hbj",
}  # fmt: skip
TUESDAY = "2026-03-10T02:00:00+00:00"


def ask(signed_in, no, **changes):
    """The department that holds the ticket asks to return it; the number of its request."""
    do(signed_in(login_of(no)), f"/department/{no}/return", **(ASK | changes))
    return entry(no, "ask_return").data["asked"]


@time_machine.travel(TUESDAY, tick=True)
def test_a_return_goes_to_another_department_and_the_second_one_only_by_ruling(web, signed_in, messages):
    no = write(web)
    first = login_of(no)
    handler = signed_in(first)
    refused = handler.post(f"/department/{no}/return", data=ASK | {"basis": ""})
    assert refused.status_code == 422
    assert ASK["reason"] in refused.text
    assert "data-open-now" in refused.text
    number = ask(signed_in, no)
    assert ticket(no).state is State.RETURN_PENDING
    assert "退单申请待热线审批" in handler.get(f"/department/{no}").text
    desk = signed_in("dispatcher1")
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=returns").text
    assert ASK["reason"] in desk.get(f"/dispatch/{no}").text
    do(desk, f"/dispatch/{no}/returns/{number}", decision="granted", department="hbj", words="理由成立，改派")
    assert (ticket(no).state, ticket(no).returns, login_of(no)) == (State.TO_SIGN, 1, "hbj_handler")
    assert handler.get(f"/department/{no}").status_code == 404
    assert running(no) == {"sign", "contact", "return", "handle"}
    assert sent(messages)[-1] == "department_ticket"
    number = ask(signed_in, no, proposed_department="cgj")
    page = desk.get(f"/dispatch/{no}").text
    assert f"/returns/{number}" not in page
    forbidden = desk.post(f"/dispatch/{no}/returns/{number}", data={"decision": "granted", "words": "再退一次"})
    assert forbidden.status_code == 409
    assert "由督办员裁定" in forbidden.text
    ruled(signed_in, no, "cgj")
    share = session().execute(select(Assignment).where(Assignment.ticket_no == no, Assignment.round == 3)).scalar_one()
    assert (share.by_ruling, login_of(no), ticket(no).returns) == (True, "cgj_handler", 2)
    bound = signed_in("cgj_handler")
    assert 'data-opens="return"' not in bound.get(f"/department/{no}").text
    again = bound.post(f"/department/{no}/return", data=ASK)
    assert again.status_code == 409
    assert "裁定承办" in again.text
    assert ASK["reason"] in again.text
    assert steps(no) == [
        "receive", "classify", "dispatch", "add_co_unit", "ask_return", "accept_return", "dispatch", "ask_return",
        "call_meeting", "accept_return", "dispatch",
    ]  # fmt: skip
    assert entry(no, "accept_return").data["ruling"] is True


@time_machine.travel(TUESDAY, tick=True)
def test_a_rejected_return_leaves_the_clock_running_and_may_not_be_asked_again(web, signed_in, messages):
    no = write(web)
    due = clock_of(no, "handle").due_at
    number = ask(signed_in, no)
    desk = signed_in("dispatcher1")
    short = desk.post(f"/dispatch/{no}/returns/{number}", data={"decision": "refused", "words": "不行"})
    assert short.status_code == 422
    assert "驳回请写明理由。" in short.text
    do(desk, f"/dispatch/{no}/returns/{number}", decision="refused", words="属本单位职责，请办理")
    assert (ticket(no).state, ticket(no).returns) == (State.HANDLING, 0)
    assert clock_of(no, "handle").due_at == due
    assert "sign" not in running(no)
    assert sent(messages)[-1] == "department_return_rejected"
    handler = signed_in(login_of(no))
    page = handler.get(f"/department/{no}").text
    assert "退单申请被驳回：属本单位职责，请办理" in page
    assert 'data-opens="return"' not in page
    assert handler.post(f"/department/{no}/return", data=ASK).status_code == 409
    assert desk.post(f"/dispatch/{no}/returns/{number}", data={"decision": "granted"}).status_code == 409


def test_a_return_asked_after_its_time_is_refused(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        traveller.move_to(clock_of(no, "return").due_at)
        late = signed_in(login_of(no)).post(f"/department/{no}/return", data=ASK)
        assert late.status_code == 409
        assert "已超过申请退单的时限" in late.text
        assert clock.now() < clock_of(no, "handle").due_at


@time_machine.travel(TUESDAY, tick=True)
def test_whoever_answered_once_may_not_return_after_a_failed_check_and_a_ruling_binds_on(web, signed_in):
    no = write(web)
    number = ask(signed_in, no)
    form = {"decision": "granted", "department": "hbj", "words": "理由成立，改派"}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{number}", **form)
    ask(signed_in, no, proposed_department="cgj")
    ruled(signed_in, no, "hbj")
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="fail", words="没有写明处罚结果，请补充")
    assert session().execute(bound_of_round(no, 3)).scalar_one() is True
    assert_no_return(signed_in, no, "裁定承办")
    simple = write(web, form_key="another")
    work(signed_in, simple)
    do(signed_in("dispatcher1"), f"/dispatch/{simple}/check", decision="fail", words="没有写明处罚结果，请补充")
    assert session().execute(bound_of_round(simple, 2)).scalar_one() is False
    assert_no_return(signed_in, simple, "已超过申请退单的时限")


@time_machine.travel(TUESDAY, tick=True)
def test_after_a_first_dispatch_only_the_supervisor_changes_the_type_and_the_strictest_limit_stays(web, signed_in):
    no = write(web, form_key="returned")
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{ask(signed_in, no)}", decision="granted", words="理由成立")
    first = clock_of(no, "handle")
    kind, matter = ticket(no).request_type, ticket(no).matter_code
    milder = {"department": "hbj", "matter_code": matter, "reason": "经电话核实属生态环境局", "urgency": "normal"}
    refused = signed_in("dispatcher1").post(f"/dispatch/{no}/dispatch", data=milder | {"request_type": "consultation"})
    assert (refused.status_code, "由督办员变更" in refused.text) == (422, True)
    assert ticket(no).request_type is kind
    boss = signed_in("supervisor1")
    do(boss, f"/dispatch/{no}/dispatch", **(milder | {"matter_code": "0101"}), request_type="consultation")
    assert entry(no, "dispatch").data["changed"] == {
        "request_type": [kind.value, "consultation"], "matter_code": [matter, "0101"],
    }  # fmt: skip
    assert "事项由" in boss.get(f"/dispatch/{no}").text
    strict = clock_of(no, "handle")
    assert strict.due_at < first.due_at
    ask(signed_in, no, proposed_department="cgj")
    ruled(signed_in, no, "cgj")
    assert clock_of(no, "handle").due_at == strict.due_at


@time_machine.travel(TUESDAY, tick=True)
def test_new_words_after_a_return_do_not_let_the_machine_rewrite_the_matter(web, signed_in):
    no = write(web)
    matter = ticket(no).matter_code
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{ask(signed_in, no)}", decision="granted", words="理由成立")
    with transaction():
        supplement(ticket(no), REQUESTER, "另外，小区的医保报销一直没有到账，社保卡也用不了，请医保局处理。" * 5)
    drain()
    assert steps(no)[-2:] == ["amend", "classify"]
    assert ticket(no).matter_code == matter


def ruled(signed_in, no, department):
    """The supervisor calls a meeting, which rules that this department leads."""
    boss, url = signed_in("supervisor1"), f"/rulings/{no}"
    call = {"question": "由哪个单位主办", "meets_at": "2026-03-11T09:00", "units": ["hbj", "cgj"]}
    do(boss, f"{url}/meeting", **call)
    do(boss, url, outcome="lead", minutes="会商裁定由该局承办", department=department)


def bound_of_round(no, number):
    """Whether the share of this round is bound by a ruling."""
    return select(Assignment.by_ruling).where(Assignment.ticket_no == no, Assignment.round == number)


def assert_no_return(signed_in, no, sentence):
    """The department is offered no return, and refused one."""
    handler = signed_in(login_of(no))
    assert 'data-opens="return"' not in handler.get(f"/department/{no}").text
    late = handler.post(f"/department/{no}/return", data=ASK | {"proposed_department": "cgj"})
    assert (late.status_code, sentence in late.text, ticket(no).state) == (409, True, State.HANDLING)


@time_machine.travel(TUESDAY, tick=True)
def test_a_returned_case_gets_the_matter_of_who_takes_it_or_is_never_learned_from(web, signed_in):
    no = write(web)
    wrong = ticket(no).matter_code
    rows = ((matter, duty_row_for(ticket(no), "cgj", matter)) for matter in load_matters())
    right, row = next((matter, row) for matter, row in rows if row is not None and matter != wrong)
    with transaction():
        guess, unit = latest_guess(no), rules().departments["cgj"]
        guess.routes = [*guess.routes, {**guess.routes[0], "department": unit, "matter": right}]
    number = ask(signed_in, no, proposed_department="cgj")
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{number}", decision="granted", department="cgj", words="改派")
    share = session().execute(select(Assignment).where(Assignment.ticket_no == no, Assignment.round == 2)).scalar_one()
    assert (ticket(no).matter_code, share.duty_row_id) == (right, row.id)
    assert learned(no)
    with transaction() as current:
        current.get_one(Assignment, share.id).duty_row_id = None
    assert not learned(no)


def learned(no):
    """Whether the case would be learned from were it closed by its review."""
    with transaction() as current:
        current.execute(update(Ticket).where(Ticket.ticket_no == no).values(closing_reason=ClosingReason.REVIEWED))
    found = session().execute(select(Ticket.ticket_no).where(*teachable())).scalars().all()
    return no in found
