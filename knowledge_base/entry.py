"""A knowledge entry: a question with its approved answer, its owner, and how long it may be quoted."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from pathlib import Path

LONGEST_SHORT_ANSWER = 200
"""Characters an agent can read out in one go (domain.md §10)."""

MOST_SIMILAR_QUESTIONS = 30
"""Domain.md §10."""


class BadEntry(ValueError):
    """An entry that can't be; carries a Chinese sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Visibility(IntEnum):
    """Who may read an entry; each kind of reader also reads the wider kinds."""

    PUBLIC = 0
    INTERNAL = 1
    AGENT = 2


class Audience(StrEnum):
    """Whom the answer is for."""

    ANYONE = "anyone"
    PERSON = "person"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One version of an entry; `valid_from` and `valid_to` are both days on which it may be quoted.

    `region` is a division code, empty for the whole city; `owner` a department's code. Raises `BadEntry`.
    """

    id: int
    version: int = 1
    title: str
    similar_questions: tuple[str, ...] = ()
    answer_short: str
    answer_full: str = ""
    basis: str = ""
    matter_code: str = ""
    region: str = ""
    audience: Audience = Audience.ANYONE
    owner: str
    valid_from: date
    valid_to: date | None = None
    review_by: date | None = None
    visibility: Visibility = Visibility.PUBLIC
    keywords: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.answer_short.strip():
            raise BadEntry("知识条目要有标题和简短答复。")
        if not self.owner:
            raise BadEntry(f"知识条目“{self.title}”没有责任单位。")
        if len(self.answer_short) > LONGEST_SHORT_ANSWER:
            raise BadEntry(f"知识条目“{self.title}”的简短答复超过{LONGEST_SHORT_ANSWER}个字。")
        if len(self.similar_questions) > MOST_SIMILAR_QUESTIONS:
            raise BadEntry(f"知识条目“{self.title}”的相似问法超过{MOST_SIMILAR_QUESTIONS}条。")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise BadEntry(f"知识条目“{self.title}”的失效日期早于生效日期。")

    def in_force(self, on: date) -> bool:
        """Whether it may be quoted on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def applies_in(self, region: str) -> bool:
        """Whether it speaks of that division: its own region is the same or lies above."""
        own = self.region
        while own.endswith("00"):
            own = own[:-2]
        return region.startswith(own)


def read_entries(file: Path) -> tuple[Entry, ...]:
    """The entries of a CSV file, numbered by its rows unless it has an `id` column; raises `BadEntry`.

    Columns are the fields of `Entry`; lists are separated by | (questions) or spaces (keywords).
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return tuple(entry_of_row(row, number) for number, row in enumerate(csv.DictReader(lines), start=1))


def entry_of_row(row: Mapping[str, str], number: int) -> Entry:
    """One CSV row as an entry; `number` is its place in the file, for the id and for errors."""
    unknown = [name for name in row if name not in Entry.__dataclass_fields__]
    if unknown or None in row.values():
        raise BadEntry(f"第{number}条的列与知识条目的字段不符。")
    texts = {name: row.get(name, "").strip() for name in ("title", "answer_short", "answer_full", "basis")}
    codes = {name: row.get(name, "").strip() for name in ("matter_code", "region", "owner")}
    questions = tuple(filter(None, (text.strip() for text in row.get("similar_questions", "").split("|"))))
    try:
        return Entry(
            id=int(row.get("id") or number),
            version=int(row.get("version") or 1),
            similar_questions=questions,
            keywords=tuple(row.get("keywords", "").split()),
            audience=Audience(row.get("audience") or "anyone"),
            visibility=Visibility[(row.get("visibility") or "public").upper()],
            valid_from=date.fromisoformat(row.get("valid_from", "")),
            valid_to=_day(row.get("valid_to")),
            review_by=_day(row.get("review_by")),
            **texts,
            **codes,
        )
    except (ValueError, KeyError) as problem:
        sentence = getattr(problem, "sentence", "有无法识别的日期、编号或代码。")
        raise BadEntry(f"第{number}条：{sentence}") from problem


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
