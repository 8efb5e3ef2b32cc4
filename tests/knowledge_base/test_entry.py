"""Entries: what one must have, when and where it applies, how a file of them is read."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

from classifier.matters import load_matters
from knowledge_base.entry import BadEntry, Visibility, read_entries
from tests.knowledge_base.knowledge_makers import demo_entries, make_entry


def write(folder: Path, *lines: str) -> Path:
    file = folder / "entries.csv"
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    return file


def test_an_entry_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        make_entry().title = "别的"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "标题"),
        ({"answer_short": ""}, "简短答复"),
        ({"answer_short": "字" * 201}, "200个字"),
        ({"owner": ""}, "责任单位"),
        ({"similar_questions": ("问",) * 31}, "30条"),
        ({"valid_to": date(2025, 12, 31)}, "失效日期"),
    ],
)
def test_an_impossible_entry_is_refused_in_chinese(fields, words):
    with pytest.raises(BadEntry, match=words):
        make_entry(**fields)


def test_the_longest_answer_and_the_most_questions_are_taken():
    assert make_entry(answer_short="字" * 200, similar_questions=("问",) * 30)


def test_an_entry_is_in_force_from_its_first_to_its_last_day():
    entry = make_entry(valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [entry.in_force(day) for day in days] == [False, True, True, False]
    assert make_entry().in_force(date(2999, 1, 1))


@pytest.mark.parametrize(
    ("region", "asked", "applies"),
    [
        ("", "369001", True),
        ("369000", "369001", True),
        ("369001", "369001", True),
        ("369001", "369001002", True),
        ("369001", "369002", False),
        ("369001", "369000", False),
        ("369000", "370001", False),
    ],
)
def test_an_entry_applies_in_its_region_and_below(region, asked, applies):
    assert make_entry(region=region).applies_in(asked) is applies


def test_a_file_is_read_row_by_row(tmp_path):
    file = write(
        tmp_path,
        "title,similar_questions,answer_short,owner,valid_from,valid_to,keywords,visibility",
        "井盖缺失,井盖没了| 井盖响 |,请远离。,cgj,2026-01-01,,井盖 窨井,agent",
        "停水,,请稍候。,shuiwu,2026-01-01,2026-12-31,,",
    )
    first, second = read_entries(file)
    assert (first.id, first.similar_questions, first.keywords) == (
        1,
        ("井盖没了", "井盖响"),
        ("井盖", "窨井"),
    )
    assert (first.visibility, second.visibility) == (Visibility.AGENT, Visibility.PUBLIC)
    assert (second.id, second.valid_to) == (2, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("title,answer_short,owner,valid_from", "停水,请稍候。,shuiwu,2026-01-01,多一列"),
        ("title,answer_short,owner,valid_from", "停水,请稍候。,shuiwu"),
        ("title,answer_short,owner,valid_from", "停水,请稍候。,shuiwu,元旦"),
        ("title,answer_short,owner,valid_from,visibility", "停水,请稍候。,shuiwu,2026-01-01,everyone"),
        ("title,answer_short,owner,valid_from", "停水,请稍候。,,2026-01-01"),
    ],
)
def test_a_bad_row_is_named(tmp_path, head, row):
    good = ",".join(["停电", "请稍候。", "gdgs", "2026-01-01", "public"][: head.count(",") + 1])
    with pytest.raises(BadEntry, match="第2条"):
        read_entries(write(tmp_path, head, good, row))


def test_an_unknown_column_is_refused(tmp_path):
    with pytest.raises(BadEntry, match="字段不符"):
        read_entries(write(tmp_path, "title,secret", "停水,x"))


def test_the_demo_city_has_entries_with_owner_matter_and_review_day():
    entries = demo_entries()
    assert len(entries) >= 40
    assert len({entry.title for entry in entries}) == len(entries)
    leaves = {code for code, matter in load_matters().items() if matter.is_leaf}
    for entry in entries:
        assert entry.matter_code in leaves, entry.title
        assert entry.review_by, entry.title
        assert len(entry.similar_questions) >= 3 or entry.valid_to, entry.title


def test_entries_load_neither_jieba_nor_scikit_learn():
    code = "import knowledge_base.entry, sys; print({'jieba', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
