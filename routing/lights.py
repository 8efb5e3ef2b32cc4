"""When a limit's light turns yellow: at a share of it, or with few working days left (domain.md §6.3, lights)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from routing.working_calendar import CITY_TIME, ONE_DAY, WorkingCalendar


@dataclass(frozen=True)
class LightRules:
    """Yellow at `percent` of the limit or at `working_days` left, whichever comes first; 100 and 0 leave one out."""

    percent: int = 75
    working_days: int = 1


def yellow_from(started: datetime, due: datetime, rules: LightRules, calendar: WorkingCalendar) -> datetime:
    """The moment from which a limit is yellow.

    Working days left are whole days up to the one it is due on; they say nothing of a limit that was no longer when it
    began (default).
    """
    share = started + (due - started) * rules.percent / 100
    last_days = _begin_of_last_days(due, rules.working_days, calendar) if rules.working_days else due
    return min(share, last_days) if last_days > started else share


def _begin_of_last_days(due: datetime, working_days: int, calendar: WorkingCalendar) -> datetime:
    day, left = (due - timedelta(microseconds=1)).astimezone(CITY_TIME).date(), working_days
    while True:
        if calendar.is_working_day(day):
            if not left:
                return datetime.combine(day + ONE_DAY, time(), CITY_TIME)
            left -= 1
        day -= ONE_DAY
