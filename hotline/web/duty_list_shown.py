"""The values of the page of duty list and practice: every number with the address of its tickets."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from classifier.matters import load_matters
from hotline.clock import city_day
from hotline.database import session
from hotline.models import RuleVersion, Staff
from hotline.supervision.scope import Scope
from hotline.supervision.settled_cases import MOST_CASES, Comparison, Part, Slice, living_departments
from hotline.tickets.duty_change import KIND
from hotline.tickets.rulebook import rules
from hotline.web.shown import matter_path
from routing.case import DutyRow
from routing.check_duty_list import Finding, KnownCodes, check_duty_list
from routing.choose import row_conditions
from routing.disagreements import DOUBTFUL, Disagreement, RowRecord, disagreements, row_records
from routing.duty_list import row_area

MOST_GROUPS = MOST_FINDINGS = 100
MOST_VERSIONS = 20
PART_WORDS = {
    Part.ALL: "全部",
    Part.WITH_ROW: "清单有对应条目",
    Part.FOLLOWED: "按清单办理",
    Part.AGAINST: "未按清单办理",
    Part.WITHOUT_ROW: "清单无对应条目",
}
FINDING_WORDS = {
    "no_owner": "无人主办", "gap": "空档", "overlap": "重叠", "never_wins": "不会命中", "unknown_code": "代码不存在",
}  # fmt: skip


@dataclass(frozen=True)
class RowShown:
    """One row of the list with its record in the period."""

    number: int
    conditions: str
    lead: str
    cases: int
    cases_url: str
    followed: int
    followed_url: str
    share: float | None
    mark: str


@dataclass(frozen=True)
class GroupShown:
    """Cases of one matter under one row that another department handled."""

    row: RowShown
    matter: str
    department: str
    count: int
    url: str
    share: float


@dataclass(frozen=True)
class VersionShown:
    """One version of the list: since when, from what, by whom (empty: on the command line)."""

    at: datetime
    source: str
    who: str


def arguments_of(scope: Scope, wanted: Slice) -> dict[str, Any]:
    """Period and slice as the arguments of an address."""
    given = {
        "from": scope.first.isoformat(), "to": scope.last.isoformat(), "part": wanted.part.value,
        "row": wanted.row, "matter": wanted.matter, "department": wanted.department,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def slice_url(scope: Scope, wanted: Slice) -> str:
    """The address of the tickets behind a number."""
    return url_for("duty_list_page.ticket_list", **arguments_of(scope, wanted))


def slice_heading(scope: Scope, wanted: Slice) -> str:
    """What a list shows: 未按清单办理 · 第37行 · 占道经营 · 市城管局 · 2026-08-24 至 2026-11-21."""
    parts = [PART_WORDS[wanted.part]]
    parts += [f"第{wanted.row}行"] if wanted.row is not None else []
    parts += [rules().duty_list.name(code) for code in (wanted.matter, wanted.department) if code]
    return " · ".join([*parts, f"{scope.first} 至 {scope.last}"])


def comparison_page(found: Comparison, scope: Scope) -> dict[str, Any]:
    """All variables of supervisor/duty_list.html."""
    records, groups = row_records(found.compared), disagreements(found.compared)
    rows = {number: row_shown(record, scope) for number, record in records.items()}
    return {
        "date_from": scope.first,
        "date_to": scope.last,
        "parts": {part.value: (len(found.numbers(Slice(part))), slice_url(scope, Slice(part))) for part in Part},
        "most_cases": MOST_CASES if found.cut else None,
        "groups": [group_shown(group, rows[group.record.row.id], scope) for group in groups[:MOST_GROUPS]],
        "more_groups": max(len(groups) - MOST_GROUPS, 0),
        **findings_shown(findings_in(rules().duty_list.rows, city_day(scope.now))),
        "rows": sorted(rows.values(), key=lambda row: (-row.cases, row.number)),
        "versions": versions_shown(),
        **direct_channels(scope),
        "idle": [row_shown(RowRecord(row, 0, 0), scope) for row in rows_in_force(scope) if row.id not in records],
    }


def versions_shown() -> list[VersionShown]:
    """The newest versions of the list: from a file, or from a ruling."""
    query = select(RuleVersion, Staff.name).outerjoin(Staff, Staff.id == RuleVersion.imported_by)
    newest = query.where(RuleVersion.kind == KIND).order_by(RuleVersion.id.desc()).limit(MOST_VERSIONS)
    return [VersionShown(row.imported_at, row.source, name or "") for row, name in session().execute(newest)]


def direct_channels(scope: Scope) -> dict[str, Any]:
    """How many of today's rows are a direct channel, and how many of them each unit leads."""
    today, name = city_day(scope.now), rules().duty_list.name
    rows = [row for row in rules().duty_list.rows if row.holds_on(today)]
    units = Counter(row.lead for row in rows if row.direct)
    return {"today": len(rows), "direct": [(name(lead), count) for lead, count in units.most_common()]}


def rows_in_force(scope: Scope) -> list[DutyRow]:
    """The rows that held on one of the period's days."""
    rows = rules().duty_list.rows
    return [row for row in rows if row.valid_from <= scope.last and (row.valid_to or scope.first) >= scope.first]


def findings_in(rows: Collection[DutyRow], day: date) -> tuple[Finding, ...]:
    """What the check says of a list from this day on."""
    leaves = [code for code, matter in load_matters().items() if matter.is_leaf]
    known = KnownCodes(leaves, living_departments(), rules().gazetteer.area_names)
    return check_duty_list(rows, known, day)


def findings_shown(findings: Sequence[Finding]) -> dict[str, Any]:
    """The first findings in words, and how many more there are."""
    shown = [(FINDING_WORDS[one.kind], one.message) for one in findings[:MOST_FINDINGS]]
    return {"findings": shown, "more_findings": len(findings) - len(shown)}


def row_shown(record: RowRecord, scope: Scope) -> RowShown:
    """A row in words, with its numbers."""
    row, book = record.row, rules()
    area = row_area(row)
    return RowShown(
        number=row.id,
        conditions=row_conditions(row, book.gazetteer.area_names.get(area, area) or "全市", book.duty_list),
        lead=book.duty_list.name(row.lead),
        cases=record.cases,
        cases_url=slice_url(scope, Slice(Part.WITH_ROW, row.id)),
        followed=record.followed,
        followed_url=slice_url(scope, Slice(Part.FOLLOWED, row.id)),
        share=record.followed / record.cases if record.cases else None,
        mark=DOUBTFUL if record.doubtful else "",
    )


def group_shown(group: Disagreement, row: RowShown, scope: Scope) -> GroupShown:
    """A disagreement in words, with its tickets."""
    wanted = Slice(Part.AGAINST, group.record.row.id, group.matter_code, group.department)
    return GroupShown(
        row=row,
        matter=matter_path(group.matter_code) or group.matter_code,
        department=rules().duty_list.name(group.department),
        count=len(group.numbers),
        url=slice_url(scope, wanted),
        share=group.share,
    )
