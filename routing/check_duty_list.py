"""Looks for what is wrong in a duty list: gaps, overlaps, rows that can never win, matters without owner."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import combinations, pairwise, product

from routing.case import DutyRow
from routing.duty_list import DutyList, Situation, lineage, object_words, parse_span, row_area
from routing.places import DISTRICT_DIGITS

ONE_DAY = timedelta(days=1)
MOST_NAMED = 3
"""How many winning rows a finding names (default)."""
ByPlace = Mapping[tuple[str, str], Sequence[DutyRow]]
"""The rows of a matter's code for one area."""


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
    by_place: dict[tuple[str, str], list[DutyRow]] = defaultdict(list)
    for row in living:
        by_place[row.matter_code, row_area(row)].append(row)
    return (
        *unknown_codes(living, known),
        *unowned(by_place, known, on),
        *overlaps(by_place),
        *never_winning(by_place, known, on),
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


def unowned(by_place: ByPlace, known: KnownCodes, on: date) -> Iterator[Finding]:
    """Matters that no unconditional city-wide row owns, from `on` on or within a span of days."""
    for matter in sorted(known.matters):
        owners = [row for code in lineage(matter) for row in by_place.get((code, ""), ()) if is_unconditional(row)]
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


def overlaps(by_place: ByPlace) -> Iterator[Finding]:
    """Pairs of rows that may fit one case equally well, so that only the newer one would decide."""
    for rows in by_place.values():
        by_word: dict[str, list[DutyRow]] = defaultdict(list)
        for row in rows:
            for word in dict.fromkeys(object_words(row) or ("",)):
                by_word[word].append(row)
        met = {(one.id, other.id): (one, other) for some in by_word.values() for one, other in combinations(some, 2)}
        for ids, pair in met.items():
            if are_rivals(*pair) and same_days(*pair):
                yield Finding("overlap", ids, f"第{ids[0]}行与第{ids[1]}行条件相同且同时有效")


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


def never_winning(by_place: ByPlace, known: KnownCodes, on: date) -> Iterator[Finding]:
    """Rows whose every case from `on` on is decided by others."""
    under: dict[str, list[str]] = defaultdict(list)
    for matter in known.matters:
        for code in lineage(matter):
            under[code].append(matter)
    for row in (row for rows in by_place.values() for row in rows):
        decided = [one for matter in under[row.matter_code] for one in deciding(row, matter, by_place, on)]
        winners = {winner.id: winner for winner in decided if winner is not None}
        if winners and row.id not in winners:
            narrower = all(len(winner.matter_code) > len(row.matter_code) for winner in winners.values())
            why = f"{row.matter_code}下的事项都有自己的条目优先" if narrower else f"总是{named(winners)}优先"
            yield Finding("never_wins", (row.id,), f"第{row.id}行永远不会命中：{why}")


def deciding(row: DutyRow, matter: str, by_place: ByPlace, on: date) -> Iterator[DutyRow | None]:
    """What decides the situations in which the row meets the fewest others; if it wins anywhere, it wins in one of
    them.

    A narrower place, more words or a known hour never bring the row forward, they only let more rows fit. Days
    and hours matter only where some row begins or ends.
    """
    area = row_area(row)
    wider = dict.fromkeys(("", area[:DISTRICT_DIGITS], area))
    rivals = tuple(one for code in lineage(matter) for place in wider for one in by_place.get((code, place), ()))
    duty_list = DutyList(rivals)
    days = [day for day in sorted({on} | changes(rivals)) if day >= on and row.holds_on(day)]
    for word, day, hour in product(object_words(row) or ("",), days, hours_of(row, rivals)):
        yield duty_list.best_row(Situation(matter, area, word, day, hour))


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
