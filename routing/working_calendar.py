"""Counts working days and working minutes on the city's own calendar (domain.md §6.3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.csv_table import BadTable, CellError, Fault, Line, read_table
from routing.day_span import DaySpan, SpanError

CITY_TIME = ZoneInfo("Asia/Shanghai")
COLUMNS = ("day", "kind", "hours", "source", "version")
KINDS = ("holiday", "workday", "year", "hours")
ONE_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """The calendar was asked something without an answer; its text is a Chinese sentence."""


@dataclass(frozen=True)
class CalendarDay:
    """One row of the calendar.

    kind: `holiday` (a weekday or legal holiday off), `workday` (a make-up weekend), `year` (the year of `day`
    is complete: days not listed follow the weekday rule), `hours` (office hours from `day` on).
    """

    day: date
    kind: str
    hours: tuple[DaySpan, ...] = ()
    source: str = ""
    version: str = ""


@dataclass(frozen=True)
class Reckoned:
    """A day counted to; `provisional` when a year on the way is not in the calendar yet."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class ReckonedMoment:
    """A moment counted to, in Asia/Shanghai; `provisional` as in Reckoned."""

    at: datetime
    provisional: bool


# Default; spine.md, "Two step tables, one door": clocks.
DEFAULT_HOURS = (DaySpan(time(9), time(12)), DaySpan(time(13, 30), time(17, 30)))


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days of one calendar version; `hours` count where no row of kind `hours` says others."""

    days: tuple[CalendarDay, ...]
    version: str = ""
    hours: tuple[DaySpan, ...] = DEFAULT_HOURS

    def __post_init__(self) -> None:
        if not self.hours or any(row.kind == "hours" and not row.hours for row in self.days):
            raise CalendarError("办公时间不能为空")

    @cached_property
    def _marked(self) -> dict[date, bool]:
        return {row.day: row.kind == "workday" for row in self.days if row.kind in ("holiday", "workday")}

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(row.day.year for row in self.days if row.kind == "year")

    @cached_property
    def _hours_from(self) -> tuple[CalendarDay, ...]:
        rows = (row for row in self.days if row.kind == "hours")
        return tuple(sorted(rows, key=lambda row: row.day, reverse=True))

    def knows(self, year: int) -> bool:
        """True when the year was declared complete by a row of kind `year`."""
        return year in self._years

    def is_working_day(self, day: date) -> bool:
        """True on a working day; a day not listed follows the weekday rule."""
        return self._marked.get(day, day.weekday() < 5)

    def add_working_days(self, day: date, n: int) -> Reckoned:
        """The n-th working day after `day`, n ≥ 1; day 1 is the next working day. Raises CalendarError."""
        if n < 1:
            raise CalendarError(f"工作日数应不小于1，收到{n}")
        provisional, left = False, n
        while left:
            day += ONE_DAY
            provisional = provisional or not self.knows(day.year)
            left -= self.is_working_day(day)
        return Reckoned(day, provisional)

    def add_working_minutes(self, moment: datetime, minutes: int) -> ReckonedMoment:
        """The earliest moment with so many office minutes behind it, counted from an aware `moment`."""
        if moment.tzinfo is None or minutes < 0:
            raise CalendarError("起算时刻须带时区，分钟数不得为负")
        local = moment.astimezone(CITY_TIME)
        left, day, provisional = timedelta(minutes=minutes), local.date(), False
        while left:
            provisional = provisional or not self.knows(day.year)
            for start, end in self._office_times(day):
                begin = max(start, local)
                if begin < end and end - begin >= left:
                    return ReckonedMoment(begin + left, provisional)
                left -= max(end - begin, timedelta())
            day += ONE_DAY
        return ReckonedMoment(local, provisional)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days follow the one day, up to and with the other."""
        return sum(self.is_working_day(after + n * ONE_DAY) for n in range(1, (until - after).days + 1))

    def working_minutes_between(self, begin: datetime, end: datetime) -> int:
        """The office minutes from one aware moment to another; a minute that began counts whole."""
        day, passed = begin.astimezone(CITY_TIME).date() - ONE_DAY, timedelta()
        while day <= end.astimezone(CITY_TIME).date():
            for start, stop in self._office_times(day):
                passed += max(min(stop, end) - max(start, begin), timedelta())
            day += ONE_DAY
        return -(-passed // timedelta(minutes=1))

    def hours_on(self, day: date) -> tuple[DaySpan, ...]:
        """The office hours in force on that day."""
        return next((row.hours for row in self._hours_from if row.day <= day), self.hours)

    def _office_times(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.is_working_day(day):
            for span in self.hours_on(day):
                end_day = day if span.start < span.end else day + ONE_DAY
                yield (
                    datetime.combine(day, span.start, CITY_TIME),
                    datetime.combine(end_day, span.end, CITY_TIME),
                )


def read_calendar(path: Path) -> tuple[CalendarDay, ...]:
    """The rows of a calendar CSV (day, kind, hours, source, version). Raises BadTable."""
    lines = read_table(path, COLUMNS, lambda line: (line.number, calendar_day(line)))
    if faults := repeated_days(lines):
        raise BadTable(faults)
    return tuple(row for _, row in lines)


def repeated_days(lines: Iterable[tuple[int, CalendarDay]]) -> list[Fault]:
    """The lines whose day was told before; `year` and `hours` may stand on a holiday, which excludes a workday."""
    faults, seen = [], set[date]()
    for number, row in lines:
        if row.kind in ("holiday", "workday"):
            faults += [Fault(number, "day", f"{row.day}重复")] if row.day in seen else []
            seen.add(row.day)
    return faults


def calendar_day(line: Line) -> CalendarDay:
    """One row of the calendar from one line of its table. Raises CellError."""
    kind, day = line.one_of("kind", KINDS), line.day("day")
    if kind == "workday" and day.weekday() < 5:
        raise CellError("kind", f"{day}本是工作日，调休上班只能是周末")
    if (kind == "hours") != bool(line.text("hours")):
        raise CellError("hours", "只有类型为 hours 的行填写，且必须填写")
    hours = office_hours(line.text("hours"))
    return CalendarDay(day, kind, hours, line.needed("source"), line.needed("version"))


def office_hours(written: str) -> tuple[DaySpan, ...]:
    """Office hours written "09:00-12:00|13:30-17:30", "" for none. Raises CellError."""
    try:
        spans: Sequence[DaySpan] = [DaySpan.parse(part) for part in written.split("|") if part]
    except SpanError as error:
        raise CellError("hours", str(error)) from None
    return tuple(sorted(spans, key=lambda span: span.start))
