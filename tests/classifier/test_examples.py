"""The matters and our written examples: complete, various, and our own."""

import csv
import gzip
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.features import clean
from classifier.keyword_rules import load_rules
from classifier.matters import load_matters
from classifier.training_data import doubles, read_labelled, written_examples

SHARED = 12  # characters
SIGNS = re.compile(r"\W+")
HELD_OUT = Path(__file__).with_name("held_out.csv")


def test_the_tree_has_eighteen_classes_and_enough_matters() -> None:
    matters = load_matters()
    leaves = [matter for matter in matters.values() if matter.is_leaf]
    assert len(matters) - len(leaves) == 18
    assert len(leaves) >= 110
    assert all(matter.code.startswith(matter.parent) and matter.parent in matters for matter in leaves)
    assert len({matter.name for matter in matters.values()}) == len(matters)


def test_every_matter_has_ten_examples_and_no_example_stands_twice() -> None:
    examples = written_examples()
    leaves = {matter.code for matter in load_matters().values() if matter.is_leaf}
    counted = Counter(examples.labels)
    assert set(counted) == leaves
    assert min(counted.values()) >= 10
    assert doubles(examples) == ()


def test_rules_speak_of_known_matters() -> None:
    assert {rule.matter_code for rule in load_rules()} <= set(load_matters())


def test_examples_hold_none_of_the_demands_that_judge_the_model() -> None:
    held_out = read_labelled(HELD_OUT, "text", "matter_code")
    judged = {clean(text) for text in held_out.texts}
    assert judged.isdisjoint(map(clean, written_examples().texts))


def test_no_example_was_copied_from_a_real_text() -> None:
    folder = os.environ.get("HOTLINE_REAL_TEXTS")
    if not folder:
        pytest.skip("HOTLINE_REAL_TEXTS is not set: there are no real texts to compare with")
    ours = {piece: text for text in written_examples().texts for piece in _pieces(text)}
    copied = {ours[piece] for real in _real_texts(Path(folder)) for piece in _pieces(real) if piece in ours}
    assert copied == set()


def _pieces(text: str) -> Iterator[str]:
    letters = SIGNS.sub("", unicodedata.normalize("NFKC", text))
    return (letters[i : i + SHARED] for i in range(len(letters) - SHARED + 1))


def _real_texts(folder: Path) -> Iterator[str]:
    files = sorted(folder.glob("*.csv.gz"))
    assert files, folder
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                yield from (value for value in row.values() if value and len(value) >= SHARED)
