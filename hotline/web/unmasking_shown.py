"""What pages show of granted looks: a department its own, the supervisor all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, select

from hotline import clock
from hotline.database import session
from hotline.models import Assignment, Staff, Ticket, UnmaskGrant
from hotline.models.words import ASSIGNMENT_OPEN, Decision
from hotline.people.accounts import Person
from hotline.tickets.rulebook import setting
from hotline.tickets.unmasking import HIDING, holds, newest_grant
from hotline.web.shown import unit_name

PAGE = 30
DAY = timedelta(days=1)


@dataclass(frozen=True)
class UnmaskingShown:
    """What this person asked for, in words, and whether they may ask now."""

    words: str
    may_ask: bool


@dataclass(frozen=True)
class GrantShown:
    """One request of the list; `holds` while it gives another look."""

    id: int
    ticket_no: int
    who: str
    department: str
    reason: str
    asked_at: datetime
    words: str
    note: str
    holds: bool


def unmasking_shown(ticket: Ticket, person: Person, shares: list[Assignment]) -> tuple[UnmaskingShown | None, bool]:
    """For a department's page: None where nobody is hidden; and whether they may look now."""
    mine = [one for one in shares if one.department_id in person.unit_ids() and one.state in ASSIGNMENT_OPEN]
    if ticket.confidentiality not in HIDING or not mine:
        return None, False
    grant = newest_grant(ticket, person)
    if grant is None:
        return UnmaskingShown("", True), False
    share = session().get_one(Assignment, grant.assignment_id)
    now = holds(grant, share, clock.now())
    return UnmaskingShown(words_of(grant, share), not now and grant.decision is not Decision.PENDING), now


def words_of(grant: UnmaskGrant, share: Assignment) -> str:
    """How a request stands."""
    if grant.decision is Decision.PENDING:
        return "查看身份的申请待督办员审批。" if share.ended_at is None else "查看身份的申请未及审批，工单已不在该单位。"
    if grant.decision is not Decision.GRANTED or grant.valid_from is None or grant.valid_to is None:
        return f"查看身份的申请被驳回：{grant.decision_note}"
    span = f"{clock.shown(grant.valid_from)}至{clock.shown(grant.valid_to)}"
    words = f"批准{span}查看{grant.looks}次，已用{grant.used}次"
    if grant.withdrawn_at is not None:
        return f"{words}，已收回。"
    if share.ended_at is not None:
        return f"{words}，工单已不在该单位，批准失效。"
    return f"{words}。" if clock.now() < grant.valid_to else f"{words}，已到期。"


def grants_page(before: int | None) -> dict[str, Any]:
    """What waits, oldest first; below it what was decided, newest first, by key."""
    waiting = _read(UnmaskGrant.decision == Decision.PENDING)[:PAGE]
    decided = (UnmaskGrant.decision != Decision.PENDING) & (UnmaskGrant.id < before if before else True)
    rows, moment = _read(decided, newest_first=True), clock.in_city(clock.now())
    older = url_for("unmasking_desk.grant_list", before=rows[PAGE - 1].id) if len(rows) > PAGE else None
    first = url_for("unmasking_desk.grant_list") if before else None
    return {
        "waiting": waiting, "decided": rows[:PAGE], "newer": first, "older": older, "looks": 1,
        "valid_from": f"{moment:%Y-%m-%dT%H:%M}", "valid_to": f"{moment + DAY:%Y-%m-%dT%H:%M}",
        "most_looks": setting("unmask_looks"), "most_hours": setting("unmask_hours"),
    }  # fmt: skip


def _read(which: ColumnElement[bool], *, newest_first: bool = False) -> list[GrantShown]:
    query = (
        select(UnmaskGrant, Assignment, Staff.name).join(Assignment, Assignment.id == UnmaskGrant.assignment_id)
        .join(Staff, Staff.id == UnmaskGrant.staff_id).where(which)
        .order_by(UnmaskGrant.id.desc() if newest_first else UnmaskGrant.id).limit(PAGE + 1)
    )  # fmt: skip
    return [
        GrantShown(
            grant.id, grant.ticket_no, who, unit_name(share.department_id), grant.reason, grant.asked_at,
            words_of(grant, share), grant.decision_note, holds(grant, share, clock.now()),
        )
        for grant, share, who in session().execute(query)
    ]  # fmt: skip
