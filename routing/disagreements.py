"""Compares who really handled cases with whom the duty list names, and says where the two disagree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from routing.case import DutyRow
from routing.duty_list import DutyList, situation_of

FEWEST_CASES = 10
"""Fewer cases of a row say nothing about the row (default)."""
DOUBTFUL_BELOW = 0.5
"""A row followed in a smaller share of its cases is doubtful (default)."""
DOUBTFUL = "清单可能过时或执行有偏差"


@dataclass(frozen=True)
class SettledCase:
    """A case and the department that finally accepted it; `number` is the ticket's, or a line of a history."""

    number: int
    matter_code: str
    area: str
    text: str
    on: date
    department: str
    at: time | None = None


@dataclass(frozen=True)
class Compared:
    """A case beside the row of the duty list that decides it, None when the list has none."""

    case: SettledCase
    row: DutyRow | None

    @property
    def followed(self) -> bool:
        """True when the department the list names handled the case."""
        return self.row is not None and self.row.lead == self.case.department


@dataclass(frozen=True)
class RowRecord:
    """How often a row decided, and how often what it says was done."""

    row: DutyRow
    cases: int
    followed: int

    @property
    def doubtful(self) -> bool:
        """True when the row was followed in under half of enough cases."""
        return self.cases >= FEWEST_CASES and self.followed < DOUBTFUL_BELOW * self.cases


@dataclass(frozen=True)
class Disagreement:
    """Cases of one matter under one row that another department handled."""

    record: RowRecord
    matter_code: str
    department: str
    numbers: tuple[int, ...]

    @property
    def share(self) -> float:
        """The share of the row's cases."""
        return len(self.numbers) / self.record.cases


def compare_cases(cases: Iterable[SettledCase], duty_list: DutyList) -> tuple[Compared, ...]:
    """Each case with the row that decides it by matter, area, words, day and hour, in the given order."""
    return tuple(Compared(case, row_for(case, duty_list)) for case in cases)


def row_for(case: SettledCase, duty_list: DutyList) -> DutyRow | None:
    """The row of the list that decides a case."""
    return duty_list.best_row(situation_of(case.matter_code, case.area, case.text, case.on, case.at))


def row_records(compared: Sequence[Compared]) -> dict[int, RowRecord]:
    """The record of every row that decided a case, by the row's id."""
    won: dict[int, list[Compared]] = defaultdict(list)
    rows: dict[int, DutyRow] = {}
    for one in compared:
        if one.row is not None:
            rows[one.row.id] = one.row
            won[one.row.id].append(one)
    return {key: RowRecord(rows[key], len(some), sum(one.followed for one in some)) for key, some in won.items()}


def disagreements(compared: Sequence[Compared]) -> tuple[Disagreement, ...]:
    """Groups by row, matter and acting department; most cases first, then the larger share of the row."""
    records = row_records(compared)
    groups: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for one in compared:
        if one.row is not None and not one.followed:
            groups[one.row.id, one.case.matter_code, one.case.department].append(one.case.number)
    found = [
        Disagreement(records[row], matter, department, tuple(numbers))
        for (row, matter, department), numbers in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.numbers), -one.share, one.record.row.id, one.department)))
