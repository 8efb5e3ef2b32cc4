"""Special desks (专席): which seats may ring for a call, and who comes straight to a desk.

A desk's own seats come first; anybody after `overflow_seconds`, or at once while none of the desk is there
(default; domain.md, inventory 6: skill queues with an overflow rule).
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from hotline.database import session
from hotline.models import Call, Requester, Seat, Staff
from hotline.models.phone_words import GENERAL, Desk, SeatState
from hotline.models.requester_words import RequesterKind
from hotline.tickets.identity import phone_hash
from hotline.tickets.phone_number import carrier_number
from hotline.tickets.rulebook import setting


def may_ring(moment: datetime, silent: datetime) -> ColumnElement[bool]:
    """Whether this `Seat` of this `Staff` is ready and may take this `Call` now."""
    overflown = func.coalesce(Call.passed_on_at, Call.since) <= moment - timedelta(seconds=setting("overflow_seconds"))
    free = and_(Seat.state == SeatState.READY, Seat.heartbeat_at > silent, Staff.id == Seat.staff_id)
    return and_(free, or_(Call.queue == GENERAL, Staff.skills.has_key(Call.queue), overflown, not_(_manned(silent))))


def fits_best() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """The order of seats for a call: the desk's own, then those of no desk, each by how long they are ready."""
    rank = case((Staff.skills.has_key(Call.queue), 0), (Staff.skills == [], 1), else_=2)
    return rank, Seat.since


def desk_of_caller(number: str) -> str:
    """The enterprise desk for a number from which an enterprise spoke before, without any key; else the general one."""
    hashed = phone_hash(carrier_number(number) or "")
    same = (Requester.phone_hash == hashed) & (Requester.kind == RequesterKind.ENTERPRISE)
    known = hashed and session().execute(select(Requester.ticket_no).where(same).limit(1)).first()
    return Desk.ENTERPRISE.value if known else GENERAL


def _manned(silent: datetime) -> ColumnElement[bool]:
    """Whether any seat of the call's own desk is there, be it busy just now."""
    seat, person = aliased(Seat), aliased(Staff)
    there = and_(seat.state != SeatState.OFFLINE, seat.heartbeat_at > silent, person.skills.has_key(Call.queue))
    return select(seat.staff_id).join(person, person.id == seat.staff_id).where(there).correlate(Call).exists()
