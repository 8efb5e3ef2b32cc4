"""The state table of a ticket in several hands: every share with its unit, state, limit and what it wrote."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from sqlalchemy import select

from hotline.database import session
from hotline.models import Assignment, Reply, Ticket
from hotline.models.ticket import NO_DEADLINE
from hotline.models.words import AssignmentState, State
from hotline.people.accounts import Person
from hotline.tickets.find import SharePage, copied_to, newest_page, share_page
from hotline.web.shown import Page, Row, TimeLeft, page_of, row_of, time_left, unit_name

LEVELS = {AssignmentState.DONE: "ok", AssignmentState.ENDED: ""}
COPIES = "department_shares.copy_list"
HOTLINE, UNITS = "share_desk", "department_shares"
"""Whose page it is: the blueprint of its forms."""


@dataclass(frozen=True)
class ShareShown:
    """One row of the table. `part` says whom the unit helps; the addresses are those of what this person may do."""

    id: int
    unit: str
    part: str
    state_label: str
    level: str
    left: TimeLeft | None
    reply: Reply | None
    take_back_url: str | None
    use_url: str | None


def shares_shown(shares: Sequence[Assignment], person: Person, desk: str) -> list[ShareShown]:
    """The table for a desk's page, empty while one unit works alone; one statement more once a helper wrote."""
    if len(shares) < 2:
        return []
    by_id, replies = {one.id: one for one in shares}, newest_replies(shares)
    return [
        ShareShown(
            one.id, unit_name(one.department_id), part_of(one, by_id), *standing(one),
            share_time(one), replies.get(one.id), take_back_url(one, by_id, person, desk),
            use_url(one, by_id, person, desk),
        )
        for one in shares
    ]  # fmt: skip


def standing(share: Assignment) -> tuple[str, str]:
    """The share's state in words, and its colour."""
    return ("未交回", "bad") if share.late else (share.state.label, LEVELS.get(share.state, "br"))


def newest_replies(shares: Sequence[Assignment]) -> dict[int, Reply]:
    """What each helping unit wrote last."""
    wrote = [one.id for one in shares if one.replied_at and not one.is_lead]
    if not wrote:
        return {}
    query = select(Reply).where(Reply.assignment_id.in_(wrote)).order_by(Reply.id)
    return {reply.assignment_id: reply for reply in session().execute(query).scalars() if reply.assignment_id}


def part_of(share: Assignment, by_id: dict[int, Assignment]) -> str:
    """Lead, helper, or from whom the share was handed down."""
    above = by_id.get(share.parent_id or 0)
    return f"{unit_name(above.department_id)}下派" if above else "主办" if share.is_lead else "协办"


def share_time(share: Assignment) -> TimeLeft | None:
    """The share's own nearest limit, None when nothing runs."""
    if share.ended_at is not None or share.deadline >= NO_DEADLINE:
        return None
    return time_left(share.deadline_since or share.dispatched_at, share.deadline)


def take_back_url(share: Assignment, by_id: dict[int, Assignment], person: Person, desk: str) -> str | None:
    """Where this person takes the share back: the hotline every helping one, a unit what it handed down."""
    above = by_id.get(share.parent_id or 0)
    mine = desk == HOTLINE or (above is not None and above.department_id in person.unit_ids())
    if share.ended_at is not None or share.is_lead or not mine:
        return None
    return url_for(f"{desk}.take_back", ticket_no=share.ticket_no, share_id=share.id)


def use_url(share: Assignment, by_id: dict[int, Assignment], person: Person, desk: str) -> str | None:
    """Where the unit that was helped goes on with what was handed in."""
    mine = desk == UNITS and any(helps(share, by_id, unit) for unit in person.unit_ids())
    if share.state is not AssignmentState.DONE or not mine:
        return None
    return url_for("department_desk.ticket_page", ticket_no=share.ticket_no, use=share.id)


def helps(share: Assignment, by_id: dict[int, Assignment], unit: int) -> bool:
    """Whether the share helps this unit."""
    lead = next(one for one in by_id.values() if one.is_lead)
    above = by_id.get(share.parent_id or 0, lead)
    return not share.is_lead and above.department_id == unit


def as_own(shown: Any, share: Assignment | None) -> Any:
    """A ticket's page or row as the unit of a helping share sees it: by the state and limit of its own share."""
    if share is None or share.is_lead:
        return shown
    left = share_time(share)
    own = {"state": State(share.state.value), "time_left": left}
    return replace(shown, **own, **({"deadline": left} if hasattr(shown, "deadline") else {}))


def helping_page(person: Person, endpoint: str, after: str | None) -> Page:
    """A page of the shares with which a unit helps."""
    found: SharePage = share_page(person, after)
    rows: list[Row] = [as_own(row_of(ticket, person.unit_ids()), share) for ticket, share in found.rows]
    older = url_for(endpoint, tab="helping", after=found.older) if found.older else None
    return Page(rows, url_for(endpoint, tab="helping") if after else None, older)


def copies_page(person: Person, after: str | None) -> Page:
    """A page of what was copied to a unit, newest first."""
    return page_of(newest_page(copied_to(person), after), COPIES, person.unit_ids())


def public_units(ticket: Ticket) -> list[tuple[str, str]]:
    """Who works on it, for the requester's page: the units the hotline named, lead first, unless it is one alone."""
    query = select(Assignment.department_id, Assignment.state).where(
        Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round, Assignment.parent_id.is_(None),
        Assignment.state != AssignmentState.ENDED,
    )  # fmt: skip
    found = session().execute(query.order_by(Assignment.is_lead.desc(), Assignment.id)).all()
    return [(unit_name(unit), state.label) for unit, state in found] if len(found) > 1 else []
