"""The agent's side of the telephone: presence, states, and the time to write a call down.

The server owns every state: a browser that closes, sleeps or is opened three times changes nothing by itself.
To pick up the simulated phone: `ringing_phone()` in a transaction, then `desk_phone.pick_up()` without one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.config import Config
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Call, Seat, Staff
from hotline.models.phone_words import CallState, Desk, SeatState
from hotline.people.accounts import Person
from hotline.telephone import calls, pairing
from hotline.telephone.pairing import BUSY_WITH_CALL, WAITING, assign, lock_call, lock_seat
from hotline.tickets.rulebook import setting

CHOICES = (SeatState.READY, SeatState.BUSY)
EXTENSION = timedelta(seconds=30)
LONGEST_WRAP_UP = timedelta(minutes=10)
"""Longer is no wrap-up any more; default."""
MISSED = "有来电未接听，已自动示忙；准备好后请重新示闲。"


def seat_of(staff_id: int) -> Seat:
    """The seat of a person, made offline at its first use."""
    seat = session().get(Seat, staff_id)
    if seat is None:
        moment = clock.now()
        fresh = insert(Seat).values(
            staff_id=staff_id, state=SeatState.OFFLINE, next_state=SeatState.BUSY, since=moment,
            heartbeat_at=moment, misses=0, desk_phone=_desk_phone(staff_id))  # fmt: skip
        session().execute(fresh.on_conflict_do_nothing())
        seat = session().get_one(Seat, staff_id)
    return seat


def beat(person: Person) -> Seat:
    """The console is open. A seat that was away comes back as it left."""
    seat = _locked(person)
    seat.heartbeat_at = clock.now()
    if seat.state is SeatState.OFFLINE:
        _settle(seat)
    return seat


def leave(person: Person) -> Seat:
    """The agent signs out: away at once, or after the call that is under way."""
    seat = _locked(person)
    seat.next_state = SeatState.OFFLINE
    if seat.state not in BUSY_WITH_CALL:
        _settle(seat)
    return seat


def set_state(person: Person, state: str) -> Seat:
    """示闲 or 示忙: now, or after the call that is under way. Raises `BadInput`."""
    chosen = _chosen(state)
    seat = _locked(person)
    if chosen is SeatState.READY and not seat.desk_phone:
        raise BadInput(state="尚未登记您的坐席话机号码，请联系管理员。")
    seat.next_state, seat.heartbeat_at = chosen, clock.now()
    if chosen is SeatState.READY:
        seat.misses = 0
    if seat.state not in (*BUSY_WITH_CALL, chosen):
        _settle(seat)
    return seat


def notice(seat: Seat) -> str:
    """What an agent must be told about their seat; empty for nothing."""
    return MISSED if seat.misses and seat.state is SeatState.BUSY else ""


def ringing_phone(person: Person, call_id: str) -> str:
    """The address of the desk phone that rings for this call. Raises `IllegalStep` when it no longer does."""
    seat = _locked(person)
    if seat.state is not SeatState.RINGING or seat.call_id != call_id:
        raise IllegalStep("来电已挂断或已由同事接听。")
    return seat.desk_phone


def hang_up(person: Person, call_id: str) -> Seat:
    """The agent ends the talk: wrap-up begins at once, the caller is asked how it was."""
    call = lock_call(call_id)
    seat = _locked(person)
    if call is None or call.agent_id != person.id or call.state is not CallState.TALKING:
        raise IllegalStep("通话已经结束。")
    call.state, call.ended_at = CallState.DONE, clock.now()
    pairing.begin_wrap_up(seat)
    pairing.end_leg(call, call.call_id, then="after")
    pairing.end_leg(call, call.agent_leg)
    return seat


def pass_on(person: Person, call_id: str, desk: str) -> None:
    """转专席: the agent's caller goes on to a special desk. Raises `BadInput` for a desk nobody knows."""
    chosen = next((one for one in Desk if one == desk), None)
    if chosen is None:
        raise BadInput(desk="请选择专席。")
    call = lock_call(call_id)
    if call is None or call.agent_id != person.id:
        raise IllegalStep("通话已经结束。")
    calls.pass_on(call, chosen)


def finish_wrap_up(person: Person, next_state: str = "") -> Seat:
    """Done writing; `next_state` "" keeps what was chosen before."""
    seat = _locked(person)
    if next_state:
        seat.next_state = _chosen(next_state)
    if seat.state is SeatState.WRAP_UP:
        _settle(seat)
    return seat


def extend_wrap_up(person: Person) -> Seat:
    """Thirty seconds more. Raises `IllegalStep` outside wrap-up and beyond its longest."""
    seat = _locked(person)
    if seat.wrap_up_until is None:
        raise IllegalStep("当前不在话后整理。")
    if seat.wrap_up_until + EXTENSION > seat.since + LONGEST_WRAP_UP:
        raise IllegalStep("话后整理已达最长时间。")
    seat.wrap_up_until += EXTENSION
    return seat


def current_call(person: Person) -> Call | None:
    """The call that rings here, is talked on, or is being written down."""
    seat = session().get(Seat, person.id)
    return session().get(Call, seat.call_id) if seat and seat.call_id else None


def queue_lengths() -> Mapping[str, tuple[int, int]]:
    """How many callers wait at each desk where any does, and for how many seconds the first of them."""
    query = select(Call.queue, func.count(), func.min(Call.since)).where(Call.state.in_(WAITING))
    found = session().execute(query.group_by(Call.queue).order_by(Call.queue))
    return {desk: (number, int((clock.now() - first).total_seconds())) for desk, number, first in found}


def seats_open() -> tuple[int, int]:
    """How many seats are ready, and how many are there at all."""
    alive = Seat.heartbeat_at > pairing.silent_before(clock.now())
    ready = func.count().filter(Seat.state == SeatState.READY)
    query = select(ready, func.count()).where(Seat.state != SeatState.OFFLINE, alive)
    number, present = session().execute(query).one()
    return number, present


def expire(moment: datetime) -> None:
    """Whatever time ends (ringing, wrap-up, silent seats), then pair again. To be run every few seconds."""
    _stop_ringing(moment - timedelta(seconds=setting("ring_seconds")))
    written = Seat.wrap_up_until <= moment
    silent = (Seat.heartbeat_at <= pairing.silent_before(moment)) & Seat.state.in_(CHOICES)
    query = select(Seat).where(written | silent).order_by(Seat.staff_id).with_for_update(skip_locked=True)
    for seat in session().execute(query.execution_options(populate_existing=True)).scalars().all():
        pairing.settle(seat, moment)
    assign()


def _stop_ringing(too_long: datetime) -> None:
    rings = (Seat.state == SeatState.RINGING) & (Seat.since <= too_long)
    for call_id in session().execute(select(Seat.call_id).where(rings).order_by(Seat.call_id)).scalars().all():
        if (call := lock_call(call_id)) and (seat := pairing.seat_on(call)) and seat.since <= too_long:
            pairing.miss(call) if call.agent_leg else pairing.release(call)


def _locked(person: Person) -> Seat:
    seat_of(person.id)
    seat = lock_seat(person.id)
    assert seat is not None
    return seat


def _settle(seat: Seat) -> None:
    pairing.settle(seat, clock.now())
    if seat.state is SeatState.READY:
        assign()


def _chosen(state: str) -> SeatState:
    chosen = next((one for one in CHOICES if one == state), None)
    if chosen is None:
        raise BadInput(state="请选择示闲或示忙。")
    return chosen


def _desk_phone(staff_id: int) -> str:
    """In the demo a phone of the pretend network, otherwise the number in the staff list."""
    config: Config = current_app.extensions["hotline-config"]
    staff = session().get_one(Staff, staff_id)
    return f"client:{staff.username}" if config.demo else staff.phone
