"""The only reader of the clock, and the city's time zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time, without daylight saving."""


_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _held.get() or datetime.now(UTC)


@contextmanager
def hold(moment: datetime) -> Iterator[None]:
    """Let it be `moment` in this thread meanwhile; for the simulation and tests only."""
    token = _held.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)


def in_city(moment: datetime) -> datetime:
    """The same moment on the city's wall clock."""
    return moment.astimezone(CITY_ZONE)


def city_day(moment: datetime) -> date:
    """The calendar day in the city at that moment."""
    return in_city(moment).date()


def shown(moment: datetime) -> str:
    """2月27日 18:00; midnight belongs to the day before: 2月27日 24:00 (spine.md, "Clocks")."""
    local = in_city(moment)
    if local.hour == local.minute == 0:
        local, hour = local - timedelta(days=1), "24:00"
    else:
        hour = f"{local:%H:%M}"
    return f"{local.month}月{local.day}日 {hour}"
