"""What people do to a ticket on a random walk: each act is one verb as its page calls it, varied by a number."""

from datetime import timedelta

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import IllegalStep
from hotline.models import KnowledgeEntry, Ticket
from hotline.models.words import Confidentiality, Grade, RequestType, Role, Solved, Source, Step, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets import (
    alarming,
    call_back,
    checking,
    draft,
    ending,
    extending,
    handle,
    pressing,
    rate,
    requesting,
    returning,
    suspending,
    terminating,
)
from hotline.tickets.acting import acting
from hotline.tickets.amend import amend_demand
from hotline.tickets.demand import Demand
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.find import ticket_for
from hotline.tickets.lifecycle import REQUESTER, SYSTEM, may_take, take_step
from hotline.tickets.merge import merge
from hotline.tickets.refusing import contest as contest_refusal
from hotline.tickets.refusing import refuse as refuse_ticket
from hotline.tickets.reopening import reopen as reopen_ticket
from hotline.tickets.reveal import log_look, may_reveal
from hotline.tickets.supplement import supplement
from hotline.tickets.unmerging import unmerge as unmerge_ticket
from tests.hotline.walk_registry import TEXTS, UNITS, WORDS, act, nth, staff_act, unit
from tests.makers import GOOD_REPLY, ticket

# Whoever takes the call


@act
def save_draft(no: int, who: Person, n: int) -> None:
    """The agent types."""
    draft.save_draft(no, who, form(n), draft.load_draft(no).version)


@act
def register(no: int, who: Person, n: int) -> None:
    """登记, with a department proposed or not."""
    draft.register(no, who, form(n), draft.load_draft(no).version)


@act
def answer_draft(no: int, who: Person, n: int) -> None:
    """直接答复 at the telephone."""
    draft.answer_draft(no, who, (form(n), draft.load_draft(no).version), draft.Answer(WORDS, None))


@act
def transfer_draft(no: int, who: Person, n: int) -> None:
    """转紧急热线 at the telephone."""
    draft.transfer_draft(no, who, form(n), nth(("110", "119", "120", "122"), n))


def form(n: int) -> dict[str, str]:
    """The agent's form."""
    seen = {"emergency_seen": "1"} if n % 2 else {}
    return {"content": nth(TEXTS, n), "place": "望湖区湖滨街道金桂苑小区", "phone": nth(("13812345678", ""), n),
            "department": nth(("", *UNITS), n), "confidential": nth(("", "", "1"), n), **seen}  # fmt: skip


# The requester, 110 and the clock


@act
def say_more(no: int, _: Person, n: int) -> None:
    """The requester adds something on the look-up page."""
    supplement(ticket(no), REQUESTER, nth(TEXTS, n))


@act
def withdraw(no: int, _: Person, n: int) -> None:
    """撤单."""
    ending.withdraw(ticket(no))


@act
def contest(no: int, _: Person, n: int) -> None:
    """对不予受理有异议."""
    contest_refusal(ticket(no), REQUESTER, nth((WORDS, ""), n))


@act
def reopen(no: int, _: Person, n: int) -> None:
    """重新受理, by new facts or by none."""
    reopen_ticket(ticket(no), REQUESTER, nth((*TEXTS, ""), n))


@act
def next_date_comes(no: int, _: Person, n: int) -> None:
    """恢复办理 by the system, on its day or refused before."""
    suspending.resume(ticket(no))


@act
def urge(no: int, _: Person, n: int) -> None:
    """催办."""
    pressing.urge(ticket(no))


@act
def review(no: int, _: Person, n: int) -> None:
    """评价, each grade as often."""
    invitation = rate.open_invitation(ticket(no))
    if invitation is None:
        raise IllegalStep()
    grade, solved = nth(Grade, n), nth(Solved, n // 5)
    rate.give_review(invitation, rate.ReviewForm(grade, solved, nth(("not_solved", ""), n // 15), WORDS), "track")


@act
def police_amend(no: int, _: Person, n: int) -> None:
    """110 says more about what it pushed."""
    if ticket(no).source is Source.POLICE110:
        secret = nth((Confidentiality.OPEN, Confidentiality.CONFIDENTIAL), n)
        amend_demand(ticket(no), Demand(Source.POLICE110, nth(TEXTS, n), confidentiality=secret))


@act
def archive(no: int, _: Person, n: int) -> None:
    """归档."""
    if may_take(ticket(no), Step.ARCHIVE, Role.SYSTEM):
        take_step(ticket(no), Step.ARCHIVE, SYSTEM)


# The hotline's desks


@staff_act
def send_out(found: Ticket, who: Person, n: int) -> None:
    """派单, with helping units, or with type and urgency read anew."""
    helping = (unit(n + 1), unit(n + 2)) if n % 3 == 0 else ()
    kind, grade = (nth(RequestType, n), nth(UrgencyGrade, n)) if n % 4 == 0 else (None, None)
    order = Order(unit(n), advice=WORDS, co_unit_ids=helping, request_type=kind, urgency=grade)
    dispatch(found, order, acting(who, Step.DISPATCH, found))


@staff_act
def ask_more(found: Ticket, who: Person, n: int) -> None:
    """要求补充."""
    ending.ask_supplement(found, who, WORDS)


@staff_act
def was_told_more(found: Ticket, who: Person, n: int) -> None:
    """The dispatcher was told on asking."""
    supplement(found, who, nth(TEXTS, n))


@staff_act
def give_up(found: Ticket, who: Person, n: int) -> None:
    """补充无果."""
    ending.give_up(found, who, WORDS)


@staff_act
def refuse(found: Ticket, who: Person, n: int) -> None:
    """不予受理."""
    route = nth(("", "litigation", "made up"), n // 3)
    refuse_ticket(found, who, WORDS, nth(("no_duty", "legal_route", "made up"), n), route)


@staff_act
def unmerge(found: Ticket, who: Person, _: int) -> None:
    """移出并单."""
    unmerge_ticket(found, who, WORDS)


@staff_act
def transfer(found: Ticket, who: Person, n: int) -> None:
    """转紧急热线."""
    ending.transfer_emergency(found, who, nth(("110", "119", "999"), n), WORDS)


@staff_act
def answer(found: Ticket, who: Person, n: int) -> None:
    """直接答复, citing an entry, an unknown one or none."""
    ending.answer_directly(found, who, WORDS, nth((None, ending.Citation(cited(), 1), ending.Citation(0, 1)), n))


def cited() -> int:
    """The entry of this walk."""
    return session().execute(select(func.max(KnowledgeEntry.id))).scalar_one()


def merge_into(no: int, who: Person, master_no: int) -> None:
    """并单; the page looks for both."""
    merge(ticket_for(who, no), who, ticket_for(who, master_no).ticket_no)


@staff_act
def answer_alarm(found: Ticket, who: Person, n: int) -> None:
    """A person saw the words of danger."""
    alarming.answer_alarm(found, who, nth(("to_119", "not_urgent", "made up"), n), WORDS)


@staff_act
def decide_return(found: Ticket, who: Person, n: int) -> None:
    """同意或驳回退单, at once on to another unit or not."""
    grant = n % 3 > 0
    returning.decide_return(found, who, grant=grant, note=WORDS, department_id=unit(n) if n % 3 == 1 else None)


@staff_act
def decide_extension(found: Ticket, who: Person, n: int) -> None:
    """同意或驳回延期."""
    extending.decide_extension(found, who, grant=n % 4 > 0, note=WORDS)


@staff_act
def decide_suspension(found: Ticket, who: Person, n: int) -> None:
    """同意或驳回挂起."""
    suspending.decide_suspension(found, who, grant=n % 4 > 0, note=WORDS)


@staff_act
def decide_termination(found: Ticket, who: Person, n: int) -> None:
    """同意或驳回终止."""
    terminating.decide_termination(found, who, grant=n % 3 > 0, note=WORDS)


@staff_act
def pass_check(found: Ticket, who: Person, n: int) -> None:
    """审核通过."""
    checking.pass_check(found, who)


@staff_act
def fail_check(found: Ticket, who: Person, n: int) -> None:
    """审核不通过."""
    checking.fail_check(found, who, WORDS)


@staff_act
def call(found: Ticket, who: Person, n: int) -> None:
    """回访: one in three reaches nobody, one in three hears that it is not solved."""
    heard = call_back.CallbackForm(True, n % 2 == 0, nth(Solved, n), nth(Grade, n), WORDS)
    call_back.record_callback(found, who, heard if n % 3 else call_back.CallbackForm(False))


@staff_act
def close_unreached(found: Ticket, who: Person, n: int) -> None:
    """按未接通结案."""
    call_back.close_unreached(found, who)


@staff_act
def verify(found: Ticket, who: Person, n: int) -> None:
    """核实整改."""
    rate.verify_rectification(found, who, done=n % 3 > 0, note=WORDS)


@staff_act
def look(found: Ticket, who: Person, n: int) -> None:
    """Somebody wants to know who spoke."""
    may_reveal(who, found)
    log_look(who, found.ticket_no, "identity", WORDS)


# The department


@staff_act
def sign(found: Ticket, who: Person, n: int) -> None:
    """签收."""
    handle.sign(found, who)


@staff_act
def contact(found: Ticket, who: Person, n: int) -> None:
    """先行联系."""
    handle.contact(found, who, WORDS, reached=n % 3 > 0)


@staff_act
def reply(found: Ticket, who: Person, n: int) -> None:
    """答复."""
    handle.reply(found, who, GOOD_REPLY)


@staff_act
def send_back(found: Ticket, who: Person, n: int) -> None:
    """退回修改答复."""
    handle.send_back(found, who, WORDS)


@staff_act
def submit(found: Ticket, who: Person, n: int) -> None:
    """提交办结, without late helpers for a reason or for none."""
    handle.submit(found, who, nth((WORDS, WORDS, ""), n))


@staff_act
def ask_return(found: Ticket, who: Person, n: int) -> None:
    """申请退单."""
    returning.ask_return(found, who, requesting.ReturnForm("not_our_duty", WORDS, WORDS, unit(n)))


@staff_act
def ask_extension(found: Ticket, who: Person, n: int) -> None:
    """申请延期."""
    extending.ask_extension(found, who, extending.ExtensionForm(WORDS, WORDS, n % 6))


@staff_act
def ask_suspension(found: Ticket, who: Person, n: int) -> None:
    """申请挂起, until a day soon, too late or gone."""
    next_on = clock.city_day(clock.now()) + timedelta(days=nth((1, 2, 5, 20, 61, 0), n))
    suspending.ask_suspension(found, who, suspending.SuspensionForm(WORDS, WORDS, WORDS, next_on))


@staff_act
def resume(found: Ticket, who: Person, n: int) -> None:
    """提前恢复办理."""
    suspending.resume(found, who)


@staff_act
def ask_termination(found: Ticket, who: Person, n: int) -> None:
    """申请终止."""
    terminating.ask_termination(found, who, requesting.AskForm(WORDS, WORDS))


@staff_act
def contact_reviewer(found: Ticket, who: Person, n: int) -> None:
    """联系差评人."""
    handle.contact_reviewer(found, who, WORDS, reached=n % 4 > 0)


@staff_act
def rectify(found: Ticket, who: Person, n: int) -> None:
    """提交整改."""
    handle.rectify(found, who, WORDS, WORDS)
