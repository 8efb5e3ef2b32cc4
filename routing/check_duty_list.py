"""Looks for what is wrong in a duty list: gaps, overlaps, rows that can never win, matters without owner."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import combinations, pairwise, product

from routing.case import DutyRow
from routing.duty_list import DutyList, Situation, lineage, object_words, parse_span, row_area

ONE_DAY = timedelta(days=1)
MOST_NAMED = 3
"""How many winning rows a finding names (default)."""
ByMatter = Mapping[str, Sequence[DutyRow]]


@dataclass(frozen=True)
class Finding:
    """One thing wrong: kind (no_owner, gap, overlap, never_wins, unknown_code), rows, the sentence."""

    kind: str
    rows: tuple[int, ...]
    message: str


@dataclass(frozen=True)
class KnownCodes:
    """The codes a duty list may use: matters to be owned, departments, areas; None where nobody can tell."""

    matters: Collection[str]
    departments: Collection[str] | None = None
    areas: Collection[str] | None = None


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
    matters = {code for matter in known.matters for code in lineage(matter)}
    for row in rows:
        units = [] if known.departments is None else [
            code for code in (row.lead, *row.co_units) if code not in known.departments
        ]  # fmt: skip
        if units:
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的单位{'、'.join(units)}不存在")
        if row.matter_code not in matters:
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的事项{row.matter_code}不存在，永远不会命中")
        if known.areas is not None and not any(area.startswith(row_area(row)) for area in ("", *known.areas)):
            yield Finding("unknown_code", (row.id,), f"第{row.id}行的区域{row.area}不存在，永远不会命中")


def unowned(by_matter: ByMatter, known: KnownCodes, on: date) -> Iterator[Finding]:
    """Matters that no unconditional city-wide row owns, from `on` on or within a span of days."""
    for matter in sorted(known.matters):
        owners = [row for code in lineage(matter) for row in by_matter.get(code, ()) if is_unconditional(row)]
        if not owners:
            yield Finding("no_owner", (), f"事项{matter}没有兜底的主办单位")
            continue
        for first, last in days_without(owners, on):
            until = f"至{last}" if last else "起"
            ids = tuple(row.id for row in owners)
            yield Finding("gap", ids, f"事项{matter}自{first}{until}没有兜底的主办单位")


def is_unconditional(row: DutyRow) -> bool:
    """True for a row that takes its matter anywhere, whatever the words and the hour."""
    return not (row_area(row) or row.object or row.time)


def days_without(owners: Collection[DutyRow], on: date) -> Iterator[tuple[date, date | None]]:
    """Each span of days from `on` that none of the rows holds, its last day None when it never ends."""
    turns = {on, *(day for day in changes(owners) if day > on)}
    for first, later in pairwise([*sorted(turns), None]):
        if first and not any(row.holds_on(first) for row in owners):
            yield first, later - ONE_DAY if later else None


def changes(rows: Collection[DutyRow]) -> set[date]:
    """The days on which one of the rows begins, and the days after one ends."""
    lasts = {row.valid_to for row in rows if row.valid_to} - {date.max}
    return {row.valid_from for row in rows} | {day + ONE_DAY for day in lasts}


def overlaps(by_matter: ByMatter) -> Iterator[Finding]:
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


def never_winning(by_matter: ByMatter, known: KnownCodes, on: date) -> Iterator[Finding]:
    """Rows whose every case from `on` on is decided by others."""
    duty_list = DutyList(tuple(row for rows in by_matter.values() for row in rows))
    for row in duty_list.rows:
        decided = [duty_list.best_row(one) for one in easiest(row, by_matter, known, on)]
        winners = {winner.id: winner for winner in decided if winner is not None}
        if winners and row.id not in winners:
            narrower = all(len(winner.matter_code) > len(row.matter_code) for winner in winners.values())
            why = f"{row.matter_code}下的事项都有自己的条目优先" if narrower else f"总是{named(winners)}优先"
            yield Finding("never_wins", (row.id,), f"第{row.id}行永远不会命中：{why}")


def easiest(row: DutyRow, by_matter: ByMatter, known: KnownCodes, on: date) -> Iterator[Situation]:
    """The situations in which the row meets the fewest others; if it wins anywhere, it wins in one of them.

    A narrower place, more words or a known hour never bring the row forward, they only let more rows fit. Days
    and hours matter only where some row begins or ends.
    """
    for matter in (code for code in known.matters if row.matter_code in lineage(code)):
        rivals = [rival for code in lineage(matter) for rival in by_matter.get(code, ())]
        days = [day for day in sorted({on} | changes(rivals)) if day >= on and row.holds_on(day)]
        for word, day, hour in product(object_words(row) or ("",), days, hours_of(row, rivals)):
            yield Situation(matter, row_area(row), word, day, hour)


def hours_of(row: DutyRow, rivals: Collection[DutyRow]) -> Sequence[time | None]:
    """The hours within the row's span at which one of the rows begins or ends; no hour for a row without span."""
    if not row.time:
        return (None,)
    turns = {hour for rival in rivals if rival.time for hour in parse_span(rival.time).ends}
    return [hour for hour in sorted(turns) if parse_span(row.time).covers(hour)]


def named(rows: Collection[int]) -> str:
    """第3、5行, and no more than a few of many."""
    first = "、".join(map(str, sorted(rows)[:MOST_NAMED]))
    return f"第{first}行" if len(rows) <= MOST_NAMED else f"第{first}等{len(rows)}行"
