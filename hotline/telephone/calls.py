"""The caller's side of the telephone: a call from its first word to its end, whatever arrives twice or late.

Notices only move a call forward: one that has ended stays ended. A draft ticket exists from the queue on, so
that no caller can vanish; who leaves a message or gives up is called back (default; domain.md §11, 漏接回拨).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.database import note_topic, session
from hotline.errors import IllegalStep
from hotline.models import Call, Recording, Requester, Ticket
from hotline.models.phone_words import GENERAL, CallState, Desk
from hotline.models.words import Source, State, Step
from hotline.telephone import pairing
from hotline.telephone.call_flow import Why
from hotline.telephone.desks import desk_of_caller
from hotline.telephone.line_settings import why_nobody_answers
from hotline.telephone.pairing import assign as assign
from hotline.telephone.pairing import lock_call
from hotline.tickets.demand import Demand
from hotline.tickets.flagging import flag_of
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, put, take_step
from hotline.tickets.phone_number import carrier_number
from hotline.tickets.receive import intake_data, new_ticket, next_ticket_no
from hotline.tickets.repeats import known_as_vulnerable

BEFORE_TALK = (CallState.RINGING, CallState.QUEUED, CallState.OFFERING)
OVER = (CallState.DONE, CallState.ABANDONED)
FINAL = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})
"""Twilio's statuses of a call that is over."""
TITLES: Mapping[Source, str] = {Source.VOICEMAIL: "语音留言，待回拨", Source.PHONE: "来电未接通，待回拨"}


def arrive(call_id: str) -> Call:
    """The call, locked; made at whatever is heard of it first."""
    moment = clock.now()
    fresh = insert(Call).values(call_id=call_id, state=CallState.RINGING, queue=GENERAL, agent_leg="",
                                started_at=moment, since=moment, missed_by={})  # fmt: skip
    session().execute(fresh.on_conflict_do_nothing())
    call = lock_call(call_id)
    assert call is not None
    return call


def enqueue(call: Call, number: str, queue: str) -> Why | None:
    """Let the caller wait for an agent; or why nobody will come, and then a message is to be left."""
    if call.state is not CallState.RINGING:
        return None
    why = why_nobody_answers(clock.now())
    if why is not None:
        leave_word(call, number)
        return why
    begin_draft(call, number)
    call.priority = turn_of(call.ticket_no or 0)
    call.queue = desk_of_caller(number) if queue == GENERAL else queue
    call.state, call.since = CallState.QUEUED, clock.now()
    session().flush()
    assign()
    note_topic("queue")
    return None


def turn_of(ticket_no: int) -> int:
    """0 for a number known as vulnerable, 2 for one marked as disturbing, which is answered after the others."""
    if known_as_vulnerable(ticket_no):
        return 0
    return 2 if flag_of(session().get_one(Requester, ticket_no).phone_hash) else 1


def leave_word(call: Call, number: str) -> None:
    """The caller is asked for a message: the ticket is there before the beep."""
    if call.state not in BEFORE_TALK:
        return
    _free_the_seat(call, CallState.VOICEMAIL)
    _to_call_back(call, number, Source.VOICEMAIL)


def begin_draft(call: Call, number: str) -> None:
    """The draft ticket of a call, once."""
    if call.ticket_no is not None:
        return
    demand = Demand(Source.PHONE, text="", title="来电", calling=carrier_number(number) or "",
                    occurred_at=call.started_at)  # fmt: skip
    ticket = new_ticket(next_ticket_no(), demand)
    take_step(ticket, Step.BEGIN_DRAFT, SYSTEM, Detail(data=intake_data(ticket)))
    call.ticket_no = ticket.ticket_no


def enter_room(call: Call) -> bool:
    """The caller is to meet the agent. False when the agent has gone meanwhile and another is sought."""
    if call.state is CallState.TALKING and call.bridged_at is None:
        call.bridged_at = clock.now()
    return call.state not in pairing.WAITING


def pass_on(call: Call, desk: Desk) -> None:
    """The caller waits for a special desk now, the draft with its words goes along; the agent writes it down."""
    seat = pairing.seat_on(call)
    if call.state is not CallState.TALKING or call.bridged_at is None or seat is None:
        raise IllegalStep("通话已经结束。")
    pairing.begin_wrap_up(seat)
    pairing.end_leg(call, call.agent_leg)
    pairing.end_leg(call, call.call_id, then="bridge")
    call.queue, call.passed_on_at, call.bridged_at = desk.value, clock.now(), None
    pairing.back_to_queue(call)
    note_topic("queue")


def agent_gone(call: Call) -> None:
    """The agent's leg ended: before the caller came, the call is offered again; later, the talk is over."""
    if call.state is not CallState.TALKING:
        return
    if call.bridged_at is not None:
        end_talk(call)
        pairing.end_leg(call, call.call_id, then="after")
        return
    if seat := pairing.seat_on(call):
        pairing.settle(seat, clock.now())
    pairing.back_to_queue(call)


def end_talk(call: Call) -> None:
    """The two are parted; the agent writes it down."""
    if call.state is not CallState.TALKING:
        return
    call.state, call.ended_at = CallState.DONE, clock.now()
    if call.bridged_at is None:
        pairing.end_leg(call, call.agent_leg)
    if seat := pairing.seat_on(call):
        pairing.begin_wrap_up(seat)


def agent_leg_ended(call: Call, staff_id: int, leg: str) -> None:
    """The leg to an agent's phone is over. Words of an earlier, given up leg change nothing."""
    if staff_id != call.agent_id or leg != (call.agent_leg or leg):
        return
    if call.state is CallState.OFFERING:
        pairing.miss(call)
    else:
        agent_gone(call)


def hung_up(call: Call, number: str) -> None:
    """The caller's leg ended: given up while waiting, or simply over. A greeting cut short asks nothing."""
    if call.state in OVER:
        return
    state = CallState.DONE
    if call.state is CallState.TALKING:
        end_talk(call)
    elif call.state is CallState.VOICEMAIL:
        _to_call_back(call, number, Source.VOICEMAIL)
    else:
        state = CallState.ABANDONED
        if call.state in pairing.WAITING:
            _free_the_seat(call, state)
            _to_call_back(call, number, Source.PHONE)
    call.state, call.ended_at = state, clock.now()


def unheard_of(call_id: str) -> bool:
    """We know nothing of this call: it went by while the desk was down."""
    return session().get(Call, call_id) is None


def keep_grade(call: Call, grade: int | None) -> None:
    """How the call was served, by a key; the first one counts, silence is no grade."""
    if call.score is None:
        call.score = grade


def recorded(call: Call, recording_id: str, kind: str, told: Mapping[str, str]) -> None:
    """A recording is reported: fetch it, or say that there is none."""
    if call.state is CallState.RINGING:
        call.state = CallState.VOICEMAIL  # spoken to the fallback document, while the desk was down
    there, seconds = told.get("RecordingStatus") == "completed", told.get("RecordingDuration", "")
    fresh = insert(Recording).values(
        recording_id=recording_id, call_id=call.call_id, ticket_no=call.ticket_no, kind=kind,
        state="waiting" if there else "missing", seconds=int(seconds) if seconds.isdigit() else 0,
        storage_key="", made_at=clock.now(),
    )  # fmt: skip
    made = session().execute(fresh.on_conflict_do_nothing().returning(Recording.recording_id)).first()
    if made and there:
        put("fetch_recording", call.ticket_no, {"recording": recording_id}, at=clock.now())


def recordings_of(ticket_no: int) -> Sequence[Recording]:
    """The recordings and messages of a ticket; `state` waiting, kept or missing."""
    query = select(Recording).join(Call, Call.call_id == Recording.call_id).where(Call.ticket_no == ticket_no)
    return session().execute(query.order_by(Recording.made_at)).scalars().all()


def _free_the_seat(call: Call, state: CallState) -> None:
    """Stop the ringing, then take the call out of the queue so that no other seat rings."""
    seat = pairing.seat_on(call) if call.state is CallState.OFFERING else None
    if seat and call.agent_leg:
        pairing.end_leg(call, call.agent_leg)
    call.state = state
    if seat:
        pairing.settle(seat, clock.now())
        assign()
    note_topic("queue")


def _to_call_back(call: Call, number: str, source: Source) -> None:
    begin_draft(call, number)
    ticket = lock(session().get_one(Ticket, call.ticket_no))
    if ticket.state is State.DRAFT:
        ticket.source, ticket.title = source, TITLES[source]
        take_step(ticket, Step.LEAVE_WORD, SYSTEM, Detail(data={"source": source.value}))
