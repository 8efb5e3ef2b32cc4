"""What request types and tiers are learned from was written for it: various, our own, and not what judges it."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from routing.__main__ import TYPE_CASES
from routing.learn_demands import KINDS, WRITTEN
from routing.sensitive import HEARD_TIERS

LETTERS = re.compile(r"\W+")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


TAUGHT = {path.stem: read(path) for path in sorted(WRITTEN.glob("*.csv"))}
ALL = [row for rows in TAUGHT.values() for row in rows]


def test_every_type_and_tier_is_taught_by_many_and_by_near_misses() -> None:
    kinds, tiers = Counter(row["type"] for row in ALL), Counter(t for row in ALL for t in row["tiers"].split("|"))

    assert kinds.keys() == set(KINDS)
    assert min(kinds.values()) >= 80
    assert tiers.keys() - {"", "?"} == set(HEARD_TIERS)
    assert min(tiers[tier] for tier in HEARD_TIERS) >= 130
    for name in ("threats_and_officials", "harm_and_money"):
        assert sum(not row["tiers"] for row in TAUGHT[name]) >= 250


@pytest.mark.parametrize("name", sorted(set(TAUGHT) - {"of_examples", "first_types"}))
def test_no_two_texts_of_a_file_are_nearly_the_same(name: str) -> None:
    pieces = [grams(row["text"]) for row in TAUGHT[name]]
    alike = [
        (TAUGHT[name][i]["text"], TAUGHT[name][j]["text"])
        for i, one in enumerate(pieces) for j, other in enumerate(pieces[:i])
        if min(len(one), len(other)) >= 5 and len(one & other) >= 0.6 * min(len(one), len(other))
    ]  # fmt: skip

    assert alike == []


def test_no_text_that_judges_is_nearly_one_that_teaches() -> None:
    held_by: dict[str, set[int]] = {}
    for i, row in enumerate(ALL):
        for gram in grams(row["text"]):
            held_by.setdefault(gram, set()).add(i)
    for row in read(TYPE_CASES):
        own = grams(row["text"])
        shared = Counter(i for gram in own for i in held_by.get(gram, ()))
        assert len(own) < 5 or not shared or shared.most_common(1)[0][1] < 0.6 * len(own), row["text"]


def grams(text: str) -> set[str]:
    letters = LETTERS.sub("", text)
    return {letters[i : i + 4] for i in range(len(letters) - 3)}
