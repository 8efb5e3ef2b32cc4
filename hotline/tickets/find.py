"""Finds tickets: a ticket reaches a view only through here, with the rights of whoever asks."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, Select, or_, select, tuple_

from hotline import sealing
from hotline.database import session
from hotline.errors import BadInput, NotFound
from hotline.models import Assignment, Requester, Ticket, TicketAlias, TicketCopy
from hotline.models.words import AssignmentState, Role, State
from hotline.people.accounts import Person
from hotline.tickets.identity import keys, phone_hash
from hotline.tickets.respondent import accuses, not_accusing

HOTLINE_ROLES = frozenset({Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.CALLBACK_AGENT})
UNIT_ROLES = frozenset({Role.HANDLER, Role.DEPARTMENT_LEAD})
PAGE = 50
NO_SUCH = "没有找到这张工单，请核对工单号。"
WRONG_PAIR = "工单号与电话（或查询码）不匹配，请核对后重试。"


def ticket_for(person: Person, ticket_no: int) -> Ticket:
    """The ticket, if this person may see it; else the same `NotFound` as for a number that never was."""
    ticket = session().get(Ticket, ticket_no)
    if ticket is None or not may_see(person, ticket):
        raise NotFound(NO_SUCH)
    return ticket


def may_see(person: Person, ticket: Ticket) -> bool:
    """The hotline sees all; a unit sees what is assigned or copied to it, never a complaint about itself or
    about a unit above it (I7)."""
    if person.has(*HOTLINE_ROLES):
        return True
    units = person.unit_ids()
    if not units or accuses(ticket, units):
        return False
    copied = select(TicketCopy.ticket_no).where(
        TicketCopy.ticket_no == ticket.ticket_no, TicketCopy.department_id.in_(units)
    )
    return bool(session().execute(select(or_(held(units, ticket.ticket_no), copied.exists()))).scalar())


def holds(person: Person, ticket: Ticket) -> bool:
    """Whether a share of the ticket is this person's unit's, and not only a copy to read."""
    return bool(session().execute(select(held(person.unit_ids(), ticket.ticket_no))).scalar())


def held(units: frozenset[int], ticket_no: Any) -> Exists:
    """Whether these units hold a share of a ticket by its number, or of the tickets a column names."""
    mine = select(Assignment.id).where(
        Assignment.ticket_no == ticket_no,
        Assignment.department_id.in_(units),
        or_(Assignment.state != AssignmentState.ENDED, Assignment.late),
    )
    return mine.exists()


def by_number(ticket_no: int | None) -> Ticket:
    """For our own jobs: the ticket of a follow-up."""
    return session().get_one(Ticket, ticket_no)


def by_phone(ticket_no: int, phone: str) -> Ticket:
    """For a citizen: number and phone together, or one neutral sentence."""
    requester = session().get(Requester, ticket_no)
    wanted = phone_hash(phone)
    if requester is None or wanted is None or requester.phone_hash != wanted:
        raise NotFound(WRONG_PAIR)
    return session().get_one(Ticket, ticket_no)


def by_code(ticket_no: int, code: str) -> Ticket:
    """For an anonymous citizen or a partner: number and query code together, or one neutral sentence."""
    expected = sealing.query_code(keys().ring, ticket_no)
    ticket = session().get(Ticket, ticket_no)
    if ticket is None or not hmac.compare_digest(expected.encode(), code.strip().upper().encode()):
        raise NotFound(WRONG_PAIR)
    return ticket


def by_alias(platform: str, number: str) -> Ticket | None:
    """The ticket another platform knows by its own number."""
    alias = session().get(TicketAlias, (platform, number))
    return session().get(Ticket, alias.ticket_no) if alias else None


def read_number(written: str) -> int:
    """A ticket number as people write it, with or without spaces and dashes. Raises `NotFound`."""
    digits = "".join(one for one in written if one.isdigit())
    if len(digits) != 16 or len(written) > 40:
        raise NotFound(NO_SUCH)
    return int(digits)


def shown_number(ticket_no: int) -> str:
    """20261121 0000 4318."""
    digits = str(ticket_no)
    return f"{digits[:8]} {digits[8:12]} {digits[12:]}"


def same_person(ticket: Ticket, limit: int = 5) -> list[Ticket]:
    """The newest other tickets of the same number."""
    requester = session().get(Requester, ticket.ticket_no)
    if requester is None or requester.phone_hash is None:
        return []
    return of_phone(requester.phone_hash, limit, besides=ticket.ticket_no)


def of_phone(hashed: bytes, limit: int = 5, besides: int = 0) -> list[Ticket]:
    """The newest tickets of a number, by its keyed hash."""
    numbers = (
        select(Requester.ticket_no)
        .where(Requester.phone_hash == hashed, Requester.ticket_no != besides)
        .order_by(Requester.ticket_no.desc())
        .limit(limit)
    )
    query = select(Ticket).where(Ticket.ticket_no.in_(numbers)).order_by(Ticket.ticket_no.desc())
    return list(session().execute(query).scalars())


@dataclass(frozen=True)
class TicketPage:
    """One page of a list, by key and never by offset; `older` opens the next page."""

    tickets: Sequence[Ticket]
    older: str | None


@dataclass(frozen=True)
class SharePage:
    """One page of tickets, each with the share by which it is listed."""

    rows: Sequence[tuple[Ticket, Assignment]]
    older: str | None


def open_page(query: Select[tuple[Ticket]], after: str | None = None, size: int = PAGE) -> TicketPage:
    """A page of open tickets, most pressing first: priority, then deadline, then number."""
    order = (Ticket.priority, Ticket.deadline, Ticket.ticket_no)
    if after:
        query = query.where(tuple_(*order) > tuple(_key(after, int, datetime.fromisoformat, int)))
    rows = list(session().execute(query.order_by(*order).limit(size + 1)).scalars())
    last = rows[size - 1] if len(rows) > size else None
    key = written_key(last.priority, last.deadline.isoformat(), last.ticket_no) if last else None
    return TicketPage(rows[:size], key)


def newest_page(query: Select[tuple[Ticket]], after: str | None = None, size: int = PAGE) -> TicketPage:
    """A page of any tickets, newest number first."""
    if after:
        query = query.where(Ticket.ticket_no < _key(after, int)[0])
    rows = list(session().execute(query.order_by(Ticket.ticket_no.desc()).limit(size + 1)).scalars())
    key = written_key(rows[size - 1].ticket_no) if len(rows) > size else None
    return TicketPage(rows[:size], key)


def in_states(states: Sequence[State]) -> Select[tuple[Ticket]]:
    """All tickets in these states."""
    return select(Ticket).where(Ticket.state.in_(states))


def of_units(person: Person, states: Sequence[State]) -> Select[tuple[Ticket]]:
    """A unit's own tickets in these states; never a complaint about itself."""
    units = person.unit_ids()
    return in_states(states).where(Ticket.department_id.in_(units), not_accusing(units))


def helped_by(person: Person) -> Select[tuple[Ticket]]:
    """The tickets of which this person's unit holds an open share and another unit leads."""
    units = person.unit_ids()
    own = select(Ticket).join(Assignment, Assignment.ticket_no == Ticket.ticket_no)
    open_shares = (Assignment.department_id.in_(units), ~Assignment.is_lead, Assignment.ended_at.is_(None))
    return own.where(*open_shares, not_accusing(units))


def share_page(person: Person, after: str | None = None, size: int = PAGE) -> SharePage:
    """A page of what this person's unit helps with, its own nearest limit first."""
    query, order = helped_by(person).add_columns(Assignment), (Assignment.deadline, Assignment.id)
    if after:
        query = query.where(tuple_(*order) > tuple(_key(after, datetime.fromisoformat, int)))
    rows = [(row[0], row[1]) for row in session().execute(query.order_by(*order).limit(size + 1))]
    last = rows[size - 1][1] if len(rows) > size else None
    return SharePage(rows[:size], written_key(last.deadline.isoformat(), last.id) if last else None)


def copied_to(person: Person) -> Select[tuple[Ticket]]:
    """The tickets this person's unit only reads."""
    units = person.unit_ids()
    copied = select(Ticket).join(TicketCopy, TicketCopy.ticket_no == Ticket.ticket_no)
    return copied.where(TicketCopy.department_id.in_(units), not_accusing(units))


def written_key(*parts: object) -> str:
    """A list position as a word for a URL."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in parts]).encode()).decode().rstrip("=")


def keyed_rows(
    query: Select[Any], order: Mapping[Any, Callable[[str], Any]], after: str | None = None, size: int = PAGE
) -> tuple[list[Any], str | None]:
    """A page of the rows of any query in the order of these columns of its first entity, each with what reads it
    from a position; and the position of the next page."""
    columns = list(order)
    if after:
        query = query.where(tuple_(*columns) > tuple(_key(after, *order.values())))
    rows = list(session().execute(query.order_by(*columns).limit(size + 1)))
    if len(rows) <= size:
        return rows, None
    last = [getattr(rows[size - 1][0], column.key) for column in columns]
    return rows[:size], written_key(*(one.isoformat() if isinstance(one, datetime) else one for one in last))


def _key(written: str, *readers: Callable[[str], Any]) -> list[Any]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        return [read(part) for read, part in zip(readers, parts, strict=True)]
    except (ValueError, TypeError, RecursionError) as problem:
        raise BadInput("列表位置无效，请从第一页重新查看。") from problem
