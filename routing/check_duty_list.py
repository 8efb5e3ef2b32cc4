"""Looks for what is wrong in a duty list: gaps, overlaps, rows that can never win, matters without owner."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from routing.case import DutyRow
from routing.duty_list import lineage, object_words, parse_span, row_area

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """One thing wrong: kind (no_owner, gap, overlap, never_wins, unknown_code), rows, the sentence."""

    kind: str
    rows: tuple[int, ...]
    message: str


@dataclass(frozen=True)
class KnownCodes:
    """The codes a duty list may use: matters to be owned, departments, areas with a name."""

    matters: Collection[str]
    departments: Collection[str]
    areas: Collection[str]


def check_duty_list(rows: Collection[DutyRow], known: KnownCodes, on: date) -> tuple[Finding, ...]:
    """All findings about the rows in force on `on` or later; rows that ended before are history."""
    living = [row for row in rows if row.valid_to is None or row.valid_to >= on]
    by_matter: dict[str, list[DutyRow]] = defaultdict(list)
    for row in living:
        by_matter[row.matter_code].append(row)
    return (
        *unknown_codes(living, known),
        *unowned(by_matter, known, on),
        *overlaps(by_matter),
        *never_winning(by_matter, known, on),
    )


def unknown_codes(rows: Collection[DutyRow], known: KnownCodes) -> Iterator[Finding]:
    """Rows that name a matter, department or area nobody knows."""
    for row in rows:
        units = [code for code in (row.lead, *row.co_units) if code not in known.departments]
        if units:
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的单位{'、'.join(units)}不存在")
        if not any(matter.startswith(row.matter_code) for matter in known.matters):
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的事项{row.matter_code}不存在")
        if row_area(row) and row.area not in known.areas:
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的区域{row.area}不存在，永远不会命中")


def unowned(by_matter: dict[str, list[DutyRow]], known: KnownCodes, on: date) -> Iterator[Finding]:
    """Matters that no unconditional city-wide row owns, on `on` or from a later day on."""
    for matter in sorted(known.matters):
        owners = [row for code in lineage(matter) for row in by_matter.get(code, ()) if is_unconditional(row)]
        day = first_day_without(owners, on)
        if day == on and not owners:
            yield Finding("no_owner", (), f"事项{matter}没有兜底的主办单位")
        elif day is not None:
            ids = tuple(row.id for row in owners)
            yield Finding("gap", ids, f"事项{matter}自{day}起没有主办单位")


def is_unconditional(row: DutyRow) -> bool:
    """True for a row that takes its matter anywhere, whatever the words and the hour."""
    return not (row_area(row) or row.object or row.time)


def first_day_without(owners: Collection[DutyRow], on: date) -> date | None:
    """The first day from `on` that none of the rows holds, None when they hold for ever."""
    ends = {row.valid_to + ONE_DAY for row in owners if row.valid_to is not None and row.valid_to >= on}
    days = sorted({on} | ends)
    return next((day for day in days if not any(row.holds_on(day) for row in owners)), None)


def overlaps(by_matter: dict[str, list[DutyRow]]) -> Iterator[Finding]:
    """Pairs of rows that may fit one case equally well, so that only the newer one would decide."""
    for rows in by_matter.values():
        for one, other in combinations(rows, 2):
            if are_rivals(one, other) and same_days(one, other):
                message = f"第{one.id}行与第{other.id}行条件相同且同时有效"
                yield Finding("overlap", (one.id, other.id), message)


def are_rivals(one: DutyRow, other: DutyRow) -> bool:
    """True when neither row is more specific: same area, a word in common, hours in common."""
    words, other_words = set(object_words(one)), set(object_words(other))
    share_words = bool(words & other_words) or not (words or other_words)
    if row_area(one) != row_area(other) or not share_words or bool(one.time) != bool(other.time):
        return False
    return not one.time or parse_span(one.time).meets(parse_span(other.time))


def same_days(one: DutyRow, other: DutyRow) -> bool:
    """True when both rows hold on some day."""
    starts = max(one.valid_from, other.valid_from)
    return one.holds_on(starts) and other.holds_on(starts)


def never_winning(by_matter: dict[str, list[DutyRow]], known: KnownCodes, on: date) -> Iterator[Finding]:
    """Rows whose every case is taken by another: by the newer equal, or by the children of a class."""
    for code, rows in by_matter.items():
        for row in rows:
            if any(takes_all_of(other, row) for other in rows if other is not row):
                yield Finding("never_wins", (row.id,), f"第{row.id}行永远不会命中：另一行总是优先")
        children = [matter for matter in known.matters if matter.startswith(code) and matter != code]
        if children and code not in known.matters and all(owned(child, by_matter, on) for child in children):
            ids = tuple(row.id for row in rows)
            message = f"大类{code}的行永远不会命中：其下每个事项都有自己的主办单位"
            yield Finding("never_wins", ids, message)


def owned(matter: str, by_matter: dict[str, list[DutyRow]], on: date) -> bool:
    """True when the matter's own unconditional rows hold from `on` for ever."""
    return first_day_without([row for row in by_matter.get(matter, ()) if is_unconditional(row)], on) is None


def takes_all_of(winner: DutyRow, row: DutyRow) -> bool:
    """True when `winner` fits wherever `row` does, on all its days, and stands before it."""
    days = winner.valid_from <= row.valid_from and (
        winner.valid_to is None or (row.valid_to is not None and row.valid_to <= winner.valid_to)
    )
    same = (row_area(winner), set(object_words(winner)), winner.time) == (
        row_area(row), set(object_words(row)), row.time,
    )  # fmt: skip
    return days and same and (winner.valid_from, winner.id) > (row.valid_from, row.id)
