"""The urgings and supervisions of a ticket as the pages of both sides show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline.database import session
from hotline.models import Reminder, Ticket
from hotline.models.reminder_words import ReminderKind
from hotline.people.accounts import Person
from hotline.web.shown import TimeLeft, is_hotline, time_left, unit_name


@dataclass(frozen=True)
class ReminderShown:
    """One reminder: what was said to whom by whom, until when it is to be answered, and the answer."""

    id: int
    kind_label: str
    is_supervision: bool
    reason: str
    words: str
    who: str
    department: str
    with_names: str
    times: int
    at: datetime
    left: TimeLeft | None
    answer: str
    answered_at: datetime | None
    is_open: bool
    may_answer: bool


def reminders_of(ticket: Ticket, person: Person) -> list[ReminderShown]:
    """The newest first, in one statement; a unit sees those to itself alone."""
    query = select(Reminder).where(Reminder.ticket_no == ticket.ticket_no).order_by(Reminder.id.desc())
    if not is_hotline(person):
        query = query.where(Reminder.department_id.in_(person.unit_ids()))
    return [reminder_shown(row, person) for row in session().execute(query).scalars()]


def reminder_shown(row: Reminder, person: Person | None = None) -> ReminderShown:
    """One reminder; the person who looks may answer for a unit of theirs."""
    waits = row.ended_at is None and row.answered_at is None
    mine = person is not None and row.department_id in person.unit_ids()
    names = "、".join(unit_name(unit) for unit in row.with_units) if len(row.with_units) > 1 else ""
    return ReminderShown(
        id=row.id, kind_label=row.kind.label, is_supervision=row.kind is not ReminderKind.URGE,
        reason=row.reason.label if row.reason else "", words=row.words, who=row.by_role.label,
        department=unit_name(row.department_id), with_names=names, times=row.times, at=row.asked_at,
        left=time_left(row.asked_at, row.due_at) if waits else None, answer=row.answer, answered_at=row.answered_at,
        is_open=row.ended_at is None, may_answer=waits and mine,
    )  # fmt: skip
