"""The telephone carrier's door: signed webhooks, each remembered with its answer, each one transaction.

An answer needs nothing but our own tables; whatever must be asked of the carrier goes through the outbox.
While the database is away the caller hears a document made without it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from twilio.request_validator import RequestValidator

from hotline import clock
from hotline.config import Config
from hotline.crash_points import crash_point
from hotline.database import session, transaction
from hotline.errors import BadSignature, DeskError, NotFound
from hotline.models import InboxRow
from hotline.telephone import call_flow, calls, message_reports, pairing
from hotline.telephone.call_flow import FlowSettings, Why
from hotline.telephone.line_settings import flow, flow_without_tables, on_duty
from hotline.web.form_reading import whole_number

blueprint = Blueprint("twilio_hooks", __name__, url_prefix="/twilio")
log = structlog.get_logger()
PLATFORM = "twilio"
WHISPER = "市民来电，正在接入。"


@dataclass(frozen=True)
class Told:
    """What one webhook tells: the carrier's values, and the query of the address we gave it."""

    values: Mapping[str, str]
    query: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def call_id(self) -> str:
        """The caller's call: ours of the address first, then of the room, then the one that speaks."""
        room = self.query.get("room") or self["FriendlyName"]
        return self.query.get("call") or room.removeprefix("call-") or self["CallSid"]

    @property
    def staff_id(self) -> int:
        """The seat whose phone this is about, from our own address."""
        return int(self.query.get("seat", "0"))


@dataclass(frozen=True)
class Hook:
    """One step: what it does and answers, and what is said while the database is away (None: come again)."""

    do: Callable[[FlowSettings, Told], str]
    without_tables: Callable[[FlowSettings, Told], str] | None = None


@blueprint.before_request
def check_signature() -> None:
    """By the configured public address, never by what a proxy says. Raises `BadSignature`."""
    config: Config = current_app.extensions["hotline-config"]
    query = request.query_string.decode()
    address = config.base_url + request.path + (f"?{query}" if query else "")
    given = request.headers.get("X-Twilio-Signature", "")
    tokens = filter(None, (token.strip() for token in config.twilio_token.split(",")))
    if not any(RequestValidator(token).validate(address, request.form, given) for token in tokens):
        log.warning("carrier_signature_refused", step=request.path)
        raise BadSignature


@blueprint.errorhandler(DeskError)
def refuse(problem: DeskError) -> tuple[str, int]:
    """A machine gets the sentence alone."""
    return problem.sentence, problem.status


@blueprint.post("/<step>")
def hear(step: str) -> Response | tuple[str, int]:
    """One step of a call flow, or a notice about a call."""
    hook = HOOKS.get(step)
    if hook is None:
        raise NotFound
    told = Told(request.form.to_dict(), request.args.to_dict())
    try:
        with transaction():
            answer = once(step, told, hook)
    except (OperationalError, InterfaceError) as problem:
        log.error("carrier_without_database", step=step, problem=type(problem).__name__)
        if hook.without_tables is None:
            return "数据库暂时不可用。", 503
        answer = hook.without_tables(flow_without_tables(), told)
    return Response(answer, mimetype="text/xml")


def once(step: str, told: Told, hook: Hook) -> str:
    """The answer; the one of the first time when this very message was here before."""
    body = repr((step, sorted(told.values.items()), sorted(told.query.items()))).encode()
    digest = hashlib.sha256(body)
    key = request.headers.get("I-Twilio-Idempotency-Token", "")[:100] or digest.hexdigest()
    fresh = insert(InboxRow).values(platform=PLATFORM, key=key, body_hash=digest.digest(), answer={},
                                    received_at=clock.now())  # fmt: skip
    mine = (InboxRow.platform == PLATFORM) & (InboxRow.key == key)
    if not session().execute(fresh.on_conflict_do_nothing().returning(InboxRow.key)).first():
        earlier: dict[str, str] = session().execute(select(InboxRow.answer).where(mine)).scalar_one()
        return earlier["twiml"]
    crash_point("in-webhook-after-insert")
    answer = hook.do(flow(), told)
    session().execute(update(InboxRow).where(mine).values(answer={"twiml": answer}))
    return answer


def voice(line: FlowSettings, told: Told) -> str:
    """Somebody calls."""
    calls.arrive(told.call_id)
    return call_flow.greeting(line)


def enqueue(line: FlowSettings, told: Told) -> str:
    """After the greeting: to a person, or to a message when nobody is there."""
    call = calls.arrive(told.call_id)
    why = calls.enqueue(call, told["From"], call_flow.chosen_skill(line, told["Digits"]))
    if why is not None:
        return call_flow.voicemail(line, why)
    return call_flow.enqueue(line) if call.state in pairing.WAITING else call_flow.nothing()


def wait(line: FlowSettings, told: Told) -> str:
    """A round of waiting. It also pairs, so that waiting callers are served while nothing else runs."""
    pairing.assign()
    if told["Digits"] == "1" or not on_duty(clock.now()):
        return call_flow.leave_queue()
    return call_flow.wait(line, whole_number(told["QueuePosition"]) or 1)


def left(line: FlowSettings, told: Told) -> str:
    """Out of the queue."""
    call, result = calls.arrive(told.call_id), told["QueueResult"]
    if result == "hangup":
        calls.hung_up(call, told["From"])
    answer = call_flow.left(line, result)
    if answer == call_flow.nothing():
        return answer
    calls.leave_word(call, told["From"])
    return answer if on_duty(clock.now()) else call_flow.voicemail(line, Why.NOBODY)


def agent(line: FlowSettings, told: Told) -> str:
    """An agent's phone was picked up."""
    if pairing.pick_up(calls.arrive(told.call_id), told.staff_id, told["CallSid"]):
        return call_flow.agent_leg(line, WHISPER, call_flow.conference_name(told.call_id))
    return call_flow.agent_too_late(line)


def agent_status(_: FlowSettings, told: Told) -> str:
    """What became of an agent's leg."""
    if told["CallStatus"] in calls.FINAL:
        calls.agent_leg_ended(calls.arrive(told.call_id), told.staff_id, told["CallSid"])
    return call_flow.nothing()


def bridge(line: FlowSettings, told: Told) -> str:
    """The caller goes to the agent, or back into the queue when the agent has just gone."""
    if calls.enter_room(calls.arrive(told.call_id)):
        return call_flow.bridge(line, call_flow.conference_name(told.call_id))
    return call_flow.enqueue(line)


def conference(_: FlowSettings, told: Told) -> str:
    """Somebody left the room."""
    if told["StatusCallbackEvent"] == "participant-leave":
        call = calls.arrive(told.call_id)
        if told["ParticipantLabel"] != "agent":
            calls.end_talk(call) if call.bridged_at else None
        elif told["CallSid"] in ("", call.agent_leg):
            calls.agent_gone(call)
    return call_flow.nothing()


def after(line: FlowSettings, told: Told) -> str:
    """After the talk."""
    calls.end_talk(calls.arrive(told.call_id))
    return call_flow.after(line)


def score(line: FlowSettings, told: Told) -> str:
    """The caller rated the call."""
    calls.keep_grade(calls.arrive(told.call_id), call_flow.read_grade(told["Digits"]))
    return call_flow.score(line)


def voicemail_done(line: FlowSettings, told: Told) -> str:
    """The message is spoken, perhaps to the document of the fallback address."""
    calls.leave_word(calls.arrive(told.call_id), told["From"])
    return call_flow.voicemail_done(line)


def fallback(line: FlowSettings, told: Told) -> str:
    """The carrier got no good answer from us at an earlier step."""
    calls.leave_word(calls.arrive(told.call_id), told["From"])
    return call_flow.fallback(line)


def recording(_: FlowSettings, told: Told) -> str:
    """A recording is there, or will never be."""
    kind = "talk" if told["ConferenceSid"] else "voicemail"
    calls.recorded(calls.arrive(told.call_id), told["RecordingSid"], kind, told.values)
    return call_flow.nothing()


def status(_: FlowSettings, told: Told) -> str:
    """The caller's leg; a call we never heard of was taken by the fallback document."""
    if told["CallStatus"] not in calls.FINAL:
        return call_flow.nothing()
    missed = calls.unheard_of(told.call_id)
    call = calls.arrive(told.call_id)
    if missed:
        calls.leave_word(call, told["From"])
    calls.hung_up(call, told["From"])
    return call_flow.nothing()


def message_status(_: FlowSettings, told: Told) -> str:
    """What became of a text message."""
    message_reports.report(told.query.get("key", ""), told["MessageStatus"])
    return call_flow.nothing()


def to_voicemail(line: FlowSettings, _: Told) -> str:
    """Without tables a caller can still speak."""
    return call_flow.fallback(line)


HOOKS: Mapping[str, Hook] = {
    "voice": Hook(voice, to_voicemail),
    "enqueue": Hook(enqueue, to_voicemail),
    "wait": Hook(wait, lambda line, _: call_flow.wait(line, 1)),
    "left": Hook(left, lambda line, told: call_flow.left(line, told["QueueResult"])),
    "agent": Hook(agent, lambda line, _: call_flow.agent_too_late(line)),
    "agent-status": Hook(agent_status),
    "bridge": Hook(bridge, lambda line, told: call_flow.bridge(line, f"call-{told.call_id}")),
    "conference": Hook(conference),
    "after": Hook(after, lambda line, _: call_flow.after(line)),
    "score": Hook(score, lambda line, _: call_flow.score(line)),
    "voicemail-done": Hook(voicemail_done, lambda line, _: call_flow.voicemail_done(line)),
    "fallback": Hook(fallback, to_voicemail),
    "recording": Hook(recording),
    "status": Hook(status),
    "message-status": Hook(message_status),
}
