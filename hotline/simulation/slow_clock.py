"""Due dates reckoned a second time, day by day and minute by minute: slow, plain, and without the desk's calendar.

Only the rows of the tables are shared with the desk: days that differ from the weekday rule, and office hours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from hotline.clock import CITY_ZONE

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MINUTES_OF = {"minutes": 1, "hours": 60, "working_minutes": 1, "working_hours": 60}


@dataclass(frozen=True, eq=False)
class SlowCalendar:
    """Days off and made up for, and from which day which office hours hold, newest first: (from, to) in minutes."""

    kinds: Mapping[date, str]
    hours: Sequence[tuple[date, tuple[tuple[int, int], ...]]]

    def works_on(self, day: date) -> bool:
        """Whether the offices are open that day."""
        return self.kinds.get(day, "holiday" if day.weekday() > 4 else "workday") == "workday"

    @lru_cache(maxsize=4096)  # noqa: B019 - one calendar lives as long as its report
    def open_minutes(self, day: date) -> frozenset[int]:
        """The office minutes of a day, counted from midnight."""
        if not self.works_on(day):
            return frozenset()
        spans = next((spans for since, spans in self.hours if since <= day), ())
        return frozenset(minute for begin, end in spans for minute in range(begin, end))

    def due(self, start: datetime, value: int, unit: str, day_hours: int | None = None) -> datetime:
        """When a limit is due that began at `start`; its last day ends at midnight, the first is the next one.

        For a unit on duty round the clock a working day is `day_hours` hours, and office time is any time.
        """
        local = start.astimezone(CITY_ZONE)
        if day_hours and unit == "working_days":
            return start + timedelta(hours=value * day_hours)
        if unit in ("minutes", "hours") or (day_hours and unit in MINUTES_OF):
            return start + value * MINUTES_OF[unit] * MINUTE
        if unit.endswith("days"):
            return self._after_days(local.date(), value, every=unit == "days")
        return self._after_minutes(local, value * MINUTES_OF[unit])

    def _after_days(self, day: date, left: int, *, every: bool) -> datetime:
        while left:
            day += DAY
            left -= every or self.works_on(day)
        return datetime.combine(day + DAY, time(), CITY_ZONE)

    def _after_minutes(self, moment: datetime, left: int) -> datetime:
        while left:
            left -= moment.hour * 60 + moment.minute in self.open_minutes(moment.date())
            moment += MINUTE
        return moment


def read_span(written: str) -> tuple[tuple[int, int], ...]:
    """Office hours "09:00-12:00|13:30-17:30" in minutes."""
    return tuple(
        (int(a[:2]) * 60 + int(a[3:]), int(b[:2]) * 60 + int(b[3:]))
        for a, _, b in (span.partition("-") for span in written.split("|"))
    )
