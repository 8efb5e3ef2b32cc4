"""Limits are found by the most specific row and become due as domain.md §6.2 and §6.3 say."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from routing.__main__ import DEMO_CITY
from routing.csv_table import BadTable
from routing.time_limits import STEPS, CountingRules, LimitTable, TimeLimit, due_at, read_limits
from routing.working_calendar import CITY_TIME, CalendarError, WorkingCalendar, read_calendar

DEMO = WorkingCalendar(read_calendar(DEMO_CITY / "calendar.csv"), "1")
LIMITS = LimitTable(read_limits(DEMO_CITY / "limits.csv"))
ON = date(2026, 11, 20)


def shanghai(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(
    ("step", "request_type", "urgency", "wanted"),
    [
        ("dispatch", "help", "emergency", (0, "minutes")),
        ("dispatch", "help", "critical", (10, "minutes")),
        ("dispatch", "help", "urgent", (30, "minutes")),
        ("dispatch", "help", "normal", (2, "working_hours")),
        ("sign", "complaint", "critical", (30, "minutes")),
        ("sign", "complaint", "urgent", (2, "hours")),
        ("sign", "complaint", "normal", (4, "working_hours")),
        ("contact", "complaint", "normal", (1, "working_days")),
        ("return", "complaint", "urgent", (1, "hours")),
        ("handle", "consultation", "normal", (3, "working_days")),
        ("handle", "consultation", "urgent", (1, "working_days")),
        ("handle", "complaint", "normal", (5, "working_days")),
        ("handle", "report", "urgent", (3, "working_days")),
        ("handle", "help", "critical", (24, "hours")),
        ("check", "help", "normal", (3, "working_days")),
        ("rehandle", "help", "urgent", (2, "working_days")),
        ("rectify_contact", "help", "normal", (1, "working_days")),
        ("rectify", "help", "normal", (5, "working_days")),
        ("evaluate", "help", "normal", (7, "days")),
    ],
)
def test_the_demo_limits_are_the_default_profile(
    step: str, request_type: str, urgency: str, wanted: tuple[int, str]
) -> None:
    found = LIMITS.find(step, request_type, urgency, ON)

    assert found is not None
    assert (found.value, found.unit) == wanted


def test_every_clock_has_a_limit_for_every_grade_and_praise_has_none() -> None:
    for step in STEPS:
        for urgency in ("emergency", "critical", "urgent", "normal"):
            assert LIMITS.find(step, "complaint", urgency, ON), (step, urgency)
    assert LIMITS.find("handle", "praise", "normal", ON) is None


def test_a_named_urgency_beats_a_named_type_and_both_beat_any() -> None:
    any_row = TimeLimit("handle", "*", "*", 5, "working_days")
    of_type = TimeLimit("handle", "complaint", "*", 15, "working_days")
    of_urgency = TimeLimit("handle", "*", "critical", 24, "hours")
    of_both = TimeLimit("handle", "report", "critical", 12, "hours")
    table = LimitTable((of_both, of_urgency, of_type, any_row))

    assert table.find("handle", "help", "normal", ON) == any_row
    assert table.find("handle", "complaint", "normal", ON) == of_type
    assert table.find("handle", "complaint", "critical", ON) == of_urgency
    assert table.find("handle", "report", "critical", ON) == of_both


def test_only_the_row_in_force_on_the_day_counts() -> None:
    old = TimeLimit("handle", "*", "*", 15, "working_days", date(2025, 1, 1), date(2026, 6, 30))
    new = TimeLimit("handle", "*", "*", 5, "working_days", date(2026, 7, 1))
    table = LimitTable((new, old))

    assert table.find("handle", "help", "normal", date(2026, 6, 30)) == old
    assert table.find("handle", "help", "normal", date(2026, 7, 1)) == new
    assert table.find("handle", "help", "normal", date(2024, 7, 1)) is None


@pytest.mark.parametrize(
    ("start", "value", "unit", "wanted"),
    [
        ("2026-02-13 10:00", 5, "working_days", "2026-02-28 00:00"),
        ("2026-02-13 23:59", 5, "working_days", "2026-02-28 00:00"),
        ("2026-02-14 00:00", 5, "working_days", "2026-03-01 00:00"),
        ("2026-11-20 16:30", 2, "working_hours", "2026-11-23 10:00"),
        ("2026-11-20 16:30", 30, "working_minutes", "2026-11-20 17:00"),
        ("2026-02-16 03:00", 24, "hours", "2026-02-17 03:00"),
        ("2026-02-16 03:00", 30, "minutes", "2026-02-16 03:30"),
        ("2026-02-16 03:00", 7, "days", "2026-02-24 00:00"),
    ],
)
def test_each_unit_is_due_at_its_moment(start: str, value: int, unit: str, wanted: str) -> None:
    due = due_at(shanghai(start).astimezone(UTC), TimeLimit("handle", "*", "*", value, unit), DEMO)

    assert (due.at, due.provisional) == (shanghai(wanted), False)
    assert due.at.tzinfo is UTC


def test_the_day_of_receipt_counts_only_when_the_city_says_so() -> None:
    limit = TimeLimit("handle", "*", "*", 1, "working_days")
    start = shanghai("2026-11-20 10:00")

    assert due_at(start, limit, DEMO, CountingRules("same_day")).at == shanghai("2026-11-21 00:00")
    assert due_at(start, limit, DEMO).at == shanghai("2026-11-24 00:00")


def test_the_last_day_may_end_at_an_hour() -> None:
    limit = TimeLimit("handle", "*", "*", 1, "working_days")
    due = due_at(shanghai("2026-11-20 10:00"), limit, DEMO, CountingRules(end_of_day="18:00"))

    assert due.at == shanghai("2026-11-23 18:00")


def test_a_due_moment_in_an_unknown_year_is_provisional() -> None:
    limit = TimeLimit("handle", "*", "*", 15, "working_days")

    assert not due_at(shanghai("2026-12-10 10:00"), limit, DEMO).provisional
    assert due_at(shanghai("2026-12-11 10:00"), limit, DEMO).provisional


def test_nonsense_is_refused_in_chinese() -> None:
    with pytest.raises(CalendarError, match="时区"):
        due_at(datetime(2026, 1, 5), TimeLimit("sign", "*", "*", 1, "hours"), DEMO)
    with pytest.raises(CalendarError, match="起算方式"):
        CountingRules("tomorrow")
    with pytest.raises(CalendarError, match="截止时刻"):
        CountingRules(end_of_day="下班")


def test_a_bad_limit_table_says_which_line_and_column_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "limits.csv"
    path.write_text(
        "step,request_type,urgency,value,unit,valid_from,valid_to\n"
        "handel,*,*,5,working_days,2025-01-01,\nhandle,moan,*,5,working_days,2025-01-01,\n"
        "handle,*,high,5,working_days,2025-01-01,\nhandle,*,*,五,working_days,2025-01-01,\n"
        "handle,*,*,5,weeks,2025-01-01,\nhandle,*,*,0,working_days,2025-01-01,\n"
        "handle,*,*,5,working_days,2025-01-01,2024-01-01\nhandle,*,*,5,working_days,2025-01-01,\n",
        encoding="gb18030",
    )
    with pytest.raises(BadTable) as caught:
        read_limits(path, ("help", "complaint"))

    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, "step"), (3, "request_type"), (4, "urgency"),
        (5, "value"), (6, "unit"), (7, "value"), (8, "valid_to"),
    ]  # fmt: skip
