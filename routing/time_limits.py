"""Finds the time limit of a step and reckons when it is due (domain.md §6.2, §6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from routing.csv_table import CellError, Line, read_table
from routing.working_calendar import CITY_TIME, ONE_DAY, CalendarError, WorkingCalendar

STEPS = ("dispatch", "sign", "contact", "return", "handle", "check",
         "rehandle", "rectify_contact", "rectify", "evaluate", "supplement", "urge", "supervise",
         "decide", "meeting", "alarm", "grid")  # fmt: skip
UNITS = ("minutes", "hours", "working_minutes", "working_hours", "working_days", "days")
LONGEST = 10_000
"""No limit is a larger number, whatever its unit (default)."""
GRADES = ("emergency", "critical", "urgent", "normal", "*")
COLUMNS = ("step", "request_type", "urgency", "value", "unit", "valid_from", "valid_to")
CAP_COLUMNS = ("cap", "cap_unit")
ELAPSED = {"working_minutes": "minutes", "working_hours": "hours"}
"""What runs round the clock in place of a unit of the calendar."""


@dataclass(frozen=True)
class TimeLimit:
    """One row of the limits: `value` in `unit` for a step; "*" stands for any request type or urgency.

    minutes and hours run round the clock; days are calendar days; the working units follow the calendar. `cap` in
    `cap_unit` is the longest it may last all the same ("2 working hours, max 24 h"; domain.md §6.2).
    """

    step: str
    request_type: str
    urgency: str
    value: int
    unit: str
    valid_from: date = date.min
    valid_to: date | None = None
    id: int = 0
    cap: int | None = None
    cap_unit: str = ""

    def fits(self, step: str, request_type: str, urgency: str, on: date) -> bool:
        """True when the row speaks of this step, type and urgency and is in force on that day."""
        in_force = self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)
        return (
            in_force
            and self.step == step
            and self.request_type in ("*", request_type)
            and self.urgency in ("*", urgency)
        )


@dataclass(frozen=True)
class LimitTable:
    """All limits of a city, and those that stand in where it has none for a case."""

    rows: tuple[TimeLimit, ...]
    defaults: tuple[TimeLimit, ...] = ()

    def find(self, step: str, request_type: str, urgency: str, on: date) -> TimeLimit | None:
        """The most specific row in force, None when the step has no limit.

        A named urgency beats a named request type, because what is urgent may not wait for its type's limit;
        among equals the newest row wins. Default; domain.md §6.2.
        """
        asked = (step, request_type, urgency, on)
        fitting = [row for row in self.rows if row.fits(*asked)] or [row for row in self.defaults if row.fits(*asked)]
        return max(fitting, key=specificity, default=None)


def specificity(row: TimeLimit) -> tuple[bool, bool, date, int]:
    """Sorts limits that fit the same case, the winner last."""
    return row.urgency != "*", row.request_type != "*", row.valid_from, row.id


@dataclass(frozen=True)
class CountingRules:
    """How days are counted (domain.md §6.3, configurable).

    count_from: `next_working_day` (the day of receipt doesn't count) or `same_day`;
    end_of_day: the hour the last day ends, "24:00" by default.
    """

    count_from: str = "next_working_day"
    end_of_day: str = "24:00"

    def __post_init__(self) -> None:
        if self.count_from not in ("next_working_day", "same_day"):
            raise CalendarError(f"起算方式“{self.count_from}”不认识")
        self.end_of(date(2026, 1, 1))

    def end_of(self, day: date) -> datetime:
        """The moment the day is over, half-open: for 24:00 the next midnight. Raises CalendarError."""
        if self.end_of_day == "24:00":
            return datetime.combine(day + ONE_DAY, time(), CITY_TIME)
        try:
            return datetime.combine(day, time.fromisoformat(self.end_of_day), CITY_TIME)
        except ValueError:
            raise CalendarError(f"截止时刻“{self.end_of_day}”应写作“18:00”或“24:00”") from None


@dataclass(frozen=True)
class Due:
    """When a step is due: aware UTC, half-open (overdue when now ≥ at); `provisional` as in Reckoned."""

    at: datetime
    provisional: bool


def due_at(
    started_at: datetime,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    counting: CountingRules | None = None,
) -> Due:
    """When a step begun at an aware moment is due: by its limit or by the cap, whichever comes first. Raises
    CalendarError."""
    due = _due_by(started_at, limit, calendar, counting or CountingRules())
    if limit.cap is None:
        return due
    capped = replace(limit, value=limit.cap, unit=limit.cap_unit)
    latest = _due_by(started_at, capped, calendar, counting or CountingRules())
    return Due(min(due.at, latest.at), due.provisional or latest.provisional)


def round_the_clock(limit: TimeLimit, day_hours: int) -> TimeLimit:
    """The limit of a unit with 24-hour duty: office time becomes elapsed time, a working day `day_hours` hours
    (domain.md §6.3, "elapsed hours"; the hours are a default)."""
    value, unit = _elapsed(limit.value, limit.unit, day_hours)
    cap, cap_unit = (None, "") if limit.cap is None else _elapsed(limit.cap, limit.cap_unit, day_hours)
    return replace(limit, value=value, unit=unit, cap=cap, cap_unit=cap_unit)


def _elapsed(value: int, unit: str, day_hours: int) -> tuple[int, str]:
    return (value * day_hours, "hours") if unit == "working_days" else (value, ELAPSED.get(unit, unit))


def _due_by(started_at: datetime, limit: TimeLimit, calendar: WorkingCalendar, counting: CountingRules) -> Due:
    if started_at.tzinfo is None:
        raise CalendarError("起算时刻须带时区")
    if limit.unit in ("minutes", "hours"):
        return Due(started_at.astimezone(UTC) + timedelta(**{limit.unit: limit.value}), False)
    if limit.unit in ("working_minutes", "working_hours"):
        minutes = limit.value * (60 if limit.unit == "working_hours" else 1)
        reckoned = calendar.add_working_minutes(started_at, minutes)
        return Due(reckoned.at.astimezone(UTC), reckoned.provisional)
    return _end_of_last_day(started_at, limit, calendar, counting)


def _end_of_last_day(
    started_at: datetime, limit: TimeLimit, calendar: WorkingCalendar, counting: CountingRules
) -> Due:
    day = started_at.astimezone(CITY_TIME).date()
    if counting.count_from == "same_day":
        day -= ONE_DAY
    if limit.unit == "days":
        return Due(counting.end_of(day + timedelta(days=limit.value)).astimezone(UTC), False)
    reckoned = calendar.add_working_days(day, limit.value)
    return Due(counting.end_of(reckoned.day).astimezone(UTC), reckoned.provisional)


def read_limits(path: Path, request_types: Sequence[str] = ()) -> tuple[TimeLimit, ...]:
    """The rows of a limits CSV; request types are checked when their codes are given. Raises BadTable."""

    def build(line: Line) -> TimeLimit:
        request_type = line.needed("request_type")
        if request_types and request_type != "*" and request_type not in request_types:
            raise CellError("request_type", f"诉求类型“{request_type}”不认识")
        return time_limit(line, request_type)

    return read_table(path, COLUMNS, build, CAP_COLUMNS)


def time_limit(line: Line, request_type: str) -> TimeLimit:
    """One limit from one line of its table; its id is the line's number. Raises CellError."""
    unit, value = line.one_of("unit", UNITS), line.whole("value")
    cap, cap_unit = None, ""
    if line.text("cap") or line.text("cap_unit"):
        cap, cap_unit = line.whole("cap"), line.one_of("cap_unit", UNITS)
    check_length(value, unit, cap, cap_unit)
    start, end = line.validity()
    step, urgency = line.one_of("step", STEPS), line.one_of("urgency", GRADES)
    return TimeLimit(step, request_type, urgency, value, unit, start, end, line.number, cap, cap_unit)


def check_length(value: int, unit: str, cap: int | None, cap_unit: str) -> None:
    """Refuse a length or a cap that makes no sense. Raises CellError."""
    if max(value, cap or 0) > LONGEST:
        raise CellError("value" if value > LONGEST else "cap", f"不能大于{LONGEST}")
    if value < 1 and unit in ("days", "working_days"):
        raise CellError("value", "按天计算的时限至少为1")
    if cap is not None and (cap < 1 or (cap_unit == unit and cap <= value)):
        raise CellError("cap", "上限至少为1，单位与时限相同时须大于时限")
