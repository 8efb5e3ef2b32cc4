"""What the administrator's and the auditor's pages get: people, departments, models, log lines as plain values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from classifier.matters import load_matters
from hotline import clock
from hotline.city_rules.unit_table import UNIT_KINDS
from hotline.database import session
from hotline.errors import NotFound
from hotline.models import AccessLog, Department, Membership, ModelVersion, OutboxRow, Staff
from hotline.models.words import Role
from hotline.supervision.dead_letters import NAMES
from hotline.supervision.trained_models import CLEARED, comparison_words, readable
from hotline.tickets.find import read_number
from hotline.tickets.rulebook import rules

PAGE = 50
DEEDS: Mapping[str, str] = {
    "identity": "查看身份", "unmasked": "经批准查看身份", "page": "打开工单", "export": "导出", "recording": "听取录音", "case_file": "导出案卷",
    "case_identity": "导出案卷（含身份）", "caller": "按电话查找", "caller_called": "通话时按电话查找",
    "caller_unknown": "按电话查找，无工单", "create_staff": "新建账号",
    "add_membership": "增加岗位", "end_membership": "结束岗位", "reset_password": "重设密码", "end_staff": "停用账号",
    "import_data": "导入数据", "undo_import": "撤销导入", "set_skills": "设置专席",
    "activate_model": "启用模型",
}  # fmt: skip


@dataclass(frozen=True)
class PostShown:
    """One post of a person."""

    id: int
    role_label: str
    department_name: str
    since: date


@dataclass(frozen=True)
class StaffShown:
    """One account."""

    id: int
    login: str
    name: str
    active: bool
    locked: bool
    memberships: Sequence[PostShown]
    skills: Sequence[str]


@dataclass(frozen=True)
class DepartmentShown:
    """One department in its place in the tree; `staff` and `duty_rows` are counted as of today."""

    code: str
    name: str
    depth: int
    kind_label: str
    staff: int
    duty_rows: int
    valid_to: date | None


@dataclass(frozen=True)
class LetterShown:
    """One follow-up given up."""

    id: int
    reaction_label: str
    lane: str
    ticket_no: int | None
    attempts: int
    last_error: str
    at: datetime


@dataclass(frozen=True)
class ModelShown:
    """One trained classifier: how many of the city's cases it was taught, received in which period, and how many of
    the `judged` newer ones it got right; None when that was never measured."""

    version: str
    trained_at: datetime
    cases: int
    period: str
    judged: int
    right: int | None
    in_three: int | None
    active: bool
    note: str
    compared: str
    confusions: Sequence[tuple[str, str, int]]
    labels: Sequence[tuple[str, int, int, int]]
    readable: bool
    cleared: bool


@dataclass(frozen=True)
class LogLine:
    """One look or deed."""

    at: datetime
    who: str
    role_label: str
    action_label: str
    ticket_no: int | None
    reason: str


def staff_page(words: str, after: int) -> tuple[list[StaffShown], int | None]:
    """Accounts after this id whose name or login holds the words, with their posts; the next page's key."""
    query = select(Staff).where(Staff.id > after).order_by(Staff.id).limit(PAGE + 1)
    if words:
        named = [one.icontains(words, autoescape=True) for one in (Staff.name, Staff.username)]
        query = query.where(or_(*named))
    people = list(session().execute(query).scalars())
    posts = posts_of([one.id for one in people[:PAGE]])
    shown = [
        StaffShown(
            one.id, one.username, one.name, one.valid_to is None,
            one.locked_until is not None and one.locked_until > clock.now(), posts.get(one.id, ()), one.skills,
        )
        for one in people[:PAGE]
    ]  # fmt: skip
    return shown, people[PAGE - 1].id if len(people) > PAGE else None


def posts_of(staff_ids: Sequence[int]) -> dict[int, list[PostShown]]:
    """The posts in force by person."""
    query = (
        select(Membership, Department.short_name)
        .join(Department, Department.id == Membership.department_id)
        .where(Membership.staff_id.in_(staff_ids), Membership.valid_to.is_(None))
        .order_by(Membership.id)
    )
    posts: dict[int, list[PostShown]] = {}
    for one, unit in session().execute(query):
        posts.setdefault(one.staff_id, []).append(PostShown(one.id, one.role.label, unit, one.valid_from))
    return posts


def department_tree() -> list[DepartmentShown]:
    """All departments, each below its parent."""
    units = session().execute(select(Department).order_by(Department.id)).scalars().all()
    children: dict[int | None, list[Department]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    staff, duties = _staff_counts(), _duty_counts()

    def below(parent: int | None, depth: int) -> Iterator[DepartmentShown]:
        for unit in children.get(parent, ()):
            yield DepartmentShown(
                unit.code, unit.name, depth, UNIT_KINDS.get(unit.kind, unit.kind), staff.get(unit.id, 0),
                duties.get(unit.code, 0), unit.valid_to,
            )  # fmt: skip
            yield from below(unit.id, depth + 1)

    return list(below(None, 0))


def letters_shown(rows: Sequence[OutboxRow]) -> list[LetterShown]:
    """Dead rows in words."""
    return [
        LetterShown(
            row.id, NAMES.get(row.kind, row.kind), row.lane, row.ticket_no, row.attempts, row.problem,
            row.dead_at or row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def models_shown(rows: Sequence[ModelVersion]) -> list[ModelShown]:
    """Models with the figures of their cards."""
    return [
        ModelShown(
            row.version, row.created_at, row.card.get("cases", 0), period_words(row.card), row.card.get("judged", 0),
            _of_judged(row.card, "top1"), _of_judged(row.card, "top3"), row.active,
            {"starter": "起步模型"}.get(row.card.get("kind", ""), "由本市工单训练")
            + "，用语言网络" * bool(row.card.get("network")),
            comparison_words(row.card),
            [(matter_name(one), matter_name(other), times) for one, other, times in row.card.get("confusions", [])],
            [(matter_name(one), *numbers) for one, *numbers in row.card.get("labels", [])],
            readable(row), bool(row.card.get(CLEARED)),
        )
        for row in rows
    ]  # fmt: skip


def period_words(card: Mapping[str, Any]) -> str:
    """The days on which the first and the last taught case were received, as their numbers tell."""
    ends = [str(card[name]) for name in ("since", "until") if name in card]
    return " 至 ".join(f"{one[:4]}-{one[4:6]}-{one[6:8]}" for one in ends)


def _of_judged(card: Mapping[str, Any], share: str) -> int | None:
    return round(card[share] * card["judged"]) if share in card else None


def matter_name(code: str) -> str:
    """What people call a matter."""
    found = load_matters().get(code)
    return found.name if found else code


def log_page(who: str, ticket_no: str, before: int | None) -> tuple[list[LogLine], int | None]:
    """Looks and deeds below this id, newest first, of one person or ticket; the next page's key."""
    query = select(AccessLog, Staff.name).outerjoin(Staff, Staff.id == AccessLog.staff_id)
    if who:
        named = [one.icontains(who, autoescape=True) for one in (Staff.name, Staff.username)]
        query = query.where(or_(*named))
    if ticket_no:
        query = query.where(AccessLog.ticket_no == _number(ticket_no))
    if before:
        query = query.where(AccessLog.id < before)
    rows = session().execute(query.order_by(AccessLog.id.desc()).limit(PAGE + 1)).all()
    lines = [
        LogLine(
            row.at, name or str(row.staff_id), Role(row.role).label, DEEDS.get(row.what, row.what), row.ticket_no,
            row.reason,
        )
        for row, name in rows[:PAGE]
    ]  # fmt: skip
    return lines, rows[PAGE - 1][0].id if len(rows) > PAGE else None


def _number(written: str) -> int:
    """A ticket number as typed; one that can't be finds nothing."""
    try:
        return read_number(written)
    except NotFound:
        return 0


def _staff_counts() -> dict[int, int]:
    people = func.count(func.distinct(Membership.staff_id))
    query = select(Membership.department_id, people).where(Membership.valid_to.is_(None))
    return dict(session().execute(query.group_by(Membership.department_id)).all())


def _duty_counts() -> dict[str, int]:
    counts: dict[str, int] = {}
    today = clock.city_day(clock.now())
    for row in rules().duty_list.rows:
        if row.holds_on(today):
            counts[row.lead] = counts.get(row.lead, 0) + 1
    return counts
