"""What the check says of any small list is what trying every situation of a small world shows."""

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.case import DutyRow
from routing.check_duty_list import Finding, KnownCodes, check_duty_list
from routing.duty_list import DutyList, Situation, fits, specificity

pytestmark = pytest.mark.slow

ON = date(2026, 11, 20)
MATTERS, AREAS, WORDS = ("0101", "0102"), ("369001", "369001001"), ("狗", "大狗", "猫")
KNOWN = KnownCodes(MATTERS, ("cgj",), AREAS)
TEXTS = ["，".join(some) for count in range(len(WORDS) + 1) for some in combinations(WORDS, count)]
HOURS = (None, time(0), time(5), time(6), time(7), time(12), time(22))
SPANS = ("", "", "22:00-06:00", "05:00-07:00", "06:00-22:00", "06:00-12:00", "00:00-24:00")
DAYS = [ON + timedelta(days=number) for number in range(6)]

days_around = st.integers(-3, 4).map(lambda number: ON + timedelta(days=number))


@st.composite
def duty_lists(draw: st.DrawFn) -> tuple[DutyRow, ...]:
    """Up to six rows whose conditions, days and matters meet often."""
    rows = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        words = draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True))
        start, end = draw(days_around), draw(st.none() | days_around)
        matter = draw(st.sampled_from(("0101", "0101", "0102", "01")))
        area = draw(st.sampled_from(("", "", "*", "369000", *AREAS)))
        span = draw(st.sampled_from(SPANS))
        end = end if end is None or end >= start else start
        rows.append(DutyRow(number, matter, area, "|".join(words), span, "cgj", (), "默认", start, end))
    return tuple(rows)


def situations(texts: Iterable[str] = TEXTS) -> list[Situation]:
    return [Situation(*one) for one in product(MATTERS, ("", *AREAS), texts, DAYS, HOURS)]


WORLD, PLAIN_WORLD = situations(), situations(("", *WORDS))


def living(rows: Iterable[DutyRow]) -> list[DutyRow]:
    return [row for row in rows if row.valid_to is None or row.valid_to >= ON]


def of_kind(findings: Iterable[Finding], *kinds: str) -> list[Finding]:
    return [one for one in findings if one.kind in kinds]


@settings(max_examples=20, deadline=None)
@given(duty_lists())
def test_a_row_is_said_never_to_win_exactly_when_no_situation_is_decided_by_it(rows: tuple[DutyRow, ...]) -> None:
    duty_list = DutyList(rows)
    winners = {row.id for row in map(duty_list.best_row, WORLD) if row}
    said = {number for one in of_kind(check_duty_list(rows, KNOWN, ON), "never_wins") for number in one.rows}

    assert said == {row.id for row in living(rows)} - winners


@settings(max_examples=20, deadline=None)
@given(duty_lists())
def test_a_gap_is_said_exactly_where_a_matter_has_nobody(rows: tuple[DutyRow, ...]) -> None:
    duty_list = DutyList(rows)
    without = {(one.matter_code, one.on) for one in WORLD if duty_list.best_row(one) is None}
    said = [spoken_days(one) for one in of_kind(check_duty_list(rows, KNOWN, ON), "no_owner", "gap")]

    assert {case for cases in said for case in cases} == without
    assert sum(map(len, said)) == len(without)


def spoken_days(finding: Finding) -> list[tuple[str, date]]:
    """Every matter and day that a finding says is nobody's."""
    told = re.fullmatch(r"事项(\d+)(?:自([\d-]+)(?:至([\d-]+)|起))?没有兜底的主办单位", finding.message)
    assert told
    first, last = (date.fromisoformat(one) if one else None for one in told.groups()[1:])
    return [(told[1], day) for day in DAYS if (first or ON) <= day <= (last or DAYS[-1])]


@settings(max_examples=20, deadline=None)
@given(duty_lists())
def test_an_overlap_is_said_exactly_where_only_the_newer_row_decides(rows: tuple[DutyRow, ...]) -> None:
    wanted = {
        (one.id, other.id)
        for one, other in combinations(rows, 2)
        if one.matter_code == other.matter_code
        for case in PLAIN_WORLD
        if fits(one, case) and fits(other, case)
        and specificity(one, case.text)[:3] == specificity(other, case.text)[:3]
    }  # fmt: skip

    assert {one.rows for one in of_kind(check_duty_list(rows, KNOWN, ON), "overlap")} == wanted
