"""The table of acts: what people do to a simulated ticket, whose post it is, and how long it takes them."""

# ruff: noqa: ARG001 - every verb of the table is called alike

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hotline import clock
from hotline.models import Ticket
from hotline.models.alarm_words import AlarmAnswer
from hotline.models.consultation_words import Outcome
from hotline.models.words import Grade, Role, Solved, State, Step
from hotline.people.accounts import Person
from hotline.tickets import (
    call_back,
    checking,
    consulting,
    ending,
    extending,
    handle,
    missing_facts,
    rate,
    refusing,
    requesting,
    returning,
    suspending,
    terminating,
)
from hotline.tickets.acting import acting
from hotline.tickets.alarming import answer_alarm
from hotline.tickets.dispatch import Order, dispatch, latest_guess
from hotline.tickets.merge import merge as put_under
from hotline.tickets.rulebook import rules
from hotline.tickets.unmerging import unmerge

WORDS = "已核实情况，理由和经过记录在案。"
REPLY = handle.ReplyForm(
    True, "已电话联系诉求人说明情况", True, "经现场核查，反映的情况基本属实。", "已安排人员处理，并落实长效管理。",
    "您反映的问题已经处理，后续如有反复请再拨打12345。",
)  # fmt: skip
ASK = requesting.AskForm(WORDS, "本市办理规程的有关规定")
UNITS = ("zjj", "cgj", "scj", "rsj", "jtj", "hbj", "whq", "gaj", "wjw", "jyj", "mzj", "swj")
"""To whom a dispatcher gives what the machine knows nothing about."""
SUSPENDED_DAYS = 2

Verb = Callable[[Ticket, Person | None, int], object]
Finder = Callable[[Ticket], int | None]


@dataclass(frozen=True)
class Act:
    """One kind of act: by a post (None: the requester's side), after `low` to `high` hours, in office hours or not;
    a unit's post is that of the unit which `unit` finds."""

    role: Role | None
    low: float
    high: float
    office: bool
    verb: Verb
    unit: Finder


ACTS: dict[str, Act] = {}


def whose(ticket: Ticket) -> int | None:
    """The unit that holds the ticket."""
    return ticket.department_id


def act(
    role: Role | None, low: float, high: float, *, office: bool = True, unit: Finder = whose
) -> Callable[[Verb], Verb]:
    """Enter a verb into the table under its name; `n` varies it."""

    def enter(verb: Verb) -> Verb:
        ACTS[verb.__name__] = Act(role, low, high, office, verb, unit)
        return verb

    return enter


def judged(about: str, decide: Callable[..., object], low: float, high: float) -> None:
    """Enter what a supervisor answers to something asked for: 同意 as `grant_…`, 驳回 as `refuse_…`."""
    for name, grant in ((f"grant_{about}", True), (f"refuse_{about}", False)):
        answer = partial(decide, grant=grant, note=WORDS)
        ACTS[name] = Act(Role.SUPERVISOR, low, high, True, lambda ticket, who, _n, say=answer: say(ticket, who), whose)


# The dispatcher


@act(Role.DISPATCHER, 0.2, 1.5, office=False)
def route(ticket: Ticket, who: Person, n: int) -> None:
    """Dispatch what the machine left to people, by its first guess or by hand; words of danger first."""
    if ticket.alarm_open:
        answer_alarm(ticket, who, AlarmAnswer.NOT_URGENT, WORDS)
    if ticket.state is not State.TO_DISPATCH:
        return
    guess = latest_guess(ticket.ticket_no)
    best = guess.routes[0] if guess and guess.routes else None
    order = Order(best["department"], best["row"], best["matter"]) if best else Order(unit(n))
    dispatch(ticket, order, acting(who, Step.DISPATCH, ticket))


def unit(n: int) -> int:
    """One of the departments, round and round."""
    return rules().departments[UNITS[n % len(UNITS)]]


def another_unit(ticket: Ticket, n: int) -> int:
    """A department that does not hold the ticket."""
    first = unit(n)
    return first if first != ticket.department_id else unit(n + 1)


@act(Role.DISPATCHER, 0.2, 1, office=False)
def ask_supplement(ticket: Ticket, who: Person, n: int) -> None:
    """要求补充."""
    ending.ask_supplement(ticket, who, "请补充具体地址和时间。")


@act(Role.DISPATCHER, 3, 8)
def miss_requester(ticket: Ticket, who: Person, n: int) -> None:
    """补充联系未接通."""
    missing_facts.miss_call(ticket, who, "两次拨打均无人接听。")


@act(Role.DISPATCHER, 1, 4)
def give_up(ticket: Ticket, who: Person, n: int) -> None:
    """补充无果."""
    ending.give_up(ticket, who, WORDS)


@act(Role.DISPATCHER, 0.3, 2, office=False)
def refuse(ticket: Ticket, who: Person, n: int) -> None:
    """不予受理."""
    if ticket.alarm_open:
        answer_alarm(ticket, who, AlarmAnswer.NOT_URGENT, WORDS)
    refusing.refuse(ticket, who, "", "no_duty" if n % 2 else "legal_route", "" if n % 2 else "litigation")


@act(Role.DISPATCHER, 0.2, 1, office=False)
def merge(ticket: Ticket, who: Person, n: int) -> None:
    """并单, under the ticket before it in the plan, whose number is `n`."""
    if ticket.alarm_open:
        answer_alarm(ticket, who, AlarmAnswer.NOT_URGENT, WORDS)
    put_under(ticket, who, n)


@act(Role.DISPATCHER, 2, 8)
def leave_master(ticket: Ticket, who: Person, n: int) -> None:
    """移出并单."""
    unmerge(ticket, who, "核实后不是同一事项。")


@act(Role.AGENT, 0.1, 0.5, office=False)
def answer_directly(ticket: Ticket, who: Person, n: int) -> None:
    """直接答复."""
    ending.answer_directly(ticket, who, "请携带身份证到就近窗口办理。", None)


@act(Role.DISPATCHER, 0.1, 0.4, office=False)
def push_to_110(ticket: Ticket, who: Person, n: int) -> None:
    """转紧急热线."""
    ending.transfer_emergency(ticket, who, "110", WORDS)


@act(Role.DISPATCHER, 1, 6)
def send_on(ticket: Ticket, who: Person, n: int) -> None:
    """同意退单, at once on to another unit."""
    returning.decide_return(ticket, who, grant=True, note=WORDS, department_id=another_unit(ticket, n + 3))


@act(Role.DISPATCHER, 1, 6)
def keep_return(ticket: Ticket, who: Person, n: int) -> None:
    """驳回退单."""
    returning.decide_return(ticket, who, grant=False, note=WORDS)


@act(Role.SUPERVISOR, 1, 3)
def call_meeting(ticket: Ticket, who: Person, n: int) -> None:
    """召集会商 about the second return."""
    units = (unit(n), unit(n + 1))
    consulting.call_meeting(ticket, who, consulting.MeetingForm(WORDS, clock.now() + timedelta(hours=2), units))


@act(Role.SUPERVISOR, 3, 8)
def rule_return(ticket: Ticket, who: Person, n: int) -> None:
    """裁定: the unit that holds the case keeps it, and is bound."""
    holder = ticket.department_id or unit(n)
    consulting.rule(ticket, who, consulting.Ruling(Outcome.LEAD, WORDS, holder, ()))


@act(Role.DISPATCHER, 1, 10)
def pass_check(ticket: Ticket, who: Person, n: int) -> None:
    """审核通过."""
    checking.pass_check(ticket, who)


@act(Role.DISPATCHER, 1, 10)
def fail_check(ticket: Ticket, who: Person, n: int) -> None:
    """审核不通过."""
    checking.fail_check(ticket, who, WORDS)


# The supervisor

judged("extension", extending.decide_extension, 1, 6)
judged("suspension", suspending.decide_suspension, 1, 4)
judged("termination", terminating.decide_termination, 1, 6)


# The department


@act(Role.HANDLER, 0.2, 3)
def sign(ticket: Ticket, who: Person, n: int) -> None:
    """签收."""
    handle.sign(ticket, who)


@act(Role.HANDLER, 0.5, 6)
def contact(ticket: Ticket, who: Person, n: int) -> None:
    """先行联系; one in five tries reaches nobody."""
    handle.contact(ticket, who, "电话联系诉求人，了解情况。", reached=n % 5 > 0)


@act(Role.HANDLER, 4, 40)
def reply(ticket: Ticket, who: Person, n: int) -> None:
    """答复."""
    handle.reply(ticket, who, REPLY)


@act(Role.DEPARTMENT_LEAD, 0.5, 4)
def send_back(ticket: Ticket, who: Person, n: int) -> None:
    """退回修改答复."""
    handle.send_back(ticket, who, WORDS)


@act(Role.DEPARTMENT_LEAD, 0.5, 6)
def submit(ticket: Ticket, who: Person, n: int) -> None:
    """提交办结."""
    handle.submit(ticket, who)


@act(Role.HANDLER, 0.1, 0.5)
def ask_return(ticket: Ticket, who: Person, n: int) -> None:
    """申请退单."""
    form = requesting.ReturnForm("not_our_duty", WORDS, "本单位职责规定", another_unit(ticket, n + 3))
    returning.ask_return(ticket, who, form)


@act(Role.HANDLER, 1, 5)
def ask_extension(ticket: Ticket, who: Person, n: int) -> None:
    """申请延期."""
    extending.ask_extension(ticket, who, extending.ExtensionForm(ASK.reason, ASK.basis, 1 + n % 3))


@act(Role.HANDLER, 1, 5)
def ask_suspension(ticket: Ticket, who: Person, n: int) -> None:
    """申请挂起, for some days."""
    next_on = clock.city_day(clock.now()) + timedelta(days=SUSPENDED_DAYS)
    suspending.ask_suspension(ticket, who, suspending.SuspensionForm(ASK.reason, ASK.basis, WORDS, next_on))


@act(Role.DEPARTMENT_LEAD, 4, 12)
def resume(ticket: Ticket, who: Person, n: int) -> None:
    """提前恢复办理."""
    suspending.resume(ticket, who)


@act(Role.DEPARTMENT_LEAD, 4, 20)
def ask_termination(ticket: Ticket, who: Person, n: int) -> None:
    """申请终止."""
    terminating.ask_termination(ticket, who, ASK)


@act(Role.HANDLER, 1, 8)
def contact_reviewer(ticket: Ticket, who: Person, n: int) -> None:
    """联系差评人."""
    handle.contact_reviewer(ticket, who, "电话联系，了解不满意的原因。", reached=n % 4 > 0)


@act(Role.HANDLER, 8, 30)
def rectify(ticket: Ticket, who: Person, n: int) -> None:
    """提交整改."""
    handle.rectify(ticket, who, "已重新处理并复查。", "已按您的意见重新处理。")


# The callback


@act(Role.CALLBACK_AGENT, 1, 12)
def call_back_solved(ticket: Ticket, who: Person, n: int) -> None:
    """回访: reached, and solved at least in part."""
    solved, grade = (Solved.PARTLY, Grade.BASICALLY_SATISFIED) if n % 6 == 0 else (Solved.SOLVED, Grade.SATISFIED)
    call_back.record_callback(ticket, who, call_back.CallbackForm(True, n % 9 > 0, solved, grade, WORDS))


@act(Role.CALLBACK_AGENT, 1, 12)
def call_back_unsolved(ticket: Ticket, who: Person, n: int) -> None:
    """回访: not solved, work begins once more."""
    heard = call_back.CallbackForm(True, True, Solved.NOT, Grade.DISSATISFIED, WORDS)
    call_back.record_callback(ticket, who, heard)


@act(Role.CALLBACK_AGENT, 4.5, 5.5)
def miss_call(ticket: Ticket, who: Person, n: int) -> None:
    """回访未接通."""
    call_back.record_callback(ticket, who, call_back.CallbackForm(False))


@act(Role.CALLBACK_AGENT, 1, 4)
def close_unreached(ticket: Ticket, who: Person, n: int) -> None:
    """按未接通结案."""
    call_back.close_unreached(ticket, who)


@act(Role.CALLBACK_AGENT, 2, 12)
def verify(ticket: Ticket, who: Person, n: int) -> None:
    """整改核实通过."""
    rate.verify_rectification(ticket, who, done=True, note=WORDS)


@act(Role.CALLBACK_AGENT, 2, 12)
def fail_rectification(ticket: Ticket, who: Person, n: int) -> None:
    """整改核实不通过."""
    rate.verify_rectification(ticket, who, done=False, note=WORDS)
