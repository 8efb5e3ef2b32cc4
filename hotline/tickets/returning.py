"""退单: a department asks to be rid of a ticket, the hotline decides, and what a ruling binds stays bound."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Assignment, Clock, Department, Ticket
from hotline.models.words import AskKind, ClockKind, ReturnReason, Step
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting
from hotline.tickets.by_hand import order_instead
from hotline.tickets.dispatch import dispatch
from hotline.tickets.fallback import act_first
from hotline.tickets.handle import lead_share, my_share
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.requesting import MIN_WORDS, ReturnForm, ask, decided, pending
from hotline.tickets.rulebook import rules
from hotline.tickets.sharing import STILL_BELOW, shares_below

TOO_LATE = "已超过申请退单的时限，请先办理；确有异议请在答复中说明。"
BOUND = "该单位由会商裁定承办，不得再次退单（如潍坊市12345政务服务便民热线条例第二十二条）。"
ONCE = "本单位已对该工单申请过退单，驳回后不得再次申请，请办理。"
HANDED_DOWN = "下派的工单不向热线退单，请与下派单位商定收回。"
RULING = "该工单已被退回过，本次须经会商，由督办员裁定。"


@dataclass(frozen=True)
class Verdict:
    """A return accepted or not, why, and the meeting that ruled so, if one did."""

    grant: bool
    note: str
    meeting: int | None = None


def ask_return(ticket: Ticket, person: Person, form: ReturnForm) -> Asked:
    """申请退单, by the lead or a helping unit of its own share. Refused after the time to return, for a unit named by a
    ruling (I15), and for what was handed down."""
    share = my_share(ticket, person)
    actor = acting(person, Step.ASK_RETURN, ticket, share)
    _check_return(form, share)
    if share.by_ruling:
        raise IllegalStep(BOUND)
    if share.parent_id is not None:
        raise IllegalStep(HANDED_DOWN)
    if not share.is_lead and shares_below(ticket, share):
        raise IllegalStep(STILL_BELOW)
    if _asked_before(share):
        raise IllegalStep(ONCE)
    if not in_time_to_return(ticket, time_to_return(ticket, share)):
        raise IllegalStep(TOO_LATE)
    share.state_before = share.state
    asked = ask(
        AskKind.RETURN, share, person, form,
        reason_code=form.reason_code, proposed_department_id=form.proposed_department_id,
    )  # fmt: skip
    data = {"asked": asked.id, "reason": form.reason_code}
    take_step(ticket, Step.ASK_RETURN, actor, Detail(assignment=share, data=data))
    act_first(ticket)
    return asked


def decide_return(ticket: Ticket, person: Person, *, grant: bool, note: str, department_id: int | None = None) -> None:
    """同意: back to dispatch, or at once to `department_id`. 驳回: the same unit handles, its clock ran on.

    After the city's number of returns a meeting rules (`consulting.py`).
    """
    step = Step.ACCEPT_RETURN if grant else Step.REJECT_RETURN
    actor = acting(person, step, lock(ticket))
    if pending(ticket, AskKind.RETURN) and needs_ruling(ticket):
        raise IllegalStep(RULING)
    asked = settle_return(ticket, person, actor, Verdict(grant, note))
    if grant and department_id is not None:
        dispatch(ticket, order_instead(ticket, department_id, asked.decision_note), actor)


def settle_return(ticket: Ticket, person: Person, actor: Actor, verdict: Verdict) -> Asked:
    """Keep the decision and take its step; each accepted return counts against dispatch accuracy (domain.md §7,
    row 17)."""
    share, asked = lead_share(ticket), pending(ticket, AskKind.RETURN)
    decided(asked, person, grant=verdict.grant, note=verdict.note)
    if verdict.grant:
        ticket.returns += 1
        ticket.department_id = None
    else:
        share.by_ruling = verdict.meeting is not None
    data = {"asked": asked.id, "round": share.round, "ruling": verdict.meeting is not None, "note": asked.decision_note}
    data |= {"meeting": verdict.meeting} if verdict.meeting else {}
    step = Step.ACCEPT_RETURN if verdict.grant else Step.REJECT_RETURN
    take_step(ticket, step, actor, Detail(assignment=share, data=data))
    return asked


def needs_ruling(ticket: Ticket) -> bool:
    """Whether the return now asked is for a meeting to rule (domain.md §5.3; Weifang 2021 art.22)."""
    limit: int = rules().settings["return_limit"]
    return ticket.returns >= limit - 1


def time_to_return(ticket: Ticket, share: Assignment) -> Clock | None:
    """The running time to return of this share, None where the city set none or it was used."""
    running = deadlines.running_clocks(ticket)
    return next((c for c in running if c.kind is ClockKind.RETURN and c.assignment_id == share.id), None)


def in_time_to_return(ticket: Ticket, left: Clock | None) -> bool:
    """Whether a return may still be asked for; a round of rehandling has no time to return, for its unit answered."""
    if left is None:
        return deadlines.find_limit(ticket, ClockKind.RETURN, rules(), clock.now()) is None
    return left.due_at > clock.now()


def _check_return(form: ReturnForm, share: Assignment) -> None:
    problems: dict[str, str] = {}
    if form.reason_code not in set(ReturnReason):
        problems["reason_code"] = "请从列表中选择退单原因。"
    if len(form.reason.strip()) < MIN_WORDS:
        problems["reason"] = "请写明退单的具体说明。"
    if len(form.basis.strip()) < MIN_WORDS:
        problems["basis"] = "请写明依据的法规或职责条文。"
    proposed = form.proposed_department_id
    unit = session().get(Department, proposed) if proposed else None
    if unit is None or unit.valid_to is not None or unit.id == share.department_id:
        problems["proposed_department"] = "请选择建议改派的单位。"
    if problems:
        raise BadInput(**problems)


def _asked_before(share: Assignment) -> bool:
    query = select(Asked.id).where(
        Asked.ticket_no == share.ticket_no, Asked.assignment_id == share.id, Asked.kind == AskKind.RETURN
    )
    return session().execute(query.limit(1)).first() is not None
