"""What the telephone asks of its carrier: ring an agent, fetch the caller, end a leg, keep a recording."""

import hashlib
import io
import wave
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from hotline.config import Config
from hotline.database import note_topic, session
from hotline.errors import NotConfigured
from hotline.gateways.carrier import (
    CallGone,
    CallOrder,
    Carrier,
    CarrierFailed,
    CarrierRefused,
    RecordingMissing,
)
from hotline.gateways.storage import open_storage
from hotline.gateways.twilio_account import TwilioAccount
from hotline.gateways.twilio_carrier import TwilioCarrier
from hotline.models import Call, OutboxRow, Recording, Requester, Seat
from hotline.models.phone_words import CallState
from hotline.sealing import FileRing
from hotline.telephone import calls, pairing
from hotline.telephone.call_flow import callback_url
from hotline.telephone.line_settings import flow_without_tables
from hotline.tickets.identity import file_ring
from hotline.tickets.rulebook import setting

SLACK = 2.0
"""Seconds by which a recording may differ from its announced length; default."""


@dataclass(frozen=True)
class LegOrder:
    """End a leg, or with `url` send it there."""

    leg: str
    url: str = ""


@dataclass(frozen=True)
class FetchOrder:
    """A recording to bring home, with the key of its case."""

    recording_id: str
    seconds: int
    key: str
    ring: FileRing


def carrier() -> Carrier:
    """The carrier of this process. Raises `NotConfigured`."""
    extensions = current_app.extensions
    if "hotline-carrier" not in extensions:
        config: Config = extensions["hotline-config"]
        if not config.twilio_account:
            raise NotConfigured("电话未接通运营商，请设置 HOTLINE_TWILIO_ACCOUNT。")
        extensions["hotline-carrier"] = TwilioCarrier(TwilioAccount(
            config.twilio_account, config.twilio_token.split(",")[0].strip(), config.twilio_number,
            api_base_url=config.twilio_api_url))  # fmt: skip
    found: Carrier = extensions["hotline-carrier"]
    return found


def offer(row: OutboxRow) -> CallOrder | None:
    """The agent's phone to ring; None when this reservation is over."""
    call, seat = session().get(Call, row.ref["call"]), session().get(Seat, row.ref["seat"])
    if call is None or seat is None or not _still_reserved(row, call, seat):
        return None
    line, query = flow_without_tables(), {"call": call.call_id, "seat": str(seat.staff_id)}
    return CallOrder(
        to=seat.desk_phone, flow_url=callback_url(line, "agent", **query),
        status_url=callback_url(line, "agent-status", **query), ring_seconds=setting("ring_seconds"),
        tried_since=row.created_at if row.attempts > 1 else None)  # fmt: skip


def ring(order: CallOrder) -> str | CarrierRefused:
    """The id of the leg; a refusal is an answer, any other failure is tried again."""
    try:
        return carrier().place_call(order)
    except CarrierRefused as refusal:
        return refusal


def record_offer(row: OutboxRow, answer: str | CarrierRefused | None) -> None:
    """Note the leg, or end it when the reservation is over; a phone that can't be called counts as missed."""
    call = pairing.lock_call(row.ref["call"])
    seat = pairing.lock_seat(row.ref["seat"])
    if answer is None or call is None or seat is None:
        return
    if not _still_reserved(row, call, seat):
        if isinstance(answer, str) and answer != call.agent_leg:
            pairing.end_leg(call, answer)
    elif isinstance(answer, str):
        call.agent_leg = answer
        note_topic(f"seat:{seat.staff_id}")
    else:
        pairing.miss(call)


def _still_reserved(row: OutboxRow, call: Call, seat: Seat) -> bool:
    since = datetime.fromisoformat(row.ref["since"])
    return call.state is CallState.OFFERING and seat.call_id == call.call_id and seat.since == since


def to_bridge(row: OutboxRow) -> LegOrder | None:
    """The caller to fetch out of the queue, unless that was done or the call is over."""
    call = session().get(Call, row.ref["call"])
    if call is None or call.state is not CallState.TALKING or call.bridged_at is not None:
        return None
    return LegOrder(call.call_id, callback_url(flow_without_tables(), "bridge"))


def to_end(row: OutboxRow) -> LegOrder | None:
    """The leg to end, or to send to another step."""
    then = row.ref["then"]
    return LegOrder(row.ref["leg"], callback_url(flow_without_tables(), then) if then else "")


def move_leg(order: LegOrder) -> CallGone | None:
    """A leg that is gone already is an answer."""
    try:
        if order.url:
            carrier().redirect(order.leg, order.url)
        else:
            carrier().hang_up(order.leg)
    except CallGone as gone:
        return gone
    return None


def record_bridge(row: OutboxRow, answer: CallGone | None) -> None:
    """A caller who is gone leaves the agent alone: end that leg, and the talk."""
    call = pairing.lock_call(row.ref["call"])
    if isinstance(answer, CallGone) and call is not None and call.bridged_at is None:
        calls.hung_up(call, "")


def record_end(row: OutboxRow, answer: CallGone | None) -> None:
    """Nothing to keep: the notice of the end tells the rest."""


def to_fetch(row: OutboxRow) -> FetchOrder | None:
    """The recording to fetch. Raises `CarrierFailed` to come again while its call has no ticket yet."""
    kept = session().get_one(Recording, row.ref["recording"])
    call = session().get_one(Call, kept.call_id)
    if kept.state != "waiting":
        return None
    if call.ticket_no is None:
        raise CarrierFailed("录音的来电尚未建单，稍后再取。")
    key = f"recordings/{call.ticket_no}/{kept.recording_id.lower()}"
    ring = file_ring(session().get_one(Requester, call.ticket_no))
    return FetchOrder(kept.recording_id, kept.seconds, key, ring)


def fetch(order: FetchOrder) -> str | RecordingMissing:
    """Bring it home, sealed with the case's key; the storage key. Broken or missing is an answer."""
    try:
        found = carrier().fetch_recording(order.recording_id)
    except RecordingMissing as missing:
        return missing
    with found.content as content:
        sound = content.read()
    if abs(length(sound) - order.seconds) > SLACK:
        return RecordingMissing("录音内容不完整。")
    sealed = order.ring.seal_bytes(sound)
    config: Config = current_app.extensions["hotline-config"]
    open_storage(config.storage_place).put(order.key, io.BytesIO(sealed), hashlib.sha256(sealed).hexdigest())
    return order.key


def length(sound: bytes) -> float:
    """Seconds of a WAV; far below zero when it is none."""
    try:
        with wave.open(io.BytesIO(sound)) as opened:
            return opened.getnframes() / opened.getframerate()
    except (wave.Error, EOFError):
        return -3600.0


def record_fetched(row: OutboxRow, answer: str | RecordingMissing | None) -> None:
    """Where it lies now, or that it is missing, for everybody to see."""
    if answer is None:
        return
    kept = session().get_one(Recording, row.ref["recording"])
    kept.ticket_no = session().get_one(Call, kept.call_id).ticket_no
    if isinstance(answer, str):
        kept.state, kept.storage_key = "kept", answer
    else:
        kept.state = "missing"
    note_topic(f"ticket:{kept.ticket_no}")
