"""Listing, interview and notice (挂牌、约谈、通报): proposed for a department, taken up by a supervisor, followed up.

Domain.md §13, 40: a record with date, persons, commitments and follow-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep, NotFound
from hotline.models import Clock, Summons, Ticket
from hotline.models.reminder_words import SummonsKind, SupervisionReason
from hotline.models.words import Role, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.pressing import NOBODY, SupervisionForm, holders, supervise
from hotline.tickets.rulebook import rules

MIN_WORDS = 5
MOST_AT_ONCE = 20
TOLD = (SummonsKind.INTERVIEW, SummonsKind.NOTICE)
"""What the department hears of; what goes to the supervision commission stays in the supervisor's ledger (default)."""
DONE = "该事项已经办结。"
TAKEN = "同时登记的事项中有的已由他人登记，请重新勾选。"


@dataclass(frozen=True)
class SummonsForm:
    """What a supervisor wrote down of an interview or a notice."""

    held_on: date | None
    persons: str
    commitments: str
    follow_up_on: date | None
    also: Sequence[int] = ()
    """Others of the same unit that were dealt with at once."""


def propose(ticket: Ticket, unit: int, kind: SummonsKind, reason: str, by: Clock | Person) -> None:
    """One more for the ledger, unless the same waits already for this ticket and department."""
    same = select(Summons.id).where(
        Summons.ticket_no == ticket.ticket_no, Summons.department_id == unit, Summons.kind == kind,
        Summons.done_at.is_(None),
    )  # fmt: skip
    if session().execute(same.limit(1)).first() is None:
        session().add(
            Summons(
                ticket_no=ticket.ticket_no, department_id=unit, kind=kind, proposed_at=clock.now(),
                reason=without_identity(ticket.ticket_no, reason), clock_id=by.id if isinstance(by, Clock) else None,
                proposed_by=by.id if isinstance(by, Person) else None,
            )
        )  # fmt: skip
        session().flush()


def propose_by_hand(ticket: Ticket, person: Person, kind: SummonsKind, reason: str) -> None:
    """A supervisor wants an interview or a notice of the department that leads."""
    _only_supervisors(person)
    held = holders(lock(ticket))
    if not held:
        raise IllegalStep(NOBODY)
    if kind is SummonsKind.LISTED:
        raise BadInput(kind="请选择约谈或通报，挂牌请用督办。")
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(reason="请写明约谈或通报的原因。")
    propose(ticket, next(iter(held)), kind, reason, person)


def take_up(ticket: Ticket, person: Person, summons_id: int, form: SummonsForm) -> None:
    """Write down the interview or notice, on every ticket it was about; a listing becomes a listed supervision, which
    answers it."""
    others = session().execute(select(Summons).where(Summons.id.in_(form.also))).scalars().all()
    for number in sorted({ticket.ticket_no, *(one.ticket_no for one in others)}):
        lock(session().get_one(Ticket, number))
    row = open_summons(ticket, person, summons_id)
    if row.kind is SummonsKind.LISTED:
        supervise(ticket, person, SupervisionForm(SupervisionReason.OVERDUE, row.reason, [row.department_id], True))
        row.done_at, row.outcome = clock.now(), "已挂牌督办"
        row.taken_up_by, row.taken_up_at = person.id, clock.now()
        return
    _check(form)
    if not {one.id for one in others} <= {one.id for one in also_waiting(row)}:
        raise IllegalStep(TAKEN)
    for one in (row, *others):
        _write_down(one, person, form)


def also_waiting(row: Summons) -> Sequence[Summons]:
    """What else of the same kind waits for the same department, the oldest first."""
    same = (Summons.department_id == row.department_id, Summons.kind == row.kind, Summons.id != row.id)
    query = select(Summons).where(*same, Summons.done_at.is_(None), Summons.taken_up_at.is_(None))
    return session().execute(query.order_by(Summons.id).limit(MOST_AT_ONCE)).scalars().all()


def finish(ticket: Ticket, person: Person, summons_id: int, outcome: str) -> None:
    """Whether the commitments were kept; of what nobody took up, why not."""
    row = open_summons(lock(ticket), person, summons_id)
    if len(outcome.strip()) < MIN_WORDS:
        raise BadInput(outcome="请写明落实情况，或不予采纳的理由。")
    row.outcome, row.done_at = without_identity(ticket.ticket_no, outcome), clock.now()
    if row.taken_up_at is not None:
        _note(row, person, "已办结")


def open_summons(ticket: Ticket, person: Person, summons_id: int) -> Summons:
    """One of this ticket that is not done. Raises `Forbidden`, `NotFound`, `IllegalStep`."""
    _only_supervisors(person)
    row = session().get(Summons, summons_id, populate_existing=True)
    if row is None or row.ticket_no != ticket.ticket_no:
        raise NotFound("没有找到这项约谈或通报。")
    if row.done_at is not None:
        raise IllegalStep(DONE)
    return row


def _write_down(row: Summons, person: Person, form: SummonsForm) -> None:
    row.held_on, row.follow_up_on = form.held_on, form.follow_up_on
    row.persons = without_identity(row.ticket_no, form.persons)
    row.commitments = without_identity(row.ticket_no, form.commitments)
    row.taken_up_by, row.taken_up_at = person.id, row.taken_up_at or clock.now()
    _note(row, person, f"{form.held_on:%Y-%m-%d}，{form.follow_up_on:%Y-%m-%d}回头看")


def _note(row: Summons, person: Person, words: str) -> None:
    """The journal row, by which the department hears of it; an archived file takes no more."""
    ticket = session().get_one(Ticket, row.ticket_no)
    if row.kind in TOLD and ticket.state is not State.ARCHIVED:
        reason = f"{row.kind.label}{rules().unit_names[row.department_id]}：{words}"
        actor = acting(person, Step.SUMMON, ticket)
        take_step(ticket, Step.SUMMON, actor, Detail(data={"summons": row.id, "reason": reason}))


def _only_supervisors(person: Person) -> None:
    if not person.has(Role.SUPERVISOR):
        raise Forbidden()


def _check(form: SummonsForm) -> None:
    problems = {}
    if form.held_on is None:
        problems["held_on"] = "请选择日期。"
    if len(form.persons.strip()) < 2:
        problems["persons"] = "请写明参加人员或通报范围。"
    if len(form.commitments.strip()) < MIN_WORDS:
        problems["commitments"] = "请写明承诺或整改要求。"
    if form.follow_up_on is None or (form.held_on and form.follow_up_on < form.held_on):
        problems["follow_up_on"] = "请选择回头看的日期，不早于约谈或通报当天。"
    if problems:
        raise BadInput(**problems)
