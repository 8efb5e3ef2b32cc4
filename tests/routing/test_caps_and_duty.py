"""Caps and the round-the-clock limits of units on duty, against a clock that goes on minute by minute."""

import csv
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.__main__ import DEMO_CITY
from routing.csv_table import BadTable
from routing.time_limits import TimeLimit, due_at, read_limits, round_the_clock
from routing.working_calendar import CITY_TIME, WorkingCalendar, read_calendar

DEMO = WorkingCalendar(read_calendar(DEMO_CITY / "calendar.csv"), "1")
MINUTE = timedelta(minutes=1)
WITH_CAP = "step,request_type,urgency,value,unit,valid_from,valid_to,cap,cap_unit\n"


def shanghai(written):
    return datetime.fromisoformat(written).replace(tzinfo=CITY_TIME)


def limit(value, unit, cap=None, cap_unit=""):
    return TimeLimit("sign", "*", "*", value, unit, cap=cap, cap_unit=cap_unit)


@pytest.mark.parametrize(
    ("start", "of", "wanted"),
    [
        ("2026-11-19 10:00", limit(2, "working_hours", 24, "hours"), "2026-11-19 12:00"),
        ("2026-11-20 16:30", limit(2, "working_hours", 24, "hours"), "2026-11-21 16:30"),
        ("2026-02-14 17:20", limit(2, "working_hours", 24, "hours"), "2026-02-15 17:20"),
        ("2026-11-20 10:00", limit(16, "working_hours", 1, "working_days"), "2026-11-24 00:00"),
        ("2026-11-20 10:00", limit(4, "working_hours", 1, "working_days"), "2026-11-20 15:30"),
        ("2026-11-20 10:00", limit(5, "working_days", 3, "days"), "2026-11-24 00:00"),
        ("2026-11-23 10:00", limit(1, "working_days", 3, "days"), "2026-11-25 00:00"),
    ],
)
def test_what_is_due_first_counts_the_limit_or_its_cap(start, of, wanted):
    assert due_at(shanghai(start), of, DEMO).at == shanghai(wanted)


def test_a_capped_limit_is_provisional_where_its_calendar_is_not_known():
    due = due_at(shanghai("2026-12-31 17:00"), limit(2, "working_hours", 24, "hours"), DEMO)
    assert (due.at, due.provisional) == (shanghai("2027-01-01 10:30"), True)


@pytest.mark.parametrize(
    ("of", "day_hours", "wanted"),
    [
        (limit(4, "working_hours"), 24, "2026-02-15 00:00"),
        (limit(30, "working_minutes"), 24, "2026-02-14 20:30"),
        (limit(5, "working_days"), 24, "2026-02-19 20:00"),
        (limit(5, "working_days"), 8, "2026-02-16 12:00"),
        (limit(5, "working_days", 2, "working_days"), 24, "2026-02-16 20:00"),
        (limit(2, "hours"), 24, "2026-02-14 22:00"),
        (limit(2, "days"), 24, "2026-02-17 00:00"),
    ],
)
def test_a_unit_on_duty_has_no_weekend_and_no_night(of, day_hours, wanted):
    due = due_at(shanghai("2026-02-14 20:00"), round_the_clock(of, day_hours), DEMO)
    assert (due.at, due.provisional) == (shanghai(wanted), False)


UNITS = st.sampled_from(
    [("working_minutes", 700), ("working_hours", 12), ("working_days", 3), ("hours", 60), ("days", 4)]
)
LENGTHS = UNITS.flatmap(lambda one: st.tuples(st.integers(1, one[1]), st.just(one[0])))
STARTS = st.integers(0, 40 * 24 * 60).map(lambda n: shanghai("2026-02-01 00:00") + n * MINUTE)


@settings(max_examples=60, deadline=None)
@given(STARTS, LENGTHS, st.none() | LENGTHS, st.sampled_from([0, 8, 24]))
def test_a_clock_that_goes_on_minute_by_minute_rings_at_the_same_moment(start, length, cap, day_hours):
    asked = limit(*length, *(cap or ()))
    mine = round_the_clock(asked, day_hours) if day_hours else asked
    rings = [slow(start, *one, day_hours) for one in (length, cap) if one]
    assert due_at(start, mine, DEMO).at == min(rings)


def slow(start, value, unit, day_hours):
    """Go on minute by minute until enough of the unit is behind."""
    if day_hours and unit.startswith("working"):
        value, unit = value * (day_hours if unit == "working_days" else 1), unit.removeprefix("working_")
        unit = "hours" if unit == "days" else unit
    moment, passed = start, 0
    wanted = value * (60 if unit.endswith("hours") else 1)
    while passed < wanted:
        moment += MINUTE
        passed += counts(start, moment, unit)
    return moment


def counts(start, moment, unit):
    """Whether the minute that ends at this moment is one more of the unit."""
    before = moment - MINUTE
    if unit in ("minutes", "hours"):
        return True
    if unit in ("working_minutes", "working_hours"):
        hour = before.time()
        return works(before.date()) and (time(9) <= hour < time(12) or time(13, 30) <= hour < time(17, 30))
    whole = moment.time() == time(0) and before.date() > start.date()
    return whole and (unit == "days" or works(before.date()))


with (DEMO_CITY / "calendar.csv").open(encoding="utf-8-sig") as lines:
    MARKED = {row["day"]: row["kind"] for row in csv.DictReader(lines) if row["kind"] in ("holiday", "workday")}


def works(day):
    return MARKED.get(day.isoformat(), "workday" if day.weekday() < 5 else "holiday") == "workday"


def test_a_table_may_come_without_caps_and_says_which_cap_is_none(tmp_path):
    assert all(one.cap is None for one in read_limits(written(tmp_path, "sign,*,*,4,hours,2025-01-01,,,")))
    assert read_limits(written(tmp_path, "sign,*,*,4,working_hours,2025-01-01,,1,working_days"))[0].cap == 1
    bad = [f"sign,*,*,{one}" for one in ("4,hours,2025-01-01,,4,hours", "4,hours,2025-01-01,,5,",
                                         "4,hours,2025-01-01,,,days", "10001,hours,2025-01-01,,,")]  # fmt: skip
    with pytest.raises(BadTable) as caught:
        read_limits(written(tmp_path, *bad))
    faults = [(one.line, one.column) for one in caught.value.faults]
    assert faults == [(2, "cap"), (3, "cap_unit"), (4, "cap"), (5, "value")]


def written(folder, *rows):
    path = folder / "limits.csv"
    path.write_text(WITH_CAP + "\n".join(rows))
    return path
