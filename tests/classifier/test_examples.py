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
from opencc import OpenCC

from classifier.features import clean
from classifier.matters import load_matters
from classifier.training_data import doubles, read_labelled, written_examples
from routing.__main__ import TYPE_CASES
from routing.learn_demands import WRITTEN

SHARED = 12  # characters
SIGNS = re.compile(r"\W+")
AMOUNT = re.compile(r"\d+|[零一二两三四五六七八九十百千万半几]+(?=[个天年月日号楼栋单元层户次块斤米岁分秒条只台辆名位家周])")
PLACE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:小区|花园|公园|广场|大厦|大道|路|街|巷|村|镇|乡|区|县|苑|园|城|站|桥|河|市场|中学|小学|医院)")
TIME = re.compile(r"[今昨前]天|昨晚|今晚|早上|上午|中午|下午|晚上|夜里|半夜|凌晨|周末|(?:周|星期)[一二三四五六日天]|[上下这]个?月|去年|今年|最近")
VOICES = {
    "terse": re.compile(r"^.{2,8}$"),
    "rambling": re.compile(r"^.{150,}$", re.S),
    "transcribed": re.compile(r"来电人|市民(?:反映|称|来电)|诉求人|其表示|故来电"),
    "spoken": re.compile(r"那个|就是说|您看|嘛|呗|嗯|喂"),
    "dialect": re.compile(r"俺|咋|啥|晓得|莫得|冇|嘅|乜|侬|阿拉|咧|得劲|恁|撒"),
    "several problems": re.compile(r"另外|还有|第二|顺便|再就是|其次"),
    "slips": re.compile(r"因该|以经|跟本|处里|结决|不之道|知到|怎么半|为神么|麻凡|孩纸|电活|陪偿|申清|往上|现再|还事|绕民|投拆"),
}
HELD_OUT = Path(__file__).with_name("held_out.csv")


def test_the_tree_has_eighteen_classes_and_enough_matters() -> None:
    matters = load_matters()
    leaves = [matter for matter in matters.values() if matter.is_leaf]
    assert len(matters) - len(leaves) == 18
    assert len(leaves) >= 160
    assert all(matter.code.startswith(matter.parent) and matter.parent in matters for matter in leaves)
    assert all(one.description and one.boundary and one.usual_lead for one in matters.values())
    assert len({matter.name for matter in matters.values()}) == len(matters)


def test_boundaries_name_matters_that_exist() -> None:
    codes = set(load_matters()) | {"110", "119", "120"}
    for matter in load_matters().values():
        assert set(re.findall(r"\d{2,4}", matter.boundary)) <= codes, matter.code


def test_every_matter_has_forty_examples_and_no_example_stands_twice() -> None:
    examples = written_examples()
    leaves = {matter.code for matter in load_matters().values() if matter.is_leaf}
    counted = Counter(examples.labels)
    assert set(counted) == leaves
    assert min(counted.values()) >= 40
    assert doubles(examples) == ()


def test_the_examples_are_written_and_not_stamped_out() -> None:
    """Without places, numbers and times nearly all differ; real demands are 10, 34 and 87 characters long."""
    texts = written_examples().texts
    skeletons = {TIME.sub("时", PLACE.sub("地", AMOUNT.sub("数", _letters(text)))) for text in texts}
    assert len(skeletons) >= 0.95 * len(texts)
    short, middle, long = (sorted(map(len, texts))[round(len(texts) * share)] for share in (0.1, 0.5, 0.9))
    assert 9 <= short <= 12
    assert 31 <= middle <= 38
    assert 80 <= long <= 95


def test_all_voices_of_real_callers_occur() -> None:
    """In most of the eighteen classes; traditional characters in all."""
    examples, simplified = written_examples(), OpenCC("t2s")
    cases = list(zip(examples.texts, examples.labels, strict=True))
    for voice, sign in VOICES.items():
        assert len({code[:2] for text, code in cases if sign.search(text)}) >= 15, voice
    assert len({code[:2] for text, code in cases if simplified.convert(text) != text}) == 18


def test_no_two_examples_of_a_matter_are_nearly_the_same() -> None:
    pieces: dict[str, list[tuple[str, set[str]]]] = {}
    examples, alike = written_examples(), []
    for text, code in zip(examples.texts, examples.labels, strict=True):
        letters = _letters(text)
        grams = {letters[i : i + 4] for i in range(len(letters) - 3)}
        for other, others in pieces.setdefault(code, []):
            smaller = min(len(grams), len(others))
            if smaller >= 3 and len(grams & others) >= 0.6 * smaller:
                alike.append((other, text))
        pieces[code].append((text, grams))
    assert alike == []


def test_examples_hold_none_of_the_demands_that_judge_the_model() -> None:
    held_out = read_labelled(HELD_OUT, "text", "matter_code")
    judged = {clean(text) for text in held_out.texts}
    assert judged.isdisjoint(map(clean, written_examples().texts))


@pytest.mark.proof
def test_no_example_was_copied_from_a_real_text() -> None:
    folder = os.environ.get("HOTLINE_REAL_TEXTS")
    if not folder:
        pytest.skip("HOTLINE_REAL_TEXTS is not set: there are no real texts to compare with")
    texts = [*written_examples().texts, *_demands()]
    ours = {piece: text for text in texts for piece in _pieces(text)}
    copied = {ours[piece] for real in _real_texts(Path(folder)) for piece in _pieces(real) if piece in ours}
    assert copied == set()


def _demands() -> Iterator[str]:
    """What request types and tiers are taught by, and judged on."""
    for file in (*WRITTEN.glob("*.csv"), TYPE_CASES):
        with file.open(encoding="utf-8", newline="") as lines:
            yield from (row["text"] for row in csv.DictReader(lines))


def _letters(text: str) -> str:
    return SIGNS.sub("", unicodedata.normalize("NFKC", text))


def _pieces(text: str) -> Iterator[str]:
    letters = _letters(text)
    return (letters[i : i + SHARED] for i in range(len(letters) - SHARED + 1))


def _real_texts(folder: Path) -> Iterator[str]:
    files = sorted(folder.glob("*.csv.gz"))
    assert files, folder
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                yield from (value for value in row.values() if value and len(value) >= SHARED)
