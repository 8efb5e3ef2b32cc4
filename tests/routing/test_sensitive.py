"""What a person must look at is heard, and what only sounds so is let pass."""

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from classifier.model import starter_model
from classifier.training_data import read_labelled
from routing.__main__ import ALARM_CASES, TYPE_CASES
from routing.case import MatterGuess
from routing.learn_demands import read_demands
from routing.pair_weights import folded
from routing.sensitive import HEARD_TIERS, TIERS, WORDS, sensitive_in, taught_tiers

CASES_FILE = ALARM_CASES.parent / "sensitive_cases.csv"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


CASES = rows(CASES_FILE)


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
    assert len(false) / (len(CASES) - len(told)) <= 0.15, false


def test_tiers_are_heard_in_unseen_words_and_most_other_texts_are_let_pass() -> None:
    unseen = rows(TYPE_CASES)
    told = [(tier, case["text"]) for case in unseen for tier in case["tiers"].split("|") if tier]
    missed = [one for one in told if one[0] not in taught_tiers(one[1])]
    others = [case["text"] for case in unseen if not case["tiers"]]
    false = [text for text in others if taught_tiers(text)]

    assert set(Counter(tier for tier, _ in told)) == set(HEARD_TIERS)
    assert min(Counter(tier for tier, _ in told).values()) >= 20
    assert len(missed) / len(told) <= 0.07, missed
    assert len(false) / len(others) <= 0.25, false


@pytest.mark.proof
def test_few_real_demands_have_a_tier() -> None:
    folder = os.environ.get("HOTLINE_REAL_TEXTS")
    if not folder:
        pytest.skip("HOTLINE_REAL_TEXTS is not set")
    texts = read_labelled(Path(folder) / "haikou_2018_train.csv.gz", "text_clean", "dept").texts[::4]

    assert sum(bool(taught_tiers(text)) for text in texts) / len(texts) <= 0.035


def test_one_clause_of_a_long_complaint_is_heard() -> None:
    calm = "我们小区的物业费涨了两次，门禁坏了没人修，电梯里全是广告，业主群里说了也没人管，"
    told = "听说三号楼的业主约好周五早上一起去区政府门口坐着不走，"

    assert taught_tiers(calm * 6) == {}
    assert "stability_threat" in taught_tiers(calm * 3 + told + calm * 3)


def test_likely_matters_hear_what_no_list_of_words_foresees() -> None:
    unseen = rows(CASES_FILE.with_name("unseen_sensitive.csv"))
    read = starter_model().likeliest([case["text"] for case in unseen], 12)
    heard = [
        {one.tier.code for one in sensitive_in(case["text"], [MatterGuess(*guess) for guess in guesses])}
        for case, guesses in zip(unseen, read, strict=True)
    ]
    told = [case["tier"] in found for case, found in zip(unseen, heard, strict=True) if case["tier"] != "none"]

    assert sum(told) / len(told) >= 0.9
    assert sum(bool(found) for case, found in zip(unseen, heard, strict=True) if case["tier"] == "none") <= 3
    assert not {folded(case["text"]) for case in unseen} & set(read_demands().texts)
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

    heard = {one.tier.code: one.words for one in sensitive_in(text)}
    assert [one for one in heard if one != "officials_discipline"] == ["stability_threat", "minors", "media"]
    assert "集体上访" in heard["stability_threat"] and "打学生" in heard["minors"] and "记者" in heard["media"]
    assert all(word in text for words in heard.values() for word in words)


@pytest.mark.parametrize("text", ["", "😀", "路灯不亮", "聚众赌博", "开无犯罪行贿记录证明"])
def test_ordinary_texts_have_no_tier(text: str) -> None:
    assert tiers(text) == []


def test_words_count_only_within_their_sentence() -> None:
    assert tiers("孩子上小学报名。昨天有人在群里骂物业") == []
    assert "minors" in tiers("學校裡孩子被孤立")
