"""The responsibility list (确责清单): which row decides who leads a matter (domain.md §1 row 13, §5.3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property, lru_cache
from pathlib import Path

from classifier.normalise import normalise
from routing.case import DutyRow
from routing.csv_table import CellError, Line, read_table
from routing.day_span import DaySpan, SpanError, told_time

COLUMNS = (
    "matter_code", "area", "object", "time", "lead", "co_units", "basis", "valid_from", "valid_to",
)  # fmt: skip
DIRECT = {"是": True, "否": False, "": False}
"""What the column `direct` may say; it may be missing."""
BARS = re.compile("[|｜、，,；;]")
"""What people write between several words or units."""
parse_span = lru_cache(maxsize=256)(DaySpan.parse)


@dataclass(frozen=True)
class Situation:
    """What a row is matched with: a matter, an area code ("" unknown), normalised text, day and time."""

    matter_code: str
    area: str
    text: str
    on: date
    at: time | None = None


def situation_of(matter_code: str, area: str, text: str, on: date, at: time | None) -> Situation:
    """The situation a demand tells, its text in one spelling; an hour told in the text wins over `at`."""
    plain = normalise(text)
    return Situation(matter_code, area, plain, on, told_time(plain) or at)


@dataclass(frozen=True)
class DutyList:
    """The rows of a duty list and the Chinese names of the codes they use (departments and matters)."""

    rows: tuple[DutyRow, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _by_matter(self) -> dict[str, list[DutyRow]]:
        indexed: dict[str, list[DutyRow]] = {}
        for row in self.rows:
            indexed.setdefault(row.matter_code, []).append(row)
        return indexed

    def best_row(self, situation: Situation) -> DutyRow | None:
        """The most specific row that fits, None when neither the matter nor its parents have one.

        The matter's own rows come before its parent's; then the longest object word, a time, the narrower
        area, the newest row. Default; city practice, domain.md §4.4 (what makes the noise outranks where).
        """
        for code in lineage(situation.matter_code):
            fitting = [row for row in self._by_matter.get(code, ()) if fits(row, situation)]
            if fitting:
                return max(fitting, key=lambda row: specificity(row, situation.text))
        return None

    def name(self, code: str) -> str:
        """The Chinese name of a department or matter, the code itself when it has none."""
        return self.names.get(code, code)


def lineage(matter_code: str) -> list[str]:
    """The matter and its parents, narrowest first; two characters a level (domain.md §4.2)."""
    return [matter_code[:length] for length in range(len(matter_code), 1, -2)]


def row_area(row: DutyRow) -> str:
    """The area a row is for: "" for the whole city, also when written "*" or as the city's own code."""
    whole_city = row.area == "*" or (len(row.area) == 6 and row.area.endswith("00"))
    return "" if whole_city else row.area


def object_words(row: DutyRow) -> tuple[str, ...]:
    """The words of which one must stand in the text; none: any text."""
    return split_words(row.object)


@lru_cache(maxsize=4096)
def split_words(written: str) -> tuple[str, ...]:
    """Words separated by "|", in the spelling of normalised text; remembered, for every case asks again."""
    return tuple(word for word in map(normalise, written.split("|")) if word)


def with_bars(written: str) -> str:
    """Several words or codes with "|" between them, however they were set apart: no such sign is part of a word."""
    return "|".join(part.strip() for part in BARS.split(written) if part.strip())


def fits(row: DutyRow, situation: Situation) -> bool:
    """True when every condition of the row holds; a row for a time needs a known time."""
    words = object_words(row)
    return (
        row.holds_on(situation.on)
        and situation.area.startswith(row_area(row))
        and (not words or any(word in situation.text for word in words))
        and (not row.time or (situation.at is not None and parse_span(row.time).covers(situation.at)))
    )


def specificity(row: DutyRow, text: str) -> tuple[int, bool, int, date, int]:
    """Sorts rows of one matter that fit the same text, the winner last."""
    longest = max((len(word) for word in object_words(row) if word in text), default=0)
    return longest, bool(row.time), len(row_area(row)), row.valid_from, row.id


def read_duty_rows(path: Path) -> tuple[DutyRow, ...]:
    """The rows of a duty list CSV; a row's id is its line. Raises BadTable."""
    return read_table(path, COLUMNS, duty_row, optional=("direct",))


def duty_row(line: Line) -> DutyRow:
    """One row from one line of its table. Raises CellError."""
    area = "" if line.text("area") == "*" else line.text("area")
    if area and not (area.isascii() and area.isdigit() and len(area) in (6, 9)):
        raise CellError("area", f"“{area}”不是区县（6位）或街道（9位）代码，全市请留空")
    words = with_bars(line.text("object"))
    if line.text("object") and not split_words(words):
        raise CellError("object", f"“{line.text('object')}”中没有词，不限请留空")
    if line.text("time"):
        try:
            parse_span(line.text("time"))
        except SpanError as error:
            raise CellError("time", str(error)) from None
    lead = line.needed("lead")
    co_units = tuple(code for code in with_bars(line.text("co_units")).split("|") if code)
    if lead in co_units or len(set(co_units)) < len(co_units):
        raise CellError("co_units", "协办单位重复，或与主办单位相同")
    return DutyRow(
        line.number, line.needed("matter_code"), area, words, line.text("time"),
        lead, co_units, line.needed("basis"), *line.validity(), DIRECT[line.one_of("direct", tuple(DIRECT))],
    )  # fmt: skip
