"""What 110 hears of us: which step becomes which message, and each message built from what the desk knows.

A message is rows and ids until the moment it is sent; sent again it has the same body, so that 110 can tell.
Reason codes 1 feedback, 2 return, 3 revisit: domain.md §8.2.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.channels import police_110_messages as messages
from hotline.channels.partners import police_platforms
from hotline.channels.police_110_messages import Confirmation, Feedback, OurPush, Return, Revisit
from hotline.database import session
from hotline.errors import NotConfigured
from hotline.models import (
    Callback,
    CityProfile,
    Department,
    JournalEntry,
    OutboxRow,
    PartnerMessage,
    Requester,
    Staff,
    Ticket,
    TicketAlias,
)
from hotline.models.words import Confidentiality, Step
from hotline.tickets.find import by_number
from hotline.tickets.handle import latest_reply
from hotline.tickets.identity import file_ring, open_requester, without_identity
from hotline.tickets.lifecycle import put
from hotline.tickets.phone_number import shown_phone
from hotline.tickets.rulebook import rules

KINDS: Mapping[Step, str] = {
    Step.RECEIVE: "confirmation",
    Step.DISPATCH: "feedback",
    Step.REFUSE: "return",
    Step.GIVE_UP: "return",
    Step.TRANSFER_EMERGENCY: "return",
    Step.MERGE: "feedback",
    Step.ANSWER_DIRECTLY: "feedback",
    Step.PASS_CHECK: "feedback",
    Step.CALL_BACK: "revisit",
    Step.WITHDRAW: "feedback",
    Step.GRANT_TERMINATION: "feedback",
    Step.REOPEN: "feedback",
}
NOT_LINKED = "没有登记可用的110平台，请改用电话转办。"
OURS = "经核实属于警务事项，请贵平台处置。"


def report_to_police(row: OutboxRow, _: Any) -> None:
    """Tell every police platform that gave us this ticket what has happened to it."""
    step = Step(row.ref["step"])
    for platform, number in _police_numbers(row.ticket_no):
        _keep(row, platform, number, KINDS[step])


def push_to_police(row: OutboxRow, _: Any) -> None:
    """Hand a ticket of ours to 110; one that came from 110 goes back to it instead. 119 and 120 have no link.

    Raises `NotConfigured` when no platform is registered: a police matter must not vanish.
    """
    if _entry(row.ticket_no, row.ref["seq"]).data["line"] != "110":
        return
    came_from = _police_numbers(row.ticket_no)
    for platform, number in came_from:
        _keep(row, platform, number, "return")
    platforms = police_platforms()
    if not platforms:
        raise NotConfigured(NOT_LINKED)
    if not came_from:
        _keep(row, platforms[0].platform, "", "push")


def build(message: PartnerMessage) -> tuple[str, bytes]:
    """The path and the raw body of a message."""
    ticket = by_number(message.ticket_no)
    entry = _entry(message.ticket_no, message.data["seq"])
    path, written = BUILDERS[message.kind](message, ticket, entry)
    return path, messages.body_of(written)


Written = tuple[str, dict[str, str]]


def _confirmation(message: PartnerMessage, _: Ticket, entry: JournalEntry) -> Written:
    said = Confirmation(message.number, True, entry.recorded_at)
    return messages.THEIR_CONFIRMATIONS_PATH, messages.confirmation(said)


def _feedback(message: PartnerMessage, ticket: Ticket, entry: JournalEntry) -> Written:
    handling, outcome = _what_was_done(ticket, entry)
    unit = session().get(Department, entry.department_id or entry.actor_department_id or 0)
    staff = session().get(Staff, entry.actor_id or 0)
    said = Feedback(
        alarm_no=message.number,
        ticket_no=ticket.ticket_no,
        fed_back_at=entry.occurred_at,
        handling=handling,
        outcome=outcome,
        handler_no=staff.username if staff else "",
        handler=staff.name if staff else "系统",
        department_code=unit.code if unit else _centre_code(),
        department=unit.name if unit else _centre_name(),
    )
    return messages.THEIR_RESULTS_PATH, messages.feedback(said, message.created_at)


def _return(message: PartnerMessage, ticket: Ticket, entry: JournalEntry) -> Written:
    staff = session().get(Staff, entry.actor_id or 0)
    said = Return(
        alarm_no=message.number,
        ticket_no=ticket.ticket_no,
        handler=staff.name if staff else "系统",
        department=_centre_name(),
        opinion=entry.data.get("reason") or entry.data.get("note") or OURS,
        returned_at=entry.occurred_at,
    )
    return messages.THEIR_RESULTS_PATH, messages.returned(said, message.created_at)


def _revisit(message: PartnerMessage, ticket: Ticket, entry: JournalEntry) -> Written:
    row = session().get_one(Callback, entry.data["callback"])
    ring = file_ring(session().get_one(Requester, ticket.ticket_no))
    note = without_identity(ticket.ticket_no, ring.open(row.note_sealed)) if row.note_sealed else ""
    if row.satisfied is None or row.solved is None:
        raise ValueError("a connected callback has its answers")
    said = Revisit(
        alarm_no=message.number,
        ticket_no=ticket.ticket_no,
        revisited_at=row.tried_at,
        words="；".join(filter(None, [row.solved.label, note])),
        grade=row.satisfied,
    )
    return messages.THEIR_RESULTS_PATH, messages.revisited(said, message.created_at)


def _push(_: PartnerMessage, ticket: Ticket, entry: JournalEntry) -> Written:
    who = open_requester(session().get_one(Requester, ticket.ticket_no))
    said = OurPush(
        ticket_no=ticket.ticket_no,
        content=who.text,
        address=who.place,
        alarmed_at=ticket.received_at,
        receiving_code=_centre_code(),
        receiving_name=_centre_name(),
        serial=str(ticket.ticket_no),
        title=ticket.title,
        area_code=ticket.area_code or _city_code(),
        confidential=ticket.confidentiality is not Confidentiality.OPEN,
        caller_phone=shown_phone(who.calling or who.phone),
        phone_owner=who.name,
        contact_phone=shown_phone(who.phone or who.calling),
        case_class_code=ticket.matter_code,
        case_class_name=ticket.request_type.label,
        by_hand=entry.actor_kind == "staff",
    )
    return messages.THEIR_TRANSFERS_PATH, messages.our_push(said)


BUILDERS: Mapping[str, Callable[[PartnerMessage, Ticket, JournalEntry], Written]] = {
    "confirmation": _confirmation,
    "feedback": _feedback,
    "return": _return,
    "revisit": _revisit,
    "push": _push,
}


def _what_was_done(ticket: Ticket, entry: JournalEntry) -> tuple[str, str]:
    if entry.step is Step.DISPATCH:
        unit = session().get_one(Department, entry.department_id)
        return f"已派{unit.name}办理。", "办理中"
    if entry.step in (Step.WITHDRAW, Step.MERGE, Step.GRANT_TERMINATION, Step.REOPEN):
        return entry.step.label, entry.to_state.label
    reply = latest_reply(ticket.ticket_no)
    if reply is None:
        raise ValueError("a result has its reply")
    return reply.handling or entry.step.label, reply.public_reply


def _keep(row: OutboxRow, platform: str, number: str, kind: str) -> None:
    message = PartnerMessage(
        platform=platform,
        ticket_no=row.ticket_no,
        kind=kind,
        number=number,
        data={"seq": row.ref["seq"]},
        state="waiting",
        created_at=clock.now(),
    )
    session().add(message)
    session().flush()
    put("send_to_partner", row.ticket_no, {"message": message.id}, at=clock.now())


def _police_numbers(ticket_no: int | None) -> list[tuple[str, str]]:
    """The platforms that gave us the ticket, with their numbers for it."""
    platforms = [partner.platform for partner in police_platforms()]
    query = select(TicketAlias.platform, TicketAlias.number).where(
        TicketAlias.ticket_no == ticket_no, TicketAlias.platform.in_(platforms)
    )
    return [(platform, number) for platform, number in session().execute(query)]


def _entry(ticket_no: int | None, seq: int) -> JournalEntry:
    query = select(JournalEntry).where(JournalEntry.ticket_no == ticket_no, JournalEntry.seq == seq)
    return session().execute(query).scalar_one()


def _city_code() -> str:
    query = select(CityProfile.area_code).order_by(CityProfile.id.desc()).limit(1)
    return session().execute(query).scalar_one()


def _centre_code() -> str:
    return f"{_city_code()}12345"


def _centre_name() -> str:
    return f"{rules().city}12345热线"
