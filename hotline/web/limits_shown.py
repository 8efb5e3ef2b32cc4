"""What the page of time limits shows: the rows with an example each, the versions, who made them and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import RuleVersion, Staff, TimeLimitRecord
from hotline.models.limit_words import LimitUnit
from hotline.models.words import RequestType, UrgencyGrade
from hotline.tickets.limit_rows import (
    ALL,
    ANY,
    KIND,
    case_words,
    length_words,
    newest_version,
    rows_of,
    standing_in,
    step_words,
)
from hotline.tickets.rulebook import Rules, limit_of, rules
from hotline.web.shown import options
from routing.time_limits import STEPS, TimeLimit, due_at

VERSIONS = 20
COUNTED_FROM = {"next_working_day": "次一工作日起算", "same_day": "当日起算"}


@dataclass(frozen=True)
class LimitShown:
    """One row, a default without days; `due_words`: when what begins now would be due, empty if it is not in force."""

    step: str
    request_type: str
    urgency: str
    length: str
    since: date | None
    until: date | None
    due_words: str


@dataclass(frozen=True)
class VersionShown:
    """One version: when, by whom, what was changed and why."""

    number: int
    at: datetime
    who: str
    words: str


def limits_page(before: int | None) -> dict[str, Any]:
    """All that the page needs but for what was typed."""
    book, moment = rules(), clock.now()
    today, rows = clock.city_day(moment), rows_of(newest_version())
    versions, older = versions_before(before)
    return {
        "in_force": [shown(one, book, moment) for one in rows if _began(one, today) and not _over(one, today)],
        "planned": [shown(one) for one in rows if not _began(one, today)],
        "defaults": [default_shown(one) for one in standing_in(today)],
        "ended": [shown(one) for one in rows if _over(one, today)],
        "counting": counting_words(book), "versions": versions,
        "older": url_for(".limit_list", before=older) if older else None,
        "newer": url_for(".limit_list") if before else None,
        "steps": [(code, step_words(code)) for code in STEPS],
        "request_types": [(ANY, ALL), *options(RequestType)], "urgencies": [(ANY, ALL), *options(UrgencyGrade)],
        "units": options(LimitUnit),
    }  # fmt: skip


def shown(row: TimeLimitRecord, book: Rules | None = None, moment: datetime | None = None) -> LimitShown:
    """One row in words, with its example when it is in force."""
    due_words = ""
    if book and moment:
        due = due_at(moment, limit_of(row), book.calendar, book.counting)
        due_words = clock.shown(due.at) + ("（暂定）" if due.provisional else "")
    return LimitShown(*case_words(row), length_words(row), row.valid_from, row.valid_to, due_words)


def default_shown(limit: TimeLimit) -> LimitShown:
    """A default that the city has not made its own."""
    return LimitShown(*case_words(limit), length_words(limit), None, None, "")


def counting_words(book: Rules) -> str:
    """How the city counts, in one sentence."""
    hours = book.settings["duty_day_hours"]
    duty = f"1个工作日折合连续{hours}小时" if hours else "照工作日历"
    return (
        f"按日计算的时限{COUNTED_FROM[book.counting.count_from]}，最后一天{book.counting.end_of_day}截止；"
        f"24小时值守的公用企业，{duty}。"
    )


def versions_before(before: int | None) -> tuple[Sequence[VersionShown], int | None]:
    """The newest versions below this number, and the number of the next page."""
    query = select(RuleVersion, Staff.name).outerjoin(Staff, Staff.id == RuleVersion.imported_by)
    query = query.where(RuleVersion.kind == KIND).order_by(RuleVersion.id.desc()).limit(VERSIONS + 1)
    if before:
        query = query.where(RuleVersion.id < before)
    found = [VersionShown(row.id, row.imported_at, who or "导入", row.source) for row, who in session().execute(query)]
    return found[:VERSIONS], found[VERSIONS - 1].number if len(found) > VERSIONS else None


def _began(row: TimeLimitRecord, today: date) -> bool:
    return row.valid_from <= today


def _over(row: TimeLimitRecord, today: date) -> bool:
    return row.valid_to is not None and row.valid_to < today
