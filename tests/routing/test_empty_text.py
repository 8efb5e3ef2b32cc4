"""Greetings, tests and bare names say nothing; two characters can be a demand."""

import csv
import gzip
import os
import time
from pathlib import Path

import pytest

from classifier.training_data import written_examples
from routing.__main__ import ALARM_CASES
from routing.empty_text import says_nothing

CASES_FILE = ALARM_CASES.parent / "empty_text_cases.csv"
CASES = list(csv.DictReader(CASES_FILE.read_text(encoding="utf-8").splitlines()))
EMPTY_TALK = "1899"


def test_there_are_enough_written_cases_of_both_kinds() -> None:
    says = [case["says"] for case in CASES]

    assert says.count("nothing") >= 70
    assert says.count("told") >= 70


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_every_written_case_is_told_right(case: dict[str, str]) -> None:
    assert says_nothing(case["text"]) is (case["says"] == "nothing")


def test_no_written_example_of_a_matter_and_no_alarm_says_nothing() -> None:
    examples = written_examples()
    alarms = [row["text"] for row in csv.DictReader(ALARM_CASES.read_text(encoding="utf-8").splitlines())]
    texts = [text for text, label in zip(examples.texts, examples.labels, strict=True) if label != EMPTY_TALK]

    assert [text for text in [*texts, *alarms] if says_nothing(text)] == []


@pytest.mark.skipif("HOTLINE_REAL_TEXTS" not in os.environ, reason="HOTLINE_REAL_TEXTS is not set")
def test_hardly_a_real_demand_is_asked_back_about() -> None:
    path = Path(os.environ["HOTLINE_REAL_TEXTS"]) / "haikou_2018_train.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        texts = [row["text_clean"] for row in csv.DictReader(lines)]

    assert sum(map(says_nothing, texts)) <= len(texts) * 0.001


@pytest.mark.parametrize("piece", ["喂", "一个", "帮帮我", "a", "？"])
def test_a_long_text_of_nothing_is_told_quickly(piece: str) -> None:
    began = time.process_time()

    assert says_nothing(piece * (100_000 // len(piece)))
    assert not says_nothing(piece * (100_000 // len(piece)) + "停水")
    assert time.process_time() - began < 2
