"""Starts, meets and stops the clocks of a ticket, and keeps `ticket.deadline` at the nearest duty.

Receipt counts from dispatch, not from signing (domain.md §6.3). Every due date is reckoned here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Assignment, Clock, Ticket, TimeLimitRecord
from hotline.models.ticket import NO_DEADLINE
from hotline.models.words import ClockKind, State, UrgencyGrade
from hotline.tickets.default_limits import DEFAULT_LIMITS
from hotline.tickets.moves import Move
from hotline.tickets.rulebook import Rules, limit_of, rules
from routing.time_limits import Due, TimeLimit, due_at, round_the_clock

NOT_OUR_DUTY = frozenset({ClockKind.RETURN, ClockKind.EVALUATE, ClockKind.ALARM})
"""A right of the department and a right of the citizen, by which nobody is late; and the alarm, which has its own
place on the desks and is no department's lateness."""
OF_THE_DESK = frozenset({
    ClockKind.DISPATCH, ClockKind.SUPPLEMENT, ClockKind.CHECK, ClockKind.EVALUATE, ClockKind.DECIDE, ClockKind.MEETING,
    ClockKind.ALARM,
})  # fmt: skip
"""The hotline's own duties and the citizen's right: no department is late by them."""
ON_THE_LADDER = frozenset({ClockKind.HANDLE, ClockKind.REHANDLE, ClockKind.RECTIFY})
"""The limits of the work itself: unmet, they lead up the ladder."""
LONGEST_EXTENSION = 10
"""Working days (default; domain.md §6.2, §5.3: Shandong province ≤ 10)."""


def run_clocks(
    ticket: Ticket, move: Move, assignment: Assignment | None, shares: Sequence[Assignment]
) -> dict[str, int]:
    """Do what one step does to the clocks; the answer names the versions of the rules it used.

    An assignment's step meets its own clocks alone; the lead's meets the hotline's too, and stops those of all.
    Ticket and open `shares` keep their nearest duty.
    """
    book, moment = rules(), clock.now()
    running = running_clocks(ticket) if ticket.steps > 1 else []
    leads = assignment is None or assignment.is_lead
    for one in running:
        own = assignment is None or one.assignment_id == assignment.id or (leads and one.kind in OF_THE_DESK)
        if own and one.kind in move.meets:
            one.met_at = moment
        elif move.stops and (own or leads) and one.kind is not ClockKind.ALARM:
            one.stopped_at = moment
    begun = [begin(ticket, kind, assignment, book) for kind in (*move.starts, *_alarm_begins(ticket, running))]
    alive = [one for one in (*running, *begun) if one and one.met_at is None and one.stopped_at is None]
    _note_nearest(ticket, alive)
    for share in shares:
        _note_nearest(share, [one for one in alive if one.assignment_id == share.id])
    return book.stamp()


def _note_nearest(held: Ticket | Assignment, clocks: Sequence[Clock]) -> None:
    pressing = nearest(clocks)
    held.deadline = pressing.due_at if pressing else NO_DEADLINE
    held.deadline_since = pressing.started_at if pressing else None


def begin_alarm(ticket: Ticket) -> None:
    """The alarm's own clock, where a step taken already has opened the alarm."""
    for kind in _alarm_begins(ticket, running_clocks(ticket)):
        begin(ticket, kind, None, rules())


def _alarm_begins(ticket: Ticket, running: Sequence[Clock]) -> tuple[ClockKind, ...]:
    """An alarm waits for a person from when it opens, whatever else begins and ends; at the emergency line it is heard.
    """
    waits = any(one.kind is ClockKind.ALARM and one.met_at is None for one in running)
    return (ClockKind.ALARM,) if ticket.alarm_open and not waits and ticket.state is not State.TRANSFERRED else ()


def running_clocks(ticket: Ticket) -> list[Clock]:
    """The clocks of a ticket that still run."""
    query = select(Clock).where(
        Clock.ticket_no == ticket.ticket_no, Clock.stopped_at.is_(None), Clock.met_at.is_(None)
    )
    return list(session().execute(query.order_by(Clock.id)).scalars())


def nearest(clocks: Sequence[Clock]) -> Clock | None:
    """The limit by which somebody at the desk or a department becomes late first."""
    return min((one for one in clocks if one.kind not in NOT_OUR_DUTY), key=lambda one: one.due_at, default=None)


def begin(ticket: Ticket, kind: ClockKind, assignment: Assignment | None, book: Rules) -> Clock | None:
    """Start a clock now by the strictest limit, or none where the city set no limit for it; no clock of a share runs
    longer than the share itself may take."""
    moment = clock.now()
    share = None if kind in OF_THE_DESK else assignment
    limits = [*find_limits(ticket, kind, book, moment), *limits_before(ticket, kind)]
    if not limits:
        return None
    day_hours = duty_hours(share, book)
    due, limit = strictest(moment, limits, book, day_hours)
    due = within(due, share)
    started = Clock(
        ticket_no=ticket.ticket_no,
        kind=kind,
        started_at=moment,
        due_at=due.at,
        original_due_at=due.at,
        assignment_id=share.id if share else None,
        department_id=share.department_id if share else None,
        limit_id=limit.id or None,
        limit_version=book.versions["limits"],
        calendar_version=book.versions["calendar"],
        provisional=due.provisional,
        day_hours=day_hours,
    )
    place_rung(started, ticket.urgency, book)
    session().add(started)
    return started


def duty_hours(share: Assignment | None, book: Rules) -> int | None:
    """What a working day is reckoned as for a utility with 24-hour duty, None for all who go by the calendar."""
    on_duty = share is not None and share.department_id in book.day_and_night
    return (book.settings["duty_day_hours"] or None) if on_duty else None


def strictest(
    started_at: datetime, limits: Sequence[TimeLimit], book: Rules, day_hours: int | None
) -> tuple[Due, TimeLimit]:
    """The limit that is due first, and when."""
    dues = ((due_by(started_at, one, book, day_hours), one) for one in limits)
    return min(dues, key=lambda each: each[0].at)


def due_by(started_at: datetime, limit: TimeLimit, book: Rules, day_hours: int | None) -> Due:
    """When a limit is due, for a utility with 24-hour duty round the clock."""
    return due_at(started_at, in_force_for(limit, day_hours), book.calendar, book.counting)


def in_force_for(limit: TimeLimit, day_hours: int | None) -> TimeLimit:
    """The limit as it runs for a unit."""
    return round_the_clock(limit, day_hours) if day_hours else limit


def limit_behind(running: Clock) -> TimeLimit | None:
    """The limit the clock was started with, whatever the city has set since, as it runs for its unit."""
    limit = _written_limit(running)
    return in_force_for(limit, running.day_hours) if limit else None


def _written_limit(running: Clock) -> TimeLimit | None:
    """A row of the city; else the default that goes by the calendar, for no other is ever reckoned again."""
    if running.limit_id is None:
        return next((one for one in DEFAULT_LIMITS if one.step == running.kind and one.urgency == "*"), None)
    in_force = next((one for one in rules().limits.rows if one.id == running.limit_id), None)
    return in_force or limit_of(session().get_one(TimeLimitRecord, running.limit_id))


def place_rung(running: Clock, urgency: UrgencyGrade, book: Rules, not_before: datetime | None = None) -> None:
    """Say on a limit when its next rung of the ladder is due; a limit to sign has one rung, its end.

    To be called whenever a due date is set.
    """
    moment = None
    if running.kind is ClockKind.SIGN:
        moment = None if running.rung else running.due_at
    elif running.kind in ON_THE_LADDER:
        rule = book.ladder.above(running.rung, urgency.value, clock.city_day(clock.now()))
        moment = rule and rule.moment(running.started_at, running.due_at, book.calendar, book.counting)
    running.next_rung_at = moment and max(moment, not_before or moment)


def within(due: Due, share: Assignment | None) -> Due:
    """The date, or the limit set for the whole share where that comes first; it stays as provisional as it was."""
    return replace(due, at=min(due.at, share.until)) if share and share.until else due


def find_limit(ticket: Ticket, kind: ClockKind, book: Rules, moment: datetime) -> TimeLimit | None:
    """The limit row for this step of this ticket, in force on the day."""
    return next(iter(find_limits(ticket, kind, book, moment)), None)


def find_limits(ticket: Ticket, kind: ClockKind, book: Rules, moment: datetime) -> list[TimeLimit]:
    """The limits of what the ticket is called and of all it was called since its first dispatch (domain.md §18,
    I22)."""
    pairs = [(ticket.request_type.value, ticket.urgency.value), *(ticket.called or ())]
    found = (book.limits.find(kind.value, *pair, clock.city_day(moment)) for pair in pairs)
    return [one for one in found if one]


def keep_called(ticket: Ticket) -> None:
    """The limits of what a ticket is called now stay, whatever it is called from now on."""
    pair = [ticket.request_type.value, ticket.urgency.value]
    ticket.called = [*ticket.called, *([] if pair in ticket.called else [pair])]


def limits_before(ticket: Ticket, kind: ClockKind) -> list[TimeLimit]:
    """The limits the ticket had in earlier rounds: whatever it is called by now, the strictest stays (domain.md §18,
    I22)."""
    if ticket.round <= 1:
        return []
    used = select(Clock.limit_id).where(Clock.ticket_no == ticket.ticket_no, Clock.kind == kind)
    query = select(TimeLimitRecord).where(TimeLimitRecord.id.in_(used)).order_by(TimeLimitRecord.id)
    return [limit_of(row) for row in session().execute(query).scalars()]


def longest_extension(ticket: Ticket, running: Clock) -> int:
    """The most days one extension may give: the original limit and at most ten, one for an urgent case, none
    for a more urgent one (default; domain.md §6.2, "extension")."""
    limit = _written_limit(running)
    if limit is None or ticket.urgency in (UrgencyGrade.EMERGENCY, UrgencyGrade.CRITICAL):
        return 0
    whole = ticket.urgency is UrgencyGrade.NORMAL and "days" in limit.unit
    return min(limit.value, LONGEST_EXTENSION) if whole else 1


def extended(running: Clock, days: int) -> Due:
    """The due date after an extension by so many days."""
    limit = limit_behind(running)
    if limit is None:
        return Due(running.due_at, running.provisional)
    return prolonged(running.due_at, limit, rules(), days, running.day_hours)


def prolonged(
    due: datetime, limit: TimeLimit, book: Rules, days: int | None = None, day_hours: int | None = None
) -> Due:
    """The due date so many days after another one, without `days` one whole limit after it; no cap holds it.

    A due date counted in days is the midnight after its last day.
    """
    limit = replace(limit, cap=None)
    if days is not None:
        unit = limit.unit if "days" in limit.unit else "working_days"
        limit = in_force_for(replace(limit, value=days, unit=unit), day_hours)
    last_moment = due - timedelta(seconds=1) if "days" in limit.unit else due
    return due_at(last_moment, limit, book.calendar, book.counting)
