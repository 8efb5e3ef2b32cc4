"""A limit that stood still is due later by the paused time in its own unit: calendar cases as a table."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.__main__ import DEMO_CITY
from routing.pause import Pause, due_after
from routing.time_limits import CountingRules, TimeLimit, due_at
from routing.working_calendar import CITY_TIME, WorkingCalendar, read_calendar

DEMO = WorkingCalendar(read_calendar(DEMO_CITY / "calendar.csv"), "1")
SPRING = datetime(2026, 2, 1, tzinfo=CITY_TIME)
MINUTES = st.integers(0, 40 * 24 * 60).map(lambda n: SPRING + timedelta(minutes=n))


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(
    ("unit", "due", "begin", "end", "wanted"),
    [
        ("working_days", "03-18T00:00", "03-10T15:00", "03-10T17:00", "03-18T00:00"),
        ("working_days", "03-18T00:00", "03-10T15:00", "03-12T00:00", "03-20T00:00"),
        ("working_days", "03-18T00:00", "03-10T15:00", "03-12T10:00", "03-20T00:00"),
        ("working_days", "03-18T00:00", "03-13T15:00", "03-16T00:00", "03-19T00:00"),
        ("working_days", "03-18T00:00", "03-14T15:00", "03-16T00:00", "03-18T00:00"),
        ("working_days", "03-18T00:00", "03-13T15:00", "03-17T00:00", "03-20T00:00"),
        ("working_days", "03-14T00:00", "03-13T15:00", "03-16T00:00", "03-17T00:00"),
        ("working_days", "02-26T00:00", "02-13T10:00", "02-24T00:00", "02-28T00:00"),
        ("working_days", "02-28T00:00", "02-24T10:00", "02-26T00:00", "03-03T00:00"),
        ("working_days", "03-10T00:00", "03-10T15:00", "03-20T00:00", "03-10T00:00"),
        ("days", "03-18T00:00", "03-13T15:00", "03-16T00:00", "03-21T00:00"),
        ("days", "03-18T00:00", "03-13T15:00", "03-13T18:00", "03-18T00:00"),
        ("hours", "03-13T20:00", "03-13T15:00", "03-14T16:30", "03-14T21:30"),
        ("minutes", "03-13T15:10", "03-13T15:00", "03-13T15:05", "03-13T15:15"),
        ("working_hours", "03-16T10:00", "03-13T17:00", "03-16T09:30", "03-16T11:00"),
        ("working_hours", "03-16T11:30", "03-13T17:00", "03-16T09:30", "03-16T14:00"),
        ("working_hours", "03-16T10:00", "03-14T08:00", "03-15T20:00", "03-16T10:00"),
        ("working_minutes", "02-24T09:20", "02-14T17:20", "02-24T09:05", "02-24T09:35"),
    ],
)
def test_the_paused_time_is_added_in_the_limits_own_unit(unit, due, begin, end, wanted) -> None:
    moved = due_after(at(due), Pause(at(begin), at(end)), TimeLimit("handle", "*", "*", 5, unit), DEMO)

    assert (moved.at, moved.provisional) == (at(wanted), False)


def test_days_end_at_the_citys_own_hour() -> None:
    limit, pause = TimeLimit("handle", "*", "*", 5, "working_days"), Pause(at("03-10T15:00"), at("03-12T10:00"))

    moved = due_after(at("03-17T18:00"), pause, limit, DEMO, CountingRules("same_day", "18:00"))

    assert moved.at == at("03-19T18:00")


def test_days_counted_into_a_year_without_a_calendar_are_provisional() -> None:
    limit, pause = TimeLimit("handle", "*", "*", 5, "working_days"), Pause(at("12-28T15:00"), at("12-31T00:00"))

    assert due_after(at("12-31T00:00"), pause, limit, DEMO).provisional


@settings(max_examples=100, deadline=None)
@given(st.lists(MINUTES, min_size=2, max_size=2), st.integers(1, 12), st.sampled_from(("working_days", "days")))
def test_as_many_days_are_left_after_the_pause_as_before_and_never_none(moments, left, unit) -> None:
    begin, end = sorted(moments)
    limit = TimeLimit("handle", "*", "*", left, unit)
    due = due_at(begin, limit, DEMO, CountingRules("same_day")).at
    moved = due_after(due, Pause(begin, end), limit, DEMO)

    assert ended(end, moved.at, unit) == ended(begin, due, unit)
    assert moved.at > end


@settings(max_examples=50, deadline=None)
@given(st.lists(MINUTES, min_size=2, max_size=2), st.integers(1, 2000))
def test_as_many_office_minutes_are_left_after_the_pause_as_before(moments, left) -> None:
    begin, end = sorted(moments)
    due = DEMO.add_working_minutes(begin, left).at
    moved = due_after(due, Pause(begin, end), TimeLimit("sign", "*", "*", 5, "working_minutes"), DEMO)

    assert DEMO.working_minutes_between(end, moved.at) == left


def ended(first: datetime, last: datetime, unit: str) -> int:
    """Days that end within a span, counted one by one."""
    day, found = first.astimezone(CITY_TIME).date(), 0
    while (over := datetime.combine(day + timedelta(days=1), time(), CITY_TIME)) <= last:
        found += over > first and (unit == "days" or works(day))
        day += timedelta(days=1)
    return found


def works(day: date) -> bool:
    """Whether the office is open, read from the rows themselves."""
    kinds = {row.day: row.kind for row in DEMO.days if row.kind in ("holiday", "workday")}
    return kinds.get(day, "workday" if day.weekday() < 5 else "holiday") == "workday"
