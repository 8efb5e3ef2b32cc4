"""Reckons due dates from the limit and all that was granted since: when a suspension begins or ends, and when the
calendar a provisional date waited for has come (domain.md §6.3, I4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotline.database import session
from hotline.models import Asked, Assignment, Clock, Ticket
from hotline.models.words import OPEN, AskKind, ClockKind, Decision, Step
from hotline.tickets import deadlines
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, take_step
from hotline.tickets.rulebook import Rules, rules
from routing.pause import Pause, due_after
from routing.time_limits import Due, TimeLimit, due_at

WORK = (ClockKind.HANDLE, ClockKind.REHANDLE)
"""What an extension prolongs; a suspension moves every clock of a share."""


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
    granted = granted_to(ticket)
    changes = [reckon(one, granted, book) for one in waiting]
    changes = [one for one in changes if one["old_due_at"] != one["new_due_at"] or not one["provisional"]]
    if changes and ticket.state in OPEN:
        take_step(ticket, Step.RECKON_AGAIN, SYSTEM, Detail(data={"clocks": changes}))


def granted_to(ticket: Ticket) -> Sequence[Asked]:
    """The extensions and suspensions granted to a ticket, in their order."""
    query = select(Asked).where(
        Asked.ticket_no == ticket.ticket_no, Asked.decision == Decision.GRANTED,
        Asked.kind.in_((AskKind.EXTENSION, AskKind.SUSPENSION)),
    )  # fmt: skip
    return session().execute(query.order_by(Asked.decided_at, Asked.id)).scalars().all()


def reckon(running: Clock, granted: Sequence[Asked], book: Rules) -> Mapping[str, Any]:
    """Move one clock to where its limit and what was granted since its start lead; what the journal says of it.

    Only a provisional original date follows the calendar.
    """
    before, limit = running.due_at, deadlines.limit_behind(running)
    if limit is not None:
        due = Due(running.original_due_at, False)
        if running.provisional:
            due = deadlines.within(due_at(running.started_at, limit, book.calendar, book.counting), _share(running))
            running.original_due_at = due.at
        due = with_granted(due, running, granted, (limit, book))
        running.due_at, running.provisional = due.at, due.provisional
        urgency = session().get_one(Ticket, running.ticket_no).urgency
        deadlines.place_rung(running, urgency, book, not_before=_resumed_at(granted))
    running.calendar_version = book.versions["calendar"]
    return move_words(running, before)


def with_granted(due: Due, running: Clock, granted: Sequence[Asked], by: tuple[TimeLimit, Rules]) -> Due:
    """The due date with all that was granted since the clock began."""
    for one in granted:
        if one.decided_at is not None and one.decided_at >= running.started_at and _reaches(one, running):
            due = _moved(due, running, one, *by)
    return due


def move_words(running: Clock, before: datetime) -> Mapping[str, Any]:
    """What the journal says of a due date that moved."""
    return {
        "clock": running.id, "kind": running.kind.value, "provisional": running.provisional,
        "old_due_at": before.isoformat(), "new_due_at": running.due_at.isoformat(),
    }  # fmt: skip


def _moved(due: Due, running: Clock, granted: Asked, limit: TimeLimit, book: Rules) -> Due:
    moved = due
    if granted.kind is AskKind.SUSPENSION and granted.decided_at and granted.new_due_at:
        pause = Pause(granted.decided_at, granted.resumed_at or granted.new_due_at)
        moved = due_after(due.at, pause, limit, book.calendar, book.counting)
    elif granted.kind is AskKind.EXTENSION and running.kind in WORK:
        moved = deadlines.prolonged(due.at, limit, book, granted.days, running.day_hours)
        if granted.new_due_at and not due.provisional:
            moved = Due(max(moved.at, granted.new_due_at), moved.provisional)
    return Due(moved.at, due.provisional or moved.provisional)


def _reaches(granted: Asked, running: Clock) -> bool:
    """What the lead was granted is for all who work with it, what a helping unit was for its own share."""
    own = granted.assignment_id == running.assignment_id
    return own or session().get_one(Assignment, granted.assignment_id).is_lead


def _resumed_at(granted: Sequence[Asked]) -> datetime | None:
    """When the last suspension ended or will end: nobody is pressed while it lasts."""
    ends = [one.resumed_at or one.new_due_at for one in granted if one.kind is AskKind.SUSPENSION]
    return max((end for end in ends if end), default=None)


def _share(running: Clock) -> Assignment | None:
    return session().get(Assignment, running.assignment_id) if running.assignment_id else None
