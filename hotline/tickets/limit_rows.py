"""The city's time limits as the administrator keeps them: a new row makes a new version, what was stays as it was.

A running clock keeps the limit and the version it began with.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import RuleVersion, TimeLimitRecord
from hotline.models.limit_words import LimitStep, LimitUnit
from hotline.models.words import ClockKind, RequestType, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets.default_limits import DEFAULT_LIMITS
from hotline.tickets.rulebook import forget, one_version_at_a_time, rules
from routing.csv_table import CellError
from routing.time_limits import GRADES, STEPS, LimitTable, TimeLimit, check_length

KIND = "limits"
ANY = "*"
ALL = "不限"
MIN_REASON = 2
ONE_DAY = timedelta(days=1)
FURTHEST = timedelta(days=3653)
COPIED = ("step", "request_type", "urgency", "value", "unit", "cap", "cap_unit", "valid_from", "valid_to")


@dataclass(frozen=True)
class LimitForm:
    """One limit as typed: for which step, type and urgency, how long at most, from which day, and why."""

    step: str
    request_type: str
    urgency: str
    length: tuple[int | None, str]
    cap: tuple[int | None, str]
    valid_from: date | None
    why: str


def add_limit(form: LimitForm, person: Person) -> RuleVersion:
    """A new version with all rows of the present one and the new row; the row it replaces ends the day before.

    Raises `BadInput` for nonsense, for the past, and where a row for the same begins later.
    """
    one_version_at_a_time()
    day = _checked(form)
    present = rows_of(newest_version())
    version = RuleVersion(kind=KIND, imported_at=clock.now(), imported_by=person.id, source="")
    session().add(version)
    session().flush()
    for row in present:
        values: dict[str, Any] = {name: getattr(row, name) for name in COPIED}
        if _same_case(row, form) and (row.valid_to is None or row.valid_to >= day):
            if row.valid_from >= day:
                raise BadInput(valid_from=f"同一时限已有自{row.valid_from}起的规定，请选择更晚的生效日期。")
            values["valid_to"] = day - ONE_DAY
        session().add(TimeLimitRecord(version_id=version.id, **values))
    (value, unit), (cap, cap_unit) = form.length, form.cap
    added = TimeLimitRecord(
        version_id=version.id, step=form.step, request_type=form.request_type, urgency=form.urgency, value=value,
        unit=unit, cap=cap, cap_unit=cap_unit if cap else "", valid_from=day,
    )  # fmt: skip
    session().add(added)
    version.source = f"{'、'.join(case_words(added))}自{day}起{length_words(added)}：{form.why.strip()}"
    session().flush()
    forget()
    return version


def newest_version() -> int:
    """The version of the limits in force, 0 when there is none."""
    return session().execute(select(func.max(RuleVersion.id)).where(RuleVersion.kind == KIND)).scalar() or 0


def rows_of(version: int) -> list[TimeLimitRecord]:
    """All rows of a version, in the order of the steps."""
    query = select(TimeLimitRecord).where(TimeLimitRecord.version_id == version).order_by(TimeLimitRecord.id)
    found = session().execute(query).scalars()
    return sorted(found, key=lambda row: (STEPS.index(row.step), GRADES.index(row.urgency), row.request_type))


def standing_in(day: date) -> list[TimeLimit]:
    """The defaults that count on that day, for the city has no row for the case."""
    city = LimitTable(rules().limits.rows)
    return [one for one in DEFAULT_LIMITS if city.find(one.step, one.request_type, one.urgency, day) is None]


def case_words(row: TimeLimitRecord | TimeLimit) -> tuple[str, str, str]:
    """What a row is for: step, request type and urgency."""
    kind = ALL if row.request_type == ANY else RequestType(row.request_type).label
    return step_words(row.step), kind, ALL if row.urgency == ANY else UrgencyGrade(row.urgency).label


def step_words(code: str) -> str:
    """What a limit is set for."""
    return {one.value: one.label for one in (*ClockKind, *LimitStep)}[code]


def length_words(row: TimeLimitRecord | TimeLimit) -> str:
    """How long: 4个工作小时，最长1个工作日."""
    words = f"{row.value}{LimitUnit(row.unit).label}"
    return f"{words}，最长{row.cap}{LimitUnit(row.cap_unit).label}" if row.cap else words


def _same_case(row: TimeLimitRecord, form: LimitForm) -> bool:
    return (row.step, row.request_type, row.urgency) == (form.step, form.request_type, form.urgency)


def _checked(form: LimitForm) -> date:
    """The first day of the new row. Raises `BadInput` with a sentence for each field that is wrong."""
    problems: dict[str, str] = {}
    for name, allowed in (("step", STEPS), ("request_type", (ANY, *RequestType)), ("urgency", GRADES)):
        if getattr(form, name) not in allowed:
            problems[name] = "请从列表中选择。"
    problems |= _wrong_length(form)
    today = clock.city_day(clock.now())
    if form.valid_from is None or not today <= form.valid_from <= today + FURTHEST:
        problems["valid_from"] = "请选择今天或以后十年内的日期；已经过去的时限不能改。"
    if len(form.why.strip()) < MIN_REASON:
        problems["why"] = "请写明修改的原因。"
    if problems or form.valid_from is None:
        raise BadInput(**problems)
    return form.valid_from


def _wrong_length(form: LimitForm) -> dict[str, str]:
    (value, unit), (cap, cap_unit) = form.length, form.cap
    if value is None or unit not in set(LimitUnit):
        return {"value": "请填写整数和单位。"}
    if (cap is None) == bool(cap_unit) or cap_unit not in {"", *LimitUnit}:
        return {"cap": "上限须同时填写整数和单位，或都不填。"}
    try:
        check_length(value, unit, cap, cap_unit)
    except CellError as problem:
        return {problem.column: f"{problem.message}。"}
    return {}
