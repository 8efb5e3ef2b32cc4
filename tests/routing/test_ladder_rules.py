"""The rungs of the ladder: which is next, when it is due, and what a faulty table is told."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from routing.csv_table import BadTable
from routing.ladder import RUNGS, Ladder, RungRule, read_rungs
from routing.time_limits import CountingRules
from routing.working_calendar import WorkingCalendar, read_calendar

DATA = Path(__file__).parents[2] / "hotline/demo_data"
CALENDAR, COUNTING = WorkingCalendar(read_calendar(DATA / "calendar.csv")), CountingRules()
ON = date(2026, 3, 10)
BEGUN, END = datetime(2026, 3, 9, 16, tzinfo=UTC), datetime(2026, 3, 13, 16, tzinfo=UTC)
"""Tuesday 00:00 to Friday 24:00 in the city."""


def test_the_demo_ladder_goes_from_the_yellow_light_to_the_supervision_commission():
    ladder, taken, moments = Ladder(read_rungs(DATA / "ladder.csv")), None, []
    while rule := ladder.above(taken, "normal", ON):
        taken = rule.rung
        moments.append(f"{rule.moment(BEGUN, END, CALENDAR, COUNTING):%m-%d %H}")
    assert taken == RUNGS[-1]
    assert moments == ["03-12 16", "03-16 16", "03-23 16", "03-27 16", "04-03 16", "04-13 16"]


def test_a_named_urgency_beats_any_and_a_missing_rung_is_passed_over():
    swift = RungRule("urge", "critical", 0, "hours", ON)
    ladder = Ladder((swift, RungRule("urge", "*", 75, "percent", ON), RungRule("notice", "*", 1, "days", ON)))
    assert ladder.above(None, "critical", ON) == swift
    assert swift.moment(BEGUN, END, CALENDAR, COUNTING) == END
    assert ladder.above("urge", "normal", ON).rung == "notice"
    assert ladder.above("notice", "normal", ON) is ladder.above(None, "normal", date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("row", "sentence"),
    [("urge,*,101,percent", "最多为100"), ("urge,*,0,days", "至少为1"), ("shout,*,1,days", "不在允许的取值中")],
)
def test_a_faulty_row_is_named(tmp_path, row, sentence):
    file = tmp_path / "ladder.csv"
    file.write_text(f"rung,urgency,value,unit,valid_from,valid_to\n{row},2026-01-01,\n", encoding="utf-8")
    with pytest.raises(BadTable, match=sentence):
        read_rungs(file)
