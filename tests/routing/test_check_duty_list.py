"""The check finds every planted fault, and nothing in the demo city's list."""

from dataclasses import replace
from datetime import date

import pytest

from classifier.matters import load_matters
from routing.__main__ import DEMO_CITY, read_city
from routing.case import DutyRow
from routing.check_duty_list import KnownCodes, check_duty_list

ON = date(2026, 11, 20)
KNOWN = KnownCodes(("0101", "0102"), ("zjj", "cgj"), ("369001",))
ONE = DutyRow(1, "0101", "", "", "", "cgj", (), "默认", date(2025, 1, 1))
TWO = replace(ONE, id=2, matter_code="0102")


def kinds(*rows: DutyRow) -> list[tuple[str, tuple[int, ...]]]:
    return [(finding.kind, finding.rows) for finding in check_duty_list(rows, KNOWN, ON)]


def test_a_sound_list_has_no_findings() -> None:
    district, night = replace(ONE, id=3, area="369001"), replace(ONE, id=4, time="22:00-06:00")
    words, other_words = replace(ONE, id=5, object="狗"), replace(ONE, id=6, object="猫")

    assert kinds(ONE, TWO, district, night, words, other_words) == []


@pytest.mark.parametrize(
    ("planted", "wanted"),
    [
        ((ONE,), [("no_owner", ())]),
        ((ONE, replace(TWO, area="369001")), [("no_owner", ())]),
        ((ONE, replace(TWO, object="狗")), [("no_owner", ())]),
        ((ONE, replace(TWO, valid_to=date(2026, 11, 19))), [("no_owner", ())]),
        ((ONE, replace(TWO, valid_to=date(2026, 12, 31))), [("gap", (2,))]),
        ((ONE, replace(TWO, valid_from=date(2026, 12, 1))), [("gap", (2,))]),
        ((ONE, TWO, replace(ONE, id=3, object="狗", lead="nobody")), [("unknown_code", (3,))]),
        ((ONE, TWO, replace(ONE, id=3, matter_code="0909")), [("unknown_code", (3,))]),
        ((ONE, TWO, replace(ONE, id=3, area="369009")), [("unknown_code", (3,))]),
        ((ONE, TWO, replace(ONE, id=3, object="狗", co_units=("x",))), [("unknown_code", (3,))]),
        ((ONE, TWO, replace(ONE, id=3)), [("overlap", (1, 3)), ("never_wins", (1,))]),
        ((ONE, TWO, replace(ONE, id=3, area="*")), [("overlap", (1, 3)), ("never_wins", (1,))]),
        ((ONE, TWO, replace(ONE, id=3, valid_from=date(2026, 1, 1))), [("overlap", (1, 3)), ("never_wins", (1,))]),
        ((ONE, TWO, replace(ONE, id=3, valid_from=date(2027, 1, 1))), [("overlap", (1, 3))]),
        ((ONE, TWO, replace(ONE, id=3, matter_code="010")), [("unknown_code", (3,))]),
        (
            (ONE, TWO, replace(ONE, id=3, time="22:00-06:00"), replace(ONE, id=4, time="05:00-07:00")),
            [("overlap", (3, 4))],
        ),
        (
            (ONE, TWO, replace(ONE, id=3, object="狗|猫"), replace(ONE, id=4, object="猫|鸟")),
            [("overlap", (3, 4))],
        ),
        ((ONE, TWO, replace(ONE, id=3, matter_code="01")), [("never_wins", (3,))]),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_and_nothing_else(
    planted: tuple[DutyRow, ...], wanted: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert kinds(*planted) == wanted


def test_a_successor_that_begins_the_day_after_is_no_gap_and_no_overlap() -> None:
    successor = replace(TWO, id=3, valid_from=date(2027, 1, 1))

    assert kinds(ONE, replace(TWO, valid_to=date(2026, 12, 31)), successor) == []


def test_a_gap_between_two_versions_names_its_days() -> None:
    old, new = replace(TWO, valid_to=date(2026, 12, 31)), replace(TWO, id=3, valid_from=date(2027, 1, 3))

    found = check_duty_list((ONE, old, new), KNOWN, ON)
    assert [finding.message for finding in found] == ["事项0102自2027-01-01至2027-01-02没有兜底的主办单位"]


def test_a_row_that_never_wins_names_those_that_do() -> None:
    words = replace(ONE, id=3, object="狗|猫")
    later = replace(ONE, id=4, object="狗|鸟"), replace(ONE, id=5, object="猫")

    found = check_duty_list((ONE, TWO, words, *later), KNOWN, ON)
    assert "第3行永远不会命中：总是第4、5行优先" in [finding.message for finding in found]


def test_a_class_row_that_never_wins_says_that_its_matters_have_rows_of_their_own() -> None:
    found = check_duty_list((ONE, TWO, replace(ONE, id=3, matter_code="01")), KNOWN, ON)

    assert [finding.message for finding in found] == ["第3行永远不会命中：01下的事项都有自己的条目优先"]


def test_codes_nobody_can_tell_are_not_doubted() -> None:
    named = replace(ONE, lead="某局", area="469001"), replace(ONE, id=3, lead="某局"), TWO

    assert check_duty_list(named, KnownCodes(("0101", "0102")), ON) == ()


def test_a_row_until_the_year_9999_never_ends() -> None:
    assert kinds(ONE, replace(TWO, valid_to=date.max)) == []


def test_a_class_row_owns_its_matters() -> None:
    assert kinds(replace(ONE, matter_code="01")) == []


def test_rows_that_ended_are_history() -> None:
    assert kinds(ONE, TWO, replace(ONE, id=3, lead="abolished", valid_to=date(2026, 1, 1))) == []


def test_the_demo_city_has_an_owner_for_every_matter_and_no_findings() -> None:
    duty_list, gazetteer, departments = read_city(DEMO_CITY)
    leaves = [code for code, matter in load_matters().items() if matter.is_leaf]

    assert check_duty_list(duty_list.rows, KnownCodes(leaves, departments, gazetteer.area_names), ON) == ()
    assert {row.matter_code for row in duty_list.rows} == set(leaves)
