"""How values look on a screen: numbers, moments in the city's time, percentages, words of closed lists."""

from datetime import date, datetime

from flask import Flask

from hotline import clock
from hotline.models.words import Labelled
from hotline.tickets.find import shown_number


def install_filters(app: Flask) -> None:
    """Register the filters on the application's templates."""
    app.jinja_env.filters.update(
        ticket_no=shown_number, moment=moment, clock=clock_time, day=day, percent=percent, label=label
    )


def moment(value: datetime) -> str:
    """11-21 14:33."""
    return f"{clock.in_city(value):%m-%d %H:%M}"


def clock_time(value: datetime) -> str:
    """14:33:08."""
    return f"{clock.in_city(value):%H:%M:%S}"


def day(value: date | datetime) -> str:
    """2026年11月27日."""
    local = clock.in_city(value) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def percent(value: float | None) -> str:
    """91.8%, 92%, 不足0.1%, and a dash for what has no denominator."""
    if value is None:
        return "—"
    if 0 < value < 0.0005:
        return "不足0.1%"
    return f"{value * 100:.1f}".removesuffix(".0") + "%"


def label(value: Labelled | str | None) -> str:
    """The Chinese of a code."""
    return getattr(value, "label", value or "")
