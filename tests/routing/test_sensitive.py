"""What a person must look at is heard, and what only sounds so is let pass."""

import csv
import re
from collections import Counter

import pytest

from classifier.model import starter_model
from routing.__main__ import ALARM_CASES
from routing.case import MatterGuess
from routing.sensitive import TIERS, WORDS, Sensitive, sensitive_in

CASES_FILE = ALARM_CASES.parent / "sensitive_cases.csv"
CASES = list(csv.DictReader(CASES_FILE.read_text(encoding="utf-8").splitlines()))


def tiers(text: str) -> list[str]:
    return [heard.tier.code for heard in sensitive_in(text)]


def test_there_are_enough_written_cases_of_every_tier_and_near_misses() -> None:
    counted = Counter(case["tier"] for case in CASES)

    assert len(CASES) >= 120
    assert counted.keys() == {*TIERS, "none"}
    assert counted["none"] >= 60
    assert min(counted.values()) >= 5


def test_hardly_a_sensitive_demand_is_missed_and_few_others_are_held_back() -> None:
    told = [case for case in CASES if case["tier"] != "none"]
    missed = [case["text"] for case in told if case["tier"] not in tiers(case["text"])]
    false = [case["text"] for case in CASES if case["tier"] == "none" and tiers(case["text"])]

    assert len(missed) / len(told) <= 0.03, missed
    assert len(false) / (len(CASES) - len(told)) <= 0.05, false


def test_likely_matters_hear_what_no_list_of_words_foresees() -> None:
    unseen = list(csv.DictReader(CASES_FILE.with_name("unseen_sensitive.csv").read_text(encoding="utf-8").splitlines()))
    read = starter_model().likeliest([case["text"] for case in unseen], 12)
    heard = [
        {one.tier.code for one in sensitive_in(case["text"], [MatterGuess(*guess) for guess in guesses])}
        for case, guesses in zip(unseen, read, strict=True)
    ]
    told = [case["tier"] in found for case, found in zip(unseen, heard, strict=True) if case["tier"] != "none"]

    assert sum(told) / len(told) >= 0.45
    assert sum(bool(found) for case, found in zip(unseen, heard, strict=True) if case["tier"] == "none") <= 1
    assert not {case["text"] for case in unseen} & {case["text"] for case in CASES}
    assert sensitive_in("", [MatterGuess("1803", 0.19)]) == ()
    (both,) = sensitive_in("", [MatterGuess("1106", 0.08), MatterGuess("1004", 0.12, ("老师", "打"))])
    assert (both.tier.code, both.words) == ("minors", ("老师", "打"))


def test_no_row_of_the_table_is_cut_in_two() -> None:
    rows = list(csv.reader(WORDS.read_text(encoding="utf-8").splitlines()))

    assert {len(row) for row in rows} == {3}
    assert not [cell for row in rows for cell in row if re.search(r"\{\d*$|^\d*\}", cell)]
    assert tiers("按政策该停课吧，孩子班里都得了诺如病毒") == ["public_health"]


def test_all_tiers_of_a_text_are_told_with_their_words_the_gravest_first() -> None:
    text = "校长打学生耳光，家长准备周一集体上访，已经联系了记者"

    assert sensitive_in(text) == (
        Sensitive(TIERS["stability_threat"], ("集体上访",)),
        Sensitive(TIERS["minors"], ("学生耳光", "打学生")),
        Sensitive(TIERS["media"], ("记者",)),
    )


@pytest.mark.parametrize("text", ["", "😀", "路灯不亮", "聚众赌博", "开无犯罪行贿记录证明"])
def test_ordinary_texts_have_no_tier(text: str) -> None:
    assert tiers(text) == []


def test_words_count_only_within_their_sentence() -> None:
    assert tiers("孩子上小学报名。昨天有人在群里骂物业") == []
    assert "minors" in tiers("學校裡孩子被孤立")
