"""Urging (催办) and supervision (督办): a department is pressed and answers in its own limit (domain.md §5.3, §13).

Each department pressed is one row of `reminder` with its own step. An urging ends with its answer or the result, a
supervision by the supervisor; both end with the round's or the case's end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep, NotFound
from hotline.models import Assignment, Clock, Reminder, Ticket
from hotline.models.reminder_words import ReminderKind, SupervisionReason
from hotline.models.words import Role, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting, actor_of
from hotline.tickets.alarming import hear_danger
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import REQUESTER, Actor, Detail, lock, open_assignments, take_step
from hotline.tickets.rulebook import rules, setting
from routing.time_limits import due_at

MIN_WORDS = 5
FOR_REQUESTER = (Role.REQUESTER, Role.AGENT)
"""Who urges in the requester's name: the department's answer is theirs to read."""
RESULT_SENT = (State.TO_CHECK, State.TO_CALLBACK, State.TO_EVALUATE, State.RECTIFYING)
AT_THE_DESK = (State.TO_CHECK, State.TO_CALLBACK)
"""The result is the hotline's to check and to call back about: an urging is no department's to answer."""
URGED = "urged"
"""Tag of a ticket whose requester urged the hotline itself."""
ANSWERED = "该工单已有答复，请直接评价。"
NOBODY = "该工单没有承办单位，不能督办。"
ALREADY = "“{}”已有未办结的督办，请先办结。"
GONE = "该催办督办已经结束，或不属于您的单位。"
Holders = Mapping[int, Assignment | None]


@dataclass(frozen=True)
class SupervisionForm:
    """Why departments are supervised, what is wanted of them, and which; none named is the one that leads."""

    reason: SupervisionReason
    words: str
    units: Sequence[int] = ()
    listed: bool = False


@dataclass(frozen=True)
class Pressed:
    """What is said to one department: the kind, the words, and what brought it about."""

    kind: ReminderKind
    words: str
    reason: SupervisionReason | None = None
    with_units: Sequence[int] = ()
    clock: Clock | None = None


def urge(ticket: Ticket, who: Person | Actor = REQUESTER, note: str = "") -> None:
    """催办: the department is told again and answers; while none holds it the desk itself is urged, and its lists say so.

    A requester who urges again before the answer, within the city's number of hours, adds to the same urging.
    """
    ticket = lock(ticket)
    actor = actor_of(who, Step.URGE, ticket)
    if ticket.state in (State.TO_EVALUATE, State.ANSWERED):
        raise IllegalStep(ANSWERED)
    hear_danger(ticket, note, "催办")
    words = without_identity(ticket.ticket_no, note).strip()
    held = {} if ticket.state in AT_THE_DESK else holders(ticket)
    unit, share = next(iter(held.items()), (None, None))
    if unit is None and URGED not in ticket.tags:
        ticket.tags = [*ticket.tags, URGED]
    before = _urged_lately(ticket, unit) if actor.role in FOR_REQUESTER else None
    if unit is not None and before is None:
        press(ticket, actor, (unit, share), Pressed(ReminderKind.URGE, words))
        return
    if before is not None:
        before.times, before.words = before.times + 1, "\n".join(filter(None, (before.words, words)))
    data = {"reminder": before.id if before else None, **({"note": words} if words else {})}
    take_step(ticket, Step.URGE, actor, Detail(data=data))


def desk_is_urged(ticket: Ticket) -> bool:
    """Whether the requester urged the hotline itself, and it is the hotline that still has the ticket."""
    return URGED in ticket.tags and ticket.state in (State.TO_DISPATCH, State.TO_SUPPLEMENT, *AT_THE_DESK)


def supervise(ticket: Ticket, person: Person, form: SupervisionForm) -> None:
    """督办 of one department, 联合督办 of several, 挂牌督办 of the gravest; each answers for itself."""
    ticket = lock(ticket)
    actor, held = acting(person, Step.SUPERVISE, ticket), holders(ticket)
    if not held:
        raise IllegalStep(NOBODY)
    if len(form.words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明督办要求。")
    units = sorted(set(form.units)) or [next(iter(held))]
    if not set(units) <= set(held):
        raise BadInput(units="只能督办本单的承办单位。")
    busy = set(units) & supervised_units(ticket.ticket_no)
    if busy:
        raise IllegalStep(ALREADY.format("、".join(rules().unit_names[unit] for unit in sorted(busy))))
    kind = ReminderKind.JOINT if len(units) > 1 else ReminderKind.SUPERVISE
    what = Pressed(
        ReminderKind.LISTED if form.listed else kind, without_identity(ticket.ticket_no, form.words), form.reason, units
    )
    for unit in units:
        press(ticket, actor, (unit, held[unit]), what)


def press(ticket: Ticket, actor: Actor, unit: tuple[int, Assignment | None], what: Pressed) -> None:
    """Keep one reminder of one department, with its step and the limit of its answer."""
    (number, share), moment = unit, clock.now()
    step = Step.URGE if what.kind is ReminderKind.URGE else Step.SUPERVISE
    row = Reminder(
        ticket_no=ticket.ticket_no, assignment_id=share.id if share else None, department_id=number,
        clock_id=what.clock.id if what.clock else None, kind=what.kind, reason=what.reason, by_role=actor.role,
        staff_id=actor.id, words=what.words, with_units=list(what.with_units), asked_at=moment,
        due_at=answer_due(ticket, step, moment),
    )  # fmt: skip
    session().add(row)
    session().flush()
    take_step(ticket, step, actor, Detail(assignment=share, data={"reminder": row.id, **_told(number, what)}))


def _told(unit: int, what: Pressed) -> dict[str, str]:
    """What the journal says of it: to whom, why, and the words."""
    names = "、".join(rules().unit_names[one] for one in what.with_units or [unit])
    kind = "" if what.kind is ReminderKind.SUPERVISE else what.kind.label
    told = {"reason": f"{kind}{names}：{what.reason.label}"} if what.reason else {}
    return told | ({"note": what.words} if what.words else {})


def answer(ticket: Ticket, person: Person, reminder_id: int, words: str) -> None:
    """回复: what the department says to an urging, which ends with it, or to a supervision, once."""
    row = open_reminder(lock(ticket), reminder_id)
    share = session().get(Assignment, row.assignment_id) if row.assignment_id else None
    if row.department_id not in person.unit_ids() or row.answered_at:
        raise IllegalStep(GONE)
    actor = acting(person, Step.ANSWER_REMINDER, ticket, share)
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(answer="请写明办理进展和下一步安排。")
    row.answer, row.answered_by = without_identity(ticket.ticket_no, words), person.id
    row.answered_at = clock.now()
    row.ended_at = row.answered_at if row.kind is ReminderKind.URGE else None
    take_step(ticket, Step.ANSWER_REMINDER, actor, Detail(data={"reminder": row.id, "note": row.answer}))


def end_supervision(ticket: Ticket, person: Person, reminder_id: int, note: str) -> None:
    """督办办结, by the supervisor, who says what came of it."""
    row = open_reminder(lock(ticket), reminder_id)
    actor = acting(person, Step.END_SUPERVISION, ticket)
    if row.kind is ReminderKind.URGE:
        raise IllegalStep(GONE)
    if len(note.strip()) < MIN_WORDS:
        raise BadInput(words="请写明督办的结果。")
    row.ended_by, row.ended_at = person.id, clock.now()
    words = without_identity(ticket.ticket_no, note)
    take_step(ticket, Step.END_SUPERVISION, actor, Detail(data={"reminder": row.id, "note": words}))


def holders(ticket: Ticket) -> Holders:
    """The departments that can be pressed, the lead first, each with its open share; once the result is sent, the one
    that sent it."""
    sent = ticket.department_id if ticket.state in RESULT_SENT else None
    shares = {share.department_id: share for share in open_assignments(ticket.ticket_no)}
    return shares or ({sent: None} if sent else {})


def supervised_units(ticket_no: int) -> set[int]:
    """The departments with a supervision that has not ended."""
    query = select(Reminder.department_id).where(
        Reminder.ticket_no == ticket_no, Reminder.kind != ReminderKind.URGE, Reminder.ended_at.is_(None)
    )
    return set(session().execute(query).scalars())


def answer_due(ticket: Ticket, step: Step, moment: datetime) -> datetime:
    """Until when a department pressed now answers; there is a limit for it in every city."""
    book = rules()
    limit = book.limits.find(step.value, ticket.request_type.value, ticket.urgency.value, clock.city_day(moment))
    return due_at(moment, limit, book.calendar, book.counting).at  # type: ignore[arg-type]


def open_reminder(ticket: Ticket, reminder_id: int) -> Reminder:
    """A reminder of this ticket that goes on. Raises `NotFound` for none of this ticket, `IllegalStep` once ended."""
    row = session().get(Reminder, reminder_id, populate_existing=True)
    if row is None or row.ticket_no != ticket.ticket_no:
        raise NotFound("没有找到这次催办督办。")
    if row.ended_at is not None:
        raise IllegalStep(GONE)
    return row


def _urged_lately(ticket: Ticket, unit: int | None) -> Reminder | None:
    since = clock.now() - timedelta(hours=setting("urge_again_hours"))
    query = select(Reminder).where(
        Reminder.ticket_no == ticket.ticket_no, Reminder.department_id == unit, Reminder.kind == ReminderKind.URGE,
        Reminder.by_role.in_(FOR_REQUESTER), Reminder.ended_at.is_(None), Reminder.asked_at > since,
    )  # fmt: skip
    return session().execute(query.order_by(Reminder.id.desc()).limit(1)).scalar_one_or_none()
