"""The working calendar counts as domain.md §6.3 says."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.__main__ import DEMO_CITY
from routing.csv_table import BadTable
from routing.day_span import DaySpan
from routing.working_calendar import CITY_TIME, CalendarDay, CalendarError, WorkingCalendar, read_calendar

DEMO_DAYS = read_calendar(DEMO_CITY / "calendar.csv")
DEMO = WorkingCalendar(DEMO_DAYS, "1")
DAYS = st.dates(date(2024, 12, 1), date(2027, 6, 30))

VECTORS = [
    ("2026-02-13", 1, "2026-02-14"), ("2026-02-13", 2, "2026-02-24"), ("2026-02-13", 3, "2026-02-25"),
    ("2026-02-13", 5, "2026-02-27"), ("2026-02-13", 7, "2026-03-02"), ("2026-02-13", 15, "2026-03-12"),
    ("2026-02-16", 1, "2026-02-24"), ("2026-02-16", 5, "2026-02-28"),
    ("2026-09-18", 1, "2026-09-20"), ("2026-09-18", 5, "2026-09-24"), ("2026-09-18", 10, "2026-10-09"),
    ("2026-09-30", 1, "2026-10-08"), ("2026-09-30", 3, "2026-10-10"), ("2026-09-30", 5, "2026-10-13"),
    ("2026-09-30", 15, "2026-10-27"), ("2026-12-10", 15, "2026-12-31"),
]  # fmt: skip


def shanghai(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(("start", "n", "wanted"), VECTORS)
def test_every_vector_of_the_domain_text_is_counted_right(start: str, n: int, wanted: str) -> None:
    reckoned = DEMO.add_working_days(date.fromisoformat(start), n)

    assert (reckoned.day.isoformat(), reckoned.provisional) == (wanted, False)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_known_year_has_248_working_days(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(n) for n in range(365)]

    assert sum(DEMO.is_working_day(day) for day in days) == 248
    assert DEMO.knows(year)


def test_the_day_after_the_last_known_one_is_counted_by_the_weekday_rule_and_marked() -> None:
    reckoned = DEMO.add_working_days(date(2026, 12, 10), 16)

    assert not DEMO.knows(2027)
    assert (reckoned.day, reckoned.provisional) == (date(2027, 1, 1), True)


def test_the_same_sum_is_final_once_the_missing_year_arrives() -> None:
    arrived = (CalendarDay(date(2027, 1, 1), "year"), CalendarDay(date(2027, 1, 1), "holiday"))
    reckoned = WorkingCalendar(DEMO_DAYS + arrived, "2").add_working_days(date(2026, 12, 10), 16)

    assert (reckoned.day, reckoned.provisional) == (date(2027, 1, 4), False)


def test_a_listed_holiday_alone_does_not_make_its_year_known() -> None:
    calendar = WorkingCalendar((CalendarDay(date(2027, 1, 1), "holiday"),))

    assert calendar.add_working_days(date(2026, 12, 31), 1).provisional


@pytest.mark.parametrize("n", [0, -1])
def test_counting_less_than_one_day_is_refused_in_chinese(n: int) -> None:
    with pytest.raises(CalendarError, match="工作日数"):
        DEMO.add_working_days(date(2026, 1, 5), n)


@given(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_n_days_and_then_m_days_are_n_plus_m_days(day: date, n: int, m: int) -> None:
    first = DEMO.add_working_days(day, n)
    second = DEMO.add_working_days(first.day, m)
    whole = DEMO.add_working_days(day, n + m)

    assert (whole.day, whole.provisional) == (second.day, first.provisional or second.provisional)


@given(DAYS, st.integers(1, 80))
def test_a_counted_day_is_a_working_day_after_the_start_with_n_working_days_up_to_it(
    day: date, n: int
) -> None:
    counted = DEMO.add_working_days(day, n).day
    passed = [day + timedelta(d) for d in range(1, (counted - day).days + 1)]

    assert DEMO.is_working_day(counted)
    assert sum(DEMO.is_working_day(one) for one in passed) == n


@given(DAYS, DAYS, st.integers(1, 40))
def test_a_later_start_is_never_due_earlier(one: date, other: date, n: int) -> None:
    early, late = sorted((one, other))

    assert DEMO.add_working_days(early, n).day <= DEMO.add_working_days(late, n).day


@pytest.mark.parametrize(
    ("start", "minutes", "wanted"),
    [
        ("2026-11-20 10:00", 120, "2026-11-20 12:00"),
        ("2026-11-20 10:00", 121, "2026-11-20 13:31"),
        ("2026-11-20 12:30", 60, "2026-11-20 14:30"),
        ("2026-11-20 16:30", 120, "2026-11-23 10:00"),
        ("2026-11-21 08:00", 120, "2026-11-23 11:00"),
        ("2026-02-13 17:00", 60, "2026-02-14 09:30"),
        ("2026-02-14 17:00", 60, "2026-02-24 09:30"),
        ("2026-11-20 07:00", 420, "2026-11-20 17:30"),
        ("2026-11-21 08:00", 0, "2026-11-21 08:00"),
    ],
)
def test_working_minutes_run_only_in_office_hours(start: str, minutes: int, wanted: str) -> None:
    reckoned = DEMO.add_working_minutes(shanghai(start).astimezone(UTC), minutes)

    assert (reckoned.at, reckoned.provisional) == (shanghai(wanted), False)


def test_working_minutes_that_run_into_an_unknown_year_are_provisional() -> None:
    assert DEMO.add_working_minutes(shanghai("2026-12-31 17:00"), 60).provisional
    assert not DEMO.add_working_minutes(shanghai("2026-12-31 17:00"), 30).provisional


def test_a_row_of_office_hours_counts_from_its_day_on() -> None:
    summer = CalendarDay(date(2026, 7, 1), "hours", (DaySpan(time(8), time(12)),))
    calendar = WorkingCalendar((*DEMO_DAYS, summer))

    assert calendar.add_working_minutes(shanghai("2026-06-30 17:00"), 60).at == shanghai("2026-07-01 08:30")
    assert calendar.add_working_minutes(shanghai("2026-06-29 17:00"), 60).at == shanghai("2026-06-30 09:30")


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)), st.integers(1, 2000), st.integers(1, 2000))
def test_working_minutes_add_up(start: datetime, n: int, m: int) -> None:
    moment = start.replace(tzinfo=CITY_TIME)
    first = DEMO.add_working_minutes(moment, n).at

    assert DEMO.add_working_minutes(first, m).at == DEMO.add_working_minutes(moment, n + m).at


def test_a_moment_without_a_time_zone_and_an_empty_office_day_are_refused() -> None:
    with pytest.raises(CalendarError, match="时区"):
        DEMO.add_working_minutes(datetime(2026, 1, 5, 9), 10)
    with pytest.raises(CalendarError, match="办公时间"):
        WorkingCalendar((), hours=())


def test_a_bad_calendar_says_which_line_and_column_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(
        "day,kind,hours,source,version\n"
        "2027-02-30,holiday,,国办,1\n2027-01-01,feast,,国办,1\n2027-01-04,workday,,国办,1\n"
        "2027-01-01,hours,9点到12点,国办,1\n2027-01-02,holiday,,国办\n",
        encoding="utf-8",
    )
    with pytest.raises(BadTable) as caught:
        read_calendar(path)

    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, "day"), (3, "kind"), (4, "kind"), (5, "hours"), (6, ""),
    ]  # fmt: skip
    assert "第2行“day”列" in str(caught.value)


def test_one_day_can_not_be_holiday_and_working_day(tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(
        "day,kind,hours,source,version\n2027-01-02,workday,,国办,1\n2027-01-02,holiday,,国办,1\n",
        encoding="utf-8",
    )
    with pytest.raises(BadTable, match="2027-01-02重复"):
        read_calendar(path)
