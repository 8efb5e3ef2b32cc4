"""Pairs the call that waited longest, vulnerable callers first, with the seat that fits it best, and parts them again.

Locks are always taken in the same order: call, seat, ticket. `assign` never waits for a lock, so it may be
called with any of them held; a call that somebody else holds at this moment is passed over and is the next one's.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from hotline import clock
from hotline.database import note_topic, session
from hotline.models import Call, Seat, Staff, Ticket
from hotline.models.phone_words import CallState, SeatState
from hotline.models.table import Table
from hotline.telephone.desks import fits_best, may_ring
from hotline.tickets.lifecycle import put
from hotline.tickets.rulebook import setting

BUSY_WITH_CALL = (SeatState.RINGING, SeatState.TALKING, SeatState.WRAP_UP)
WAITING = (CallState.QUEUED, CallState.OFFERING)


def lock_call(call_id: str | None) -> Call | None:
    """The call as it is now, locked until the transaction ends."""
    query = select(Call).where(Call.call_id == call_id).with_for_update()
    return session().execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def lock_seat(staff_id: int | None) -> Seat | None:
    """The seat as it is now, locked until the transaction ends."""
    query = select(Seat).where(Seat.staff_id == staff_id).with_for_update()
    return session().execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def seat_on(call: Call) -> Seat | None:
    """The seat that rings for this call or talks on it, locked."""
    seat = lock_seat(call.agent_id)
    return seat if seat and seat.call_id == call.call_id and seat.state in BUSY_WITH_CALL else None


def silent_before(moment: datetime) -> datetime:
    """A seat whose last heartbeat is older than this is away (ux, requirement 8)."""
    return moment - timedelta(seconds=setting("heartbeat_seconds"))


def assign() -> int:
    """Let ready seats ring for waiting calls, as many as there are of both; the number of pairs made."""
    made = 0
    while (call := _longest_waiting()) and (seat := _longest_ready(call)):
        _reserve(call, seat)
        made += 1
    return made


def _longest_waiting() -> Call | None:
    servable = select(Seat.staff_id).join(Staff, _may_ring()).correlate(Call).exists()
    query = select(Call).where(Call.state == CallState.QUEUED, servable)
    query = query.order_by(Call.priority, Call.since, Call.call_id).limit(1)
    return session().execute(_mine_alone(query, Call)).scalar_one_or_none()


def _longest_ready(call: Call) -> Seat | None:
    query = select(Seat).join(Staff, Staff.id == Seat.staff_id).join(Call, _may_ring())
    query = query.where(Call.call_id == call.call_id).order_by(*fits_best()).limit(1)
    return session().execute(_mine_alone(query, Seat)).scalar_one_or_none()


def _may_ring() -> ColumnElement[bool]:
    moment = clock.now()
    return may_ring(moment, silent_before(moment))


def _mine_alone(query: Select[Any], table: type[Table]) -> Select[Any]:
    return query.with_for_update(skip_locked=True, of=table).execution_options(populate_existing=True)


def _reserve(call: Call, seat: Seat) -> None:
    moment = clock.now()
    call.state, call.agent_id, call.agent_leg = CallState.OFFERING, seat.staff_id, ""
    seat.call_id = call.call_id
    change_seat(seat, SeatState.RINGING)
    put("offer_call", call.ticket_no, {"call": call.call_id, **reservation(seat)}, at=moment)
    note_topic("queue")
    session().flush()


def reservation(seat: Seat) -> dict[str, object]:
    """What tells this ringing from an earlier one of the same seat."""
    return {"seat": seat.staff_id, "since": seat.since.isoformat()}


def change_seat(seat: Seat, state: SeatState) -> None:
    """Move a seat; whoever leaves a call forgets it."""
    if state not in BUSY_WITH_CALL:
        seat.call_id = None
    seat.state, seat.since, seat.wrap_up_until = state, clock.now(), None
    note_topic(f"seat:{seat.staff_id}", "queue", "board")


def pick_up(call: Call, staff_id: int, leg: str) -> bool:
    """The agent's phone was picked up: the two belong together now. False when it is too late for that."""
    seat = seat_on(call)
    if call.state is not CallState.OFFERING or seat is None or seat.staff_id != staff_id:
        return False
    call.state, call.answered_at, call.agent_leg = CallState.TALKING, clock.now(), leg
    change_seat(seat, SeatState.TALKING)
    session().get_one(Ticket, call.ticket_no).agent_id = seat.staff_id
    put("bridge_call", call.ticket_no, {"call": call.call_id}, at=clock.now())
    return True


def miss(call: Call) -> None:
    """Not answered in time: the seat becomes busy with a notice, the caller keeps their place."""
    seat = seat_on(call)
    if call.state is not CallState.OFFERING or seat is None:
        return
    if call.agent_leg:
        end_leg(call, call.agent_leg)
    call.missed_by = {**call.missed_by, str(seat.staff_id): clock.now().isoformat()}
    seat.misses, seat.next_state = seat.misses + 1, SeatState.BUSY
    change_seat(seat, SeatState.BUSY)
    back_to_queue(call)


def release(call: Call) -> None:
    """The phone never rang, through no fault of the agent, who is ready again."""
    seat = seat_on(call)
    if call.state is CallState.OFFERING and seat is not None:
        settle(seat, clock.now())
        back_to_queue(call)


def settle(seat: Seat, moment: datetime) -> None:
    """To the state the agent chose; away when the console is silent, and then it is kept for the return."""
    silent = seat.heartbeat_at <= silent_before(moment)
    change_seat(seat, SeatState.OFFLINE if silent else seat.next_state)
    if seat.next_state is SeatState.OFFLINE:
        seat.next_state = SeatState.BUSY
    session().flush()


def back_to_queue(call: Call) -> None:
    """The caller waits again, at the place they had; the next seat rings."""
    call.state, call.agent_id, call.agent_leg, call.answered_at = CallState.QUEUED, None, "", None
    session().flush()
    assign()


def begin_wrap_up(seat: Seat) -> None:
    """The talk is over; the server counts the time to write it down (ux, requirement 7)."""
    change_seat(seat, SeatState.WRAP_UP)
    seat.wrap_up_until = seat.since + timedelta(seconds=setting("wrap_up_seconds"))


def end_leg(call: Call, leg: str, then: str = "") -> None:
    """Have the carrier end a leg, or send it to another step of the flow."""
    put("end_call", call.ticket_no, {"leg": leg, "then": then}, at=clock.now())
