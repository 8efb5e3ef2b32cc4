"""Reckons provisional due dates again when the calendar they waited for has come (domain.md §6.3, I4)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from hotline.database import session
from hotline.models import Clock, Ticket, TimeLimitRecord
from hotline.models.words import OPEN, Step
from hotline.tickets import deadlines
from hotline.tickets.decide import granted_days
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, take_step
from hotline.tickets.rulebook import Rules, limit_of, rules
from routing.time_limits import TimeLimit, due_at


def outdated(most: int) -> list[int]:
    """Tickets with a running provisional clock reckoned on another calendar than the present one."""
    query = select(Clock.ticket_no).where(
        Clock.provisional,
        Clock.stopped_at.is_(None),
        Clock.met_at.is_(None),
        Clock.calendar_version != rules().versions["calendar"],
    )
    return list(session().execute(query.distinct().limit(most)).scalars())


def reckon_again(ticket: Ticket) -> None:
    """Reckon each provisional clock from its own start and limit; one journal row when anything changed."""
    ticket, book = lock(ticket), rules()
    version = book.versions["calendar"]
    waiting = [c for c in deadlines.running_clocks(ticket) if c.provisional and c.calendar_version != version]
    changes = [change for one in waiting if (change := _reckon(one, book))]
    if changes and ticket.state in OPEN:
        take_step(ticket, Step.RECKON_AGAIN, SYSTEM, Detail(data={"clocks": changes}))


def _reckon(running: Clock, book: Rules) -> Mapping[str, Any] | None:
    """Move one clock; what the journal says of it, None when all stays as it was."""
    running.calendar_version = book.versions["calendar"]
    limit = _limit_of(running)
    if limit is None:
        return None
    before, extended = running.due_at, running.due_at != running.original_due_at
    due = due_at(running.started_at, limit, book.calendar, book.counting)
    running.original_due_at = running.due_at = due.at
    if extended:
        due = deadlines.prolonged(due.at, limit, book, granted_days(running.ticket_no))
        running.due_at = due.at
    running.provisional = due.provisional
    if running.due_at == before and running.provisional:
        return None
    return {
        "clock": running.id, "kind": running.kind.value, "provisional": running.provisional,
        "old_due_at": before.isoformat(), "new_due_at": running.due_at.isoformat(),
    }  # fmt: skip


def _limit_of(running: Clock) -> TimeLimit | None:
    """The limit the clock was started with, whatever the city has set since."""
    row = session().get(TimeLimitRecord, running.limit_id) if running.limit_id else None
    return limit_of(row) if row else None
