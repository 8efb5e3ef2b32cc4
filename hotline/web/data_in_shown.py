"""The values of the pages of 数据导入: tables, kept files, changes line by line, a trial, the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from hotline.city_rules.data_uploads import (
    NOTHING,
    TABLES,
    Preview,
    counts_words,
    history,
    waiting_uploads,
)
from hotline.city_rules.duty_list_trial import DAYS, MOST_LISTED
from hotline.city_rules.sheet_files import OUTLINES
from hotline.city_rules.table_lines import ENDING, Change, TableKind, newest_id, today
from hotline.database import session
from hotline.models import DataUpload, RuleVersion, Staff
from hotline.tickets.rulebook import duty_row_of, rules
from hotline.web.duty_list_shown import findings_in, findings_shown
from routing.case import DutyRow
from routing.csv_table import BadTable

PAGE = 100
MOST_FAULTS = 200
GLIMPSE, LEAD = 60, 20
"""Characters shown of an outline, and how many of them before what changes in it (default)."""
REMARKS: Mapping[bool, str] = {
    True: "文件代表整张表：文件里没有的行，导入后不再有效。",
    False: "文件里没有的行保持不变。",
}
STAFF_REMARK = "新账号没有密码，须由管理员在“人员”页设置；文件里不得有密码。"
NO_FINDINGS: Mapping[str, Any] = {"findings": [], "more_findings": 0}
ENDING_REMARK = "不再使用的，“停用”一列填“是”。"


@dataclass(frozen=True)
class KindShown:
    """One kind of table."""

    code: str
    label: str
    columns: str
    remark: str


@dataclass(frozen=True)
class UploadShown:
    """One kept file."""

    label: str
    source: str
    at: datetime
    who: str
    url: str


@dataclass(frozen=True)
class VersionShown:
    """One import or undoing; `undo_url` when it can be undone."""

    number: int
    at: datetime
    label: str
    source: str
    who: str
    counts: str
    undoes: bool
    undo_url: str | None


@dataclass(frozen=True)
class LineShown:
    """One changed line: what happens to it, and each cell before and after ("" twice when empty)."""

    mark: str
    level: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class TrialShown:
    """What a worker found, or how far it is; `share` 0–1."""

    done: bool
    read: int
    total: int | None
    share: float
    guessed: int
    elsewhere: int
    on: date | None
    outdated: bool
    ways: Sequence[tuple[str, str, int]]
    cases: Sequence[tuple[int, str, str, str]]


def overview_page(before: int | None) -> dict[str, Any]:
    """All variables of admin/data_in.html but the faults."""
    rows = history(before, PAGE)
    last = select(RuleVersion.kind, func.max(RuleVersion.id), func.count()).where(RuleVersion.kind.in_(TABLES))
    counted = session().execute(last.group_by(RuleVersion.kind)).all()
    newest = {kind: number for kind, number, imports in counted if imports > 1 or not TABLES[kind].whole}
    uploads = waiting_uploads()
    names = names_of({one.imported_by for one in rows} | {one.uploaded_by for one in uploads})
    return {
        "kinds": [kind_shown(one) for one in TABLES.values()],
        "uploads": [upload_shown(one, names) for one in uploads],
        "versions": [version_shown(one, names, newest) for one in rows[:PAGE]],
        "newer": url_for("data_in.overview") if before else None,
        "older": url_for("data_in.overview", before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
    }


def names_of(ids: set[int | None]) -> dict[int | None, str]:
    """The names of some people; an import by command has none."""
    rows = session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids - {None}))).all()
    return {None: "命令行"} | {number: name for number, name in rows}


def kind_shown(kind: TableKind) -> KindShown:
    """One kind in words."""
    remark = REMARKS[kind.whole] + (STAFF_REMARK if kind.code == "staff" else "")
    remark += ENDING_REMARK if ENDING in kind.columns else ""
    return KindShown(kind.code, kind.label, "、".join(kind.headings[name] for name in kind.columns), remark)


def upload_shown(row: DataUpload, names: Mapping[int | None, str]) -> UploadShown:
    """One kept file in words."""
    url = url_for("data_in.look", upload_id=row.id)
    return UploadShown(TABLES[row.kind].label, row.source, row.uploaded_at, names[row.uploaded_by], url)


def version_shown(row: RuleVersion, names: Mapping[int | None, str], newest: Mapping[str, int]) -> VersionShown:
    """One import in words."""
    last = newest.get(row.kind) == row.id and not row.undoes and (TABLES[row.kind].whole or row.changes)
    undo_url = url_for("data_in.undo", version_id=row.id) if last else None
    label, who, counts = TABLES[row.kind].label, names[row.imported_by], counts_words(row)
    return VersionShown(row.id, row.imported_at, label, row.source, who, counts, bool(row.undoes), undo_url)


def faults_shown(kind: TableKind, problem: BadTable) -> dict[str, Any]:
    """What is wrong in a file: line, column, sentence."""
    faults = [
        (f"第{one.line}行" if one.line else "文件", kind.headings.get(one.column, one.column), one.message)
        for one in problem.faults[:MOST_FAULTS]
    ]
    more = len(problem.faults) - len(faults)
    return {"faulty": kind.label, "faults": faults + ([("", "", f"另有{more}处，未列出")] if more else [])}


def preview_page(found: Preview, after: int) -> dict[str, Any]:
    """All variables of admin/data_preview.html but the warning."""
    start = min(max(after, 0), len(found.changes))
    here = found.upload.id
    older = start + PAGE if start + PAGE < len(found.changes) else None
    kind = found.kind
    return {
        "upload_id": here,
        "label": kind.label,
        "source": found.upload.source,
        "counts": counts_of(found.changes),
        "unchanged": len(found.entries) - sum(bool(one.after) or not kind.whole for one in found.changes),
        "remark": REMARKS[kind.whole] if found.changes else NOTHING,
        "headings": [kind.headings[name] for name in kind.columns],
        "lines": [line_shown(one, kind) for one in found.changes[start : start + PAGE]],
        "seen": found.digest if found.changes else "",
        **(findings_shown(findings_in(coming_rows(found), today())) if kind.code == "duty-list" else NO_FINDINGS),
        "trial": trial_shown(found.upload) if kind.code == "duty-list" else None,
        "days": DAYS,
        "most_listed": MOST_LISTED,
        "newer": url_for("data_in.look", upload_id=here) if start else None,
        "older": url_for("data_in.look", upload_id=here, after=older) if older else None,
    }


def coming_rows(found: Preview) -> list[DutyRow]:
    """The rows of a kept duty list, numbered as in the file."""
    return [duty_row_of(entry.value, entry.number) for entry in found.entries]


def counts_of(changes: Sequence[Change]) -> str:
    """How many lines come, change and end."""
    added, ended = sum(not one.before for one in changes), sum(not one.after for one in changes)
    return f"新增{added}行，修改{len(changes) - added - ended}行，取消{ended}行"


def line_shown(one: Change, kind: TableKind) -> LineShown:
    """One changed line, cell by cell."""
    mark, level = ("新增", "ok") if not one.before else ("取消", "bad") if not one.after else ("修改", "warn")
    before, after = one.before or one.after or {}, one.after or one.before or {}
    return LineShown(mark, level, [cell_shown(name, before[name], after[name]) for name in kind.columns])


def cell_shown(name: str, before: str, after: str) -> tuple[str, str]:
    """One cell before and after; of an outline only where it begins to change."""
    if name not in OUTLINES:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    start = max(next((place for place, (one, other) in pairs if one != other), 0) - LEAD, 0)
    return glimpse(before, start), glimpse(after, start)


def glimpse(words: str, start: int) -> str:
    """A part of long words."""
    rest = words[start:]
    return ("…" if start else "") + rest[:GLIMPSE] + ("…" if len(rest) > GLIMPSE else "")


def trial_shown(row: DataUpload) -> TrialShown | None:
    """The trial of a duty list in words; None before anybody asked."""
    trial = row.trial
    if not trial:
        return None
    total, matters = trial["total"], rules().matters
    return TrialShown(
        done=trial["done"],
        read=trial["read"],
        total=total,
        share=min(trial["read"] / total, 1) if total else float(trial["done"]),
        guessed=trial.get("guessed", 0),
        elsewhere=trial.get("elsewhere", 0),
        on=date.fromisoformat(trial["on"]) if "on" in trial else None,
        outdated=trial.get("version", newest_id("duty-list")) != newest_id("duty-list"),
        ways=[(unit_name(before), unit_name(after), count) for before, after, count in trial.get("ways", ())],
        cases=[
            (number, matters.get(matter, matter), unit_name(before), unit_name(after))
            for number, matter, before, after in trial.get("cases", ())
        ],
    )  # fmt: skip


def unit_name(code: str) -> str:
    """What people call a department; "" is none."""
    return rules().duty_list.name(code) if code else "清单无条目，人工派单"
