"""Moves a due date by the time a limit stood still (domain.md §6.3: approved suspension)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from routing.time_limits import CountingRules, Due, TimeLimit
from routing.working_calendar import CITY_TIME, ONE_DAY, WorkingCalendar


@dataclass(frozen=True)
class Pause:
    """A span in which a limit stands still: aware moments, half-open."""

    begin: datetime
    end: datetime


def due_after(
    due: datetime,
    pause: Pause,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    counting: CountingRules | None = None,
) -> Due:
    """When a limit is due that would have been due at `due` without the pause.

    The time paused is added in the limit's own unit; of days those count that ended during the pause (default),
    so that nobody is late on the day the work goes on. A limit missed before stays missed. Raises CalendarError.
    """
    if due <= pause.begin or pause.end <= pause.begin:
        return Due(due, False)
    if limit.unit in ("minutes", "hours"):
        return Due(due + (pause.end - pause.begin), False)
    if limit.unit in ("working_minutes", "working_hours"):
        reckoned = calendar.add_working_minutes(due, calendar.working_minutes_between(pause.begin, pause.end))
        return Due(reckoned.at.astimezone(UTC), reckoned.provisional)
    return _days_later(due, pause, limit, calendar, counting or CountingRules())


def _days_later(
    due: datetime, pause: Pause, limit: TimeLimit, calendar: WorkingCalendar, counting: CountingRules
) -> Due:
    first, last, day = (_day_ended(moment, counting) for moment in (pause.begin, pause.end, due))
    if limit.unit == "days":
        return Due(counting.end_of(day + (last - first)).astimezone(UTC), False)
    days = calendar.working_days_between(first, last)
    if not days:
        return Due(due, False)
    reckoned = calendar.add_working_days(day, days)
    return Due(counting.end_of(reckoned.day).astimezone(UTC), reckoned.provisional)


def _day_ended(moment: datetime, counting: CountingRules) -> date:
    """The city's last day that was over by then."""
    day = moment.astimezone(CITY_TIME).date()
    return day if counting.end_of(day) <= moment else day - ONE_DAY
