"""Several demands in one text are told apart; one demand in several sentences stays one."""

import csv
import gzip
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pytest

from classifier.model import starter_model
from routing.__main__ import ALARM_CASES, DEMO_CITY, GUESSES, read_city
from routing.case import Case, MatterGuess
from routing.duty_list import DutyList, Situation, read_duty_rows
from routing.places import Gazetteer
from routing.several_demands import Demanded, Part, ReadPart, parts_of, several_demands

CASES = list(csv.DictReader((ALARM_CASES.parent / "split_cases.csv").read_text(encoding="utf-8").splitlines()))
DUTY_LIST, PLACES, _ = read_city(DEMO_CITY)
ON = max(row.valid_from for row in DUTY_LIST.rows)

model = lru_cache(maxsize=1)(starter_model)


def read(text: str) -> list[ReadPart]:
    parts = parts_of(text)
    found = model().likeliest([part.text for part in parts], GUESSES) if parts else []
    return [
        ReadPart(part, tuple(MatterGuess(*guess) for guess in guesses))
        for part, guesses in zip(parts, found, strict=True)
    ]


def suggested(text: str, duty_list: DutyList = DUTY_LIST, places: Gazetteer = PLACES) -> tuple[Demanded, ...]:
    return several_demands(Case(text, "", "help", (), ON), read(text), duty_list, places)


def leads(matters: Sequence[str], text: str) -> set[str]:
    rows = [DUTY_LIST.best_row(Situation(matter, "", text, ON)) for matter in matters]
    return {row.lead for row in rows if row}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("路灯不亮，老人摔了。另外公司拖欠工资。", [("路灯不亮，老人摔了。", True), ("公司拖欠工资。", True)]),
        ("1、路灯三天不亮。2、公司拖欠工资。", [("路灯三天不亮。", True), ("公司拖欠工资。", True)]),
        ("一是路灯三天不亮；二是公司拖欠工资", [("路灯三天不亮；", True), ("公司拖欠工资", True)]),
        ("第一，路灯三天不亮。第二，公司拖欠工资。", [("路灯三天不亮。", True), ("公司拖欠工资。", True)]),
        ("路灯三天不亮。公司拖欠工资。", [("路灯三天不亮。", False), ("公司拖欠工资。", False)]),
        ("水压只有0.1兆帕，1.5米高就上不去", []),
        ("路灯不亮", []),
        ("另外", []),
        ("", []),
    ],
)
def test_a_text_is_cut_where_another_demand_begins_or_into_its_sentences(
    text: str, parts: list[tuple[str, bool]]
) -> None:
    assert parts_of(text) == tuple(Part(*part) for part in parts)


def test_nine_of_ten_double_demands_are_told_and_hardly_a_single_one_is_split() -> None:
    doubles = [case for case in CASES if case["matters"]]
    singles = [case["text"] for case in CASES if not case["matters"]]
    told = {case["text"]: {one.unit for one in suggested(case["text"])} for case in doubles}
    right = [case for case in doubles if told[case["text"]] == leads(case["matters"].split("|"), case["text"])]
    split = [text for text in singles if suggested(text)]

    assert (len(CASES) >= 60, len(singles) >= 30) == (True, True)
    assert sum(map(bool, told.values())) / len(doubles) >= 0.9
    assert len(right) / len(doubles) >= 0.85
    assert len(split) / len(singles) <= 0.10, split


@pytest.mark.skipif("HOTLINE_REAL_TEXTS" not in os.environ, reason="HOTLINE_REAL_TEXTS is not set")
@pytest.mark.proof
def test_hardly_a_real_demand_of_one_department_is_split() -> None:
    path = Path(os.environ["HOTLINE_REAL_TEXTS"]) / "haikou_2018_train.csv.gz"
    duty_list = DutyList(read_duty_rows(Path(__file__).parents[1] / "data" / "haikou_duty_list.csv"))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        texts = [row["text_clean"] for row in csv.DictReader(lines)][::5]
    split = [text for text in texts if parts_of(text) and suggested(text, duty_list, Gazetteer(()))]

    assert len(split) / len(texts) <= 0.03


def test_a_unit_that_may_concern_both_parts_keeps_them_together() -> None:
    parts = [Part("路灯三天不亮。", marked=True), Part("公司拖欠工资。", marked=True)]
    sure = [ReadPart(parts[0], (MatterGuess("0203", 0.9),)), ReadPart(parts[1], (MatterGuess("0801", 0.9),))]
    doubt = [sure[0], ReadPart(parts[1], (MatterGuess("0801", 0.7), MatterGuess("0203", 0.2)))]
    vague = [sure[0], ReadPart(parts[1], (MatterGuess("0801", 0.5),))]
    case = Case("路灯三天不亮。另外公司拖欠工资。", "", "help", (), ON)

    assert [one.unit for one in several_demands(case, sure, DUTY_LIST, PLACES)] == ["cgj", "rsj"]
    assert several_demands(case, doubt, DUTY_LIST, PLACES) == ()
    assert several_demands(case, vague, DUTY_LIST, PLACES) == ()
    assert several_demands(case, sure[:1], DUTY_LIST, PLACES) == ()
