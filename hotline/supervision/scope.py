"""What a board looks at: a span of days in the city, one department or all, and the moment of counting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, true

from hotline.clock import CITY_ZONE, city_day
from hotline.errors import BadInput

UNDISPATCHED = 0
"""The place of a department for tickets that nobody holds yet."""
LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""Beyond these the reckoning of weeks would leave the calendar."""


@dataclass(frozen=True)
class Scope:
    """Days `first` to `last`, both counted; a department's id, `UNDISPATCHED`, or None for all."""

    first: date
    last: date
    now: datetime
    unit: int | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= LONGEST:
            raise BadInput("统计时段有误：开始日期不能晚于结束日期，且最长一年。")

    def within(self, moment: SQLColumnExpression[datetime]) -> ColumnElement[bool]:
        """Whether a moment falls on one of the days, half-open at midnight."""
        begin = datetime.combine(self.first, time(), CITY_ZONE)
        end = datetime.combine(self.last + timedelta(days=1), time(), CITY_ZONE)
        return (moment >= begin) & (moment < end)

    def of_unit(self, unit: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
        """Whether a row belongs to the department."""
        if self.unit is None:
            return true()
        return unit.is_(None) if self.unit == UNDISPATCHED else unit == self.unit


def _this_week(today: date) -> tuple[date, date]:
    return today - timedelta(days=today.weekday()), today


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


PERIODS: tuple[tuple[str, Callable[[date], tuple[date, date]]], ...] = (
    ("今天", lambda today: (today, today)),
    ("本周", _this_week),
    ("本月", lambda today: (today.replace(day=1), today)),
    ("上月", _last_month),
)


def read_scope(given: tuple[str, str], unit: int | None, now: datetime) -> Scope:
    """The scope of two typed ISO days; this month where one is missing. Raises `BadInput`."""
    today = city_day(now)
    try:
        first = date.fromisoformat(given[0]) if given[0] else today.replace(day=1)
        last = date.fromisoformat(given[1]) if given[1] else max(today, first)
    except ValueError as problem:
        raise BadInput("日期有误，请按年-月-日填写。") from problem
    if not EARLIEST <= first <= LATEST or not EARLIEST <= last <= LATEST:
        raise BadInput("日期有误，请填写2000年至2999年之间的日期。")
    return Scope(first, last, now, unit)
