"""What the dispatcher sees beside a ticket: those that may be the same, those that follow it, and its group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import DemandGroup, Requester, Review, Ticket
from hotline.models.group_words import GroupLevel
from hotline.models.words import Confidentiality, State
from hotline.tickets.grouping import group_of, newest_groups
from hotline.tickets.identity import masked
from hotline.tickets.repeats import alike
from hotline.web.shown import Row, matter_path, row_of

MOST, TOP = 100, 3
"""Followers and members of a group that are listed; further ones are counted."""


@dataclass(frozen=True)
class AlikeShown:
    """Another ticket that may be the same, why, and whether this one could be merged into it now."""

    row: Row
    reasons: Sequence[str]
    open: bool


@dataclass(frozen=True)
class PersonShown:
    """One of many who told the same: their own number, who they are (masked), and their own review."""

    ticket_no: int
    received_at: datetime
    name: str
    phone: str
    state: State
    review: str


@dataclass(frozen=True)
class GroupShown:
    """A group of people who tell the same."""

    id: int
    label: str
    level: str
    matter_path: str
    place: str
    callers: int
    tickets: int
    last_at: datetime


def beside(ticket: Ticket) -> dict[str, Any]:
    """The variables of dispatch/_alike.html."""
    group = group_of(ticket.ticket_no) if ticket.closing_reason is None else None
    return {
        "similar": [AlikeShown(row_of(one.ticket), one.reasons, _takes(one.ticket)) for one in alike(ticket)],
        "followers": followers_of(ticket), "group": group_shown(group) if group else None,
        "master_no": ticket.master_no if ticket.state is State.MERGED else None,
    }  # fmt: skip


def followers_of(master: Ticket) -> list[PersonShown]:
    """The people who were merged into this ticket, masked; costs a statement where there are others than its own."""
    if master.told_by <= 1:
        return []
    return people_of(Ticket.master_no == master.ticket_no, Ticket.ticket_no != master.ticket_no)


def people_of(*which: Any) -> list[PersonShown]:
    """Requesters of some tickets, newest first: masked, and of a sealed case nothing."""
    query = (
        select(Ticket, Requester, Review).join(Requester, Requester.ticket_no == Ticket.ticket_no)
        .outerjoin(Review, Review.ticket_no == Ticket.ticket_no).where(*which)
    )  # fmt: skip
    found = session().execute(query.order_by(Ticket.ticket_no.desc(), Review.id).limit(MOST))
    newest = {ticket.ticket_no: (ticket, requester, review) for ticket, requester, review in found}
    return [_person(*one) for one in newest.values()]


def group_shown(group: DemandGroup) -> GroupShown:
    """A group as a line."""
    return GroupShown(
        group.id, group.level.label, "bad" if group.level is GroupLevel.GROUP else "warn",
        matter_path(group.matter_code), group.place_name, group.callers, group.tickets, group.last_at,
    )  # fmt: skip


def top_groups() -> list[GroupShown]:
    """The groups somebody joined today, for the top of the dispatcher's list."""
    return [group_shown(one) for one in newest_groups(TOP, clock.now() - timedelta(days=1))]


def _takes(ticket: Ticket) -> bool:
    return ticket.closing_reason is None and ticket.state is not State.DRAFT


def _person(ticket: Ticket, requester: Requester, review: Review | None) -> PersonShown:
    sealed = ticket.confidentiality is not Confidentiality.OPEN
    who = {"name": "保密", "phone": ""} if sealed else masked(requester)
    words = f"{review.grade.label}，{review.solved.label}" if review else ""
    return PersonShown(
        ticket.ticket_no, ticket.received_at, who["name"] or "未留姓名", who["phone"], ticket.state, words
    )
