"""What departments ask of the hotline and what it decides: return, extension, and the check of a result.

Suspension and termination ask by the same `ask()` and are decided in files of their own.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.models import Asked, Assignment, Clock, Department, Ticket
from hotline.models.ticket import NO_DEADLINE
from hotline.models.words import (
    AskKind,
    AssignmentState,
    ClockKind,
    Decision,
    ReturnReason,
    Role,
    State,
    Step,
)
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.handle import lead_share
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.merge import tell_followers
from hotline.tickets.rulebook import rules
from routing.time_limits import Due

MIN_WORDS = 5
SUPERVISORS = frozenset({Role.SUPERVISOR})
TOO_LATE = "已超过申请退单的时限，请先办理；确有异议请在答复中说明。"
BOUND = "该单位由会商裁定承办，不得再次退单（如潍坊市12345政务服务便民热线条例第二十二条）。"
ONCE = "本单位已对该工单申请过退单，驳回后不得再次申请，请办理。"
RULING = "该工单已被退回过，本次由值班长裁定。"
ONE_AT_A_TIME = "该工单还有申请等待审批，请等审批后再申请。"
NO_EXTENSION = "特急和紧急警情件不能延期。"


@dataclass(frozen=True)
class ReturnForm:
    """Why a department returns a ticket: a reason from the list, its words, whom it proposes, on what
    basis."""

    reason_code: str
    reason: str
    basis: str
    proposed_department_id: int | None


@dataclass(frozen=True)
class AskForm:
    """Why a department asks for something, and on what basis."""

    reason: str
    basis: str


@dataclass(frozen=True)
class ExtensionForm(AskForm):
    """Why a department needs longer, on what basis, and how many working days."""

    days: int


def ask_return(ticket: Ticket, person: Person, form: ReturnForm) -> Asked:
    """申请退单. Refused after the time to return, and for a unit named by a ruling (I15)."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_RETURN, ticket, share)
    _check_return(form, share)
    if share.by_ruling:
        raise IllegalStep(BOUND)
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
    return asked


def decide_return(ticket: Ticket, person: Person, *, grant: bool, note: str, department_id: int | None = None) -> None:
    """同意: back to dispatch, or at once to `department_id`. 驳回: the same unit handles, its clock ran on.

    After the city's number of returns the supervisor rules, and whom a ruling names may not return again
    (domain.md §5.3, §6.3; Weifang 2021 art.22). Each accepted return counts against dispatch accuracy.
    """
    share = lead_share(lock(ticket))
    step = Step.ACCEPT_RETURN if grant else Step.REJECT_RETURN
    actor, ruling = _judge(ticket, person, step), needs_ruling(ticket)
    asked = pending(ticket, AskKind.RETURN)
    decided(asked, person, grant=grant, note=note)
    if grant:
        ticket.returns += 1
        ticket.department_id = None
    else:
        share.by_ruling = ruling
    data = {"asked": asked.id, "round": share.round, "ruling": ruling, "note": asked.decision_note}
    take_step(ticket, step, actor, Detail(assignment=share, data=data))
    if grant and department_id is not None:
        dispatch(ticket, Order(department_id, advice=asked.decision_note, by_ruling=ruling), actor)


def needs_ruling(ticket: Ticket) -> bool:
    """Whether the return now asked is for the supervisor to decide."""
    limit: int = rules().settings["return_limit"]
    return ticket.returns >= limit - 1


def ask_extension(ticket: Ticket, person: Person, form: ExtensionForm) -> Asked:
    """申请延期, before expiry, at most once, by at most the original limit (default; domain.md §5.3, §6.2)."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_EXTENSION, ticket, share)
    due = proposed_extension(ticket, form.days)
    check_reasons(form, "延期")
    asked = ask(AskKind.EXTENSION, share, person, form, days=form.days, new_due_at=due.at)
    data = {"asked": asked.id, "new_due_at": due.at.isoformat()}
    take_step(ticket, Step.ASK_EXTENSION, actor, Detail(assignment=share, data=data))
    return asked


def proposed_extension(ticket: Ticket, days: int) -> Due:
    """The date an extension would give, shown before it is sent. Raises `IllegalStep` when none is possible,
    `BadInput` for too many days."""
    running = working_clock(ticket)
    if running is None:
        raise IllegalStep("该工单没有可以延期的办理时限。")
    if running.due_at <= clock.now():
        raise IllegalStep("已超过办理时限，不能再申请延期。")
    if _extensions(ticket) >= rules().settings["extension_times"]:
        raise IllegalStep("该工单已延期或正在申请延期，不能再次申请。")
    longest = deadlines.longest_extension(ticket, running)
    if not longest:
        raise IllegalStep(NO_EXTENSION)
    if not 1 <= days <= longest:
        raise BadInput(days=f"最多延长{longest}个工作日。")
    return deadlines.extended(ticket, running, days)


def decide_extension(ticket: Ticket, person: Person, *, grant: bool, note: str) -> None:
    """同意延期 moves the due date for all units and keeps the original beside it; both are journal rows (I4)."""
    share = lead_share(lock(ticket))
    step = Step.GRANT_EXTENSION if grant else Step.REFUSE_EXTENSION
    actor = acting(person, step, ticket)
    asked = pending(ticket, AskKind.EXTENSION)
    running = working_clock(ticket)
    decided(asked, person, grant=grant, note=note)
    data = {"asked": asked.id, "note": asked.decision_note}
    if grant and running is not None and asked.new_due_at is not None:
        data |= {"old_due_at": running.due_at.isoformat(), "new_due_at": asked.new_due_at.isoformat()}
        later = deadlines.extended(ticket, running, asked.days or 0)
        for one in working_clocks(ticket):
            one.due_at, one.provisional = asked.new_due_at, one.provisional or later.provisional
    take_step(ticket, step, actor, Detail(assignment=share, data=data))


def pass_check(ticket: Ticket, person: Person) -> None:
    """审核通过: the result goes on to the callback."""
    take_step(lock(ticket), Step.PASS_CHECK, acting(person, Step.PASS_CHECK, ticket))
    tell_followers(ticket)


def fail_check(ticket: Ticket, person: Person, reason: str) -> None:
    """审核不通过: the same department handles again in a new round (Jinan 2018 art.27)."""
    actor = acting(person, Step.FAIL_CHECK, lock(ticket))
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(reason="请写明审核不通过的原因。")
    if not may_rehandle(ticket):
        raise IllegalStep(f"该工单已重办{ticket.rehandles}轮，不再退回；请审核通过，由回访核实并告知最终结果。")
    words = without_identity(ticket.ticket_no, reason)
    share = next_round(ticket, AssignmentState.HANDLING, words)
    take_step(ticket, Step.FAIL_CHECK, actor, Detail(assignment=share, data={"reason": words}))


def may_rehandle(ticket: Ticket) -> bool:
    """Whether the work may begin once more; after the last round the answer is final (default; domain.md §5.3)."""
    limit: int = rules().settings["rehandle_rounds"]
    return ticket.rehandles < limit


def next_round(ticket: Ticket, state: AssignmentState, reason: str) -> Assignment:
    """A new round for the same department, still bound where a ruling bound it; the rehandlings are counted."""
    if ticket.department_id is None:
        raise IllegalStep()
    last = select(Assignment.by_ruling).where(
        Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round, Assignment.is_lead
    )
    bound = session().execute(last).scalar_one()
    ticket.round, ticket.rehandles = ticket.round + 1, ticket.rehandles + 1
    share = Assignment(
        ticket_no=ticket.ticket_no,
        round=ticket.round,
        department_id=ticket.department_id,
        is_lead=True,
        state=state,
        reason=reason,
        dispatched_at=clock.now(),
        signed_at=clock.now(),
        by_ruling=bound,
    )
    session().add(share)
    session().flush()
    return share


def pending(ticket: Ticket, kind: AskKind) -> Asked:
    """The request waiting for its decision."""
    query = select(Asked).where(
        Asked.ticket_no == ticket.ticket_no, Asked.kind == kind, Asked.decision == Decision.PENDING
    )
    found = session().execute(query.order_by(Asked.id.desc()).limit(1)).scalar_one_or_none()
    if found is None:
        raise IllegalStep()
    return found


def working_clock(ticket: Ticket) -> Clock | None:
    """The running limit of the work itself."""
    return next(iter(working_clocks(ticket)), None)


def working_clocks(ticket: Ticket) -> list[Clock]:
    """The running limits of the work itself, the lead's first, for its share was made first."""
    kinds = (ClockKind.HANDLE, ClockKind.REHANDLE)
    return [one for one in deadlines.running_clocks(ticket) if one.kind in kinds]


def time_to_return(ticket: Ticket, share: Assignment) -> Clock | None:
    """The running time to return of this share, None where the city set none or it was used."""
    running = deadlines.running_clocks(ticket)
    return next((c for c in running if c.kind is ClockKind.RETURN and c.assignment_id == share.id), None)


def in_time_to_return(ticket: Ticket, left: Clock | None) -> bool:
    """Whether a return may still be asked for; a round of rehandling has no time to return, for its unit answered."""
    if left is None:
        return deadlines.find_limit(ticket, ClockKind.RETURN, rules(), clock.now()) is None
    return left.due_at > clock.now()


def has_deadline(ticket: Ticket) -> bool:
    """Whether anybody can become late on this ticket now."""
    return ticket.deadline < NO_DEADLINE and ticket.state is not State.TO_EVALUATE


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


def check_reasons(form: AskForm, what: str, **problems: str) -> None:
    """Raise `BadInput` for a request without reason or basis, and for the other `problems` of its form."""
    if len(form.reason.strip()) < MIN_WORDS:
        problems["reason"] = f"请写明{what}的原因。"
    if len(form.basis.strip()) < MIN_WORDS:
        problems["basis"] = f"请写明{what}的依据。"
    if problems:
        raise BadInput(**problems)


def _asked_before(share: Assignment) -> bool:
    query = select(Asked.id).where(
        Asked.ticket_no == share.ticket_no, Asked.assignment_id == share.id, Asked.kind == AskKind.RETURN
    )
    return session().execute(query.limit(1)).first() is not None


def _judge(ticket: Ticket, person: Person, step: Step) -> Actor:
    """Who decides a return: the dispatcher the first time, only the supervisor from then on."""
    if not needs_ruling(ticket):
        return acting(person, step, ticket)
    post = person.post_with(SUPERVISORS)
    if post is None:
        raise Forbidden(RULING)
    return Actor("staff", post.role, person.id, post.department_id)


def ask(kind: AskKind, share: Assignment, person: Person, form: ReturnForm | AskForm, **more: object) -> Asked:
    """Keep a request, its words without identity. Raises `IllegalStep` while another one waits; a return may
    always be asked for."""
    if kind is not AskKind.RETURN and _waits(share):
        raise IllegalStep(ONE_AT_A_TIME)
    asked = Asked(
        kind=kind,
        ticket_no=share.ticket_no,
        assignment_id=share.id,
        staff_id=person.id,
        reason=without_identity(share.ticket_no, form.reason),
        basis=without_identity(share.ticket_no, form.basis),
        asked_at=clock.now(),
        decision=Decision.PENDING,
        **more,
    )
    session().add(asked)
    session().flush()
    return asked


def _waits(share: Assignment) -> bool:
    query = select(Asked.id).where(
        Asked.ticket_no == share.ticket_no, Asked.assignment_id == share.id, Asked.decision == Decision.PENDING
    )
    return session().execute(query.limit(1)).first() is not None


def decided(asked: Asked, person: Person, *, grant: bool, note: str) -> None:
    """Keep the decision; a refusal says why."""
    if not grant and len(note.strip()) < MIN_WORDS:
        raise BadInput(note="驳回请写明理由。")
    asked.decision = Decision.GRANTED if grant else Decision.REFUSED
    asked.decided_by, asked.decided_at = person.id, clock.now()
    asked.decision_note = without_identity(asked.ticket_no, note)


def _extensions(ticket: Ticket) -> int:
    counted = (
        select(func.count())
        .select_from(Asked)
        .where(
            Asked.ticket_no == ticket.ticket_no,
            Asked.kind == AskKind.EXTENSION,
            Asked.decision.not_in((Decision.REFUSED, Decision.OVERTAKEN)),
        )
    )
    return session().execute(counted).scalar_one()
