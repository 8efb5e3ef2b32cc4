"""A limit is yellow from a share of it or from few working days left on, whichever comes first: a table of cases."""

from datetime import datetime

import pytest

from routing.__main__ import DEMO_CITY
from routing.lights import LightRules, yellow_from
from routing.working_calendar import CITY_TIME, WorkingCalendar, read_calendar

DEMO = WorkingCalendar(read_calendar(DEMO_CITY / "calendar.csv"), "1")


def at(written):
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(
    ("begun", "due", "rules", "wanted"),
    [
        ("03-10T10:00", "03-18T00:00", LightRules(75, 1), "03-16T02:30"),
        ("03-10T10:00", "03-13T00:00", LightRules(75, 1), "03-12T00:00"),
        ("03-10T10:00", "03-13T00:00", LightRules(75, 0), "03-12T08:30"),
        ("03-12T10:00", "03-17T00:00", LightRules(75, 1), "03-14T00:00"),
        ("03-12T10:00", "03-17T00:00", LightRules(100, 2), "03-13T00:00"),
        ("02-13T10:00", "02-25T00:00", LightRules(100, 1), "02-15T00:00"),
        ("03-12T16:00", "03-13T11:00", LightRules(75, 1), "03-13T00:00"),
        ("03-13T10:00", "03-13T14:00", LightRules(75, 1), "03-13T13:00"),
        ("03-13T10:00", "03-13T14:00", LightRules(50, 1), "03-13T12:00"),
        ("03-10T10:00", "03-18T00:00", LightRules(100, 0), "03-18T00:00"),
    ],
)
def test_yellow_begins_at_what_comes_first(begun, due, rules, wanted):
    assert yellow_from(at(begun), at(due), rules, DEMO) == at(wanted)
