"""Tells people what happened: a message row in the step's own transaction, sent later by the outside lane.

A message holds no identity; the number is read from the sealed row at the moment of sending.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from hotline import clock, sealing
from hotline.config import Config
from hotline.database import note_topic, session
from hotline.gateways.messages import MessageRefused, Messages, Receipt
from hotline.gateways.twilio_account import TwilioAccount
from hotline.gateways.twilio_messages import TwilioMessages
from hotline.models import (
    Clock,
    DemandGroup,
    Department,
    GroupMember,
    Invitation,
    JournalEntry,
    Message,
    OutboxRow,
    Requester,
    Ticket,
)
from hotline.models.words import ClockKind, Step, UrgencyGrade
from hotline.tickets.extract import title_for
from hotline.tickets.find import by_number, shown_number
from hotline.tickets.identity import file_ring, keys, open_requester
from hotline.tickets.lifecycle import put
from hotline.tickets.phone_number import read_phone
from hotline.tickets.respondent import accuses
from hotline.tickets.rulebook import rules, setting

REQUESTER_TEMPLATES: Mapping[Step, str] = {
    Step.RECEIVE: "ticket_received",
    Step.REGISTER: "ticket_received",
    Step.REFUSE: "not_accepted",
    Step.GIVE_UP: "not_accepted",
    Step.GRANT_EXTENSION: "extended",
    Step.PASS_CHECK: "replied",
    Step.MERGE: "merged",
    Step.MISS_CALLBACK: "callback_unreached",
    Step.LEAVE_WORD: "missed_call",
    Step.UNMERGE: "unmerged",
    Step.SUSPEND: "suspended",
    Step.GRANT_TERMINATION: "terminated",
    Step.REOPEN: "reopened",
    Step.ASK_SUPPLEMENT: "supplement_asked",
    Step.GRANT_EXEMPTION: "held_unreasonable",
}
DEPARTMENT_TEMPLATES: Mapping[Step, str] = {
    Step.DISPATCH: "department_ticket",
    Step.ADD_CO_UNIT: "department_ticket",
    Step.ACCEPT_RETURN: "department_return_accepted",
    Step.REJECT_RETURN: "department_return_rejected",
    Step.GRANT_EXTENSION: "department_extension_granted",
    Step.REFUSE_EXTENSION: "department_extension_refused",
    Step.FAIL_CHECK: "department_rehandle",
    Step.REHANDLE: "department_rehandle",
    Step.GIVE_BAD_REVIEW: "department_bad_review",
    Step.FAIL_RECTIFICATION: "department_bad_review",
    Step.URGE: "department_urged",
    Step.SUPERVISE: "department_supervised",
    Step.AMEND: "department_amended",
    Step.SUSPEND: "department_suspended",
    Step.REFUSE_SUSPENSION: "department_not_suspended",
    Step.RESUME: "department_resumed",
    Step.GRANT_TERMINATION: "department_terminated",
    Step.REFUSE_TERMINATION: "department_not_terminated",
    Step.CHANGE_TYPE: "department_changed",
    Step.REFUSE_CHANGE: "department_not_changed",
    Step.GRANT_EXEMPTION: "department_exempted",
    Step.REFUSE_EXEMPTION: "department_not_exempted",
    Step.HAND_DOWN: "department_ticket",
    Step.TAKE_BACK: "department_taken_back",
    Step.WITHDRAW: "department_withdrawn",
    Step.GRANT_SHARE_EXTENSION: "department_share_extension",
    Step.REFUSE_SHARE_EXTENSION: "department_share_extension",
}

NAMES_DUE = frozenset({Step.GRANT_EXTENSION, Step.DISPATCH, Step.ADD_CO_UNIT, Step.HAND_DOWN})
"""The steps whose messages name a date of their own."""
UNANSWERED, MANY_CALLERS = "alarm_unanswered", "group_of_many"
NO_NUMBER = "没有可用的号码"


@dataclass(frozen=True)
class Outgoing:
    """One message ready to go: the number in clear lives only here and in the carrier's request."""

    message_id: int
    to: str
    template: str
    params: Mapping[str, str]
    idempotency_key: str


def tell_requester(row: OutboxRow, _: Any) -> None:
    """A message to the requester about the step that put this row there."""
    ticket, step = by_number(row.ticket_no), Step(row.ref["step"])
    due = named_due(*step_told(row)) if step in NAMES_DUE else {}
    keep_message(ticket, row.ref.get("template") or REQUESTER_TEMPLATES[step], row.ref["seq"], params=due)


def tell_department(row: OutboxRow, _: Any) -> None:
    """A message to the duty phone of the department that holds the ticket, and a word to its screens."""
    ticket, step = by_number(row.ticket_no), Step(row.ref["step"])
    entry, sign_by = step_told(row)
    number = entry.department_id or ticket.department_id
    if number is None or accuses(ticket, (number,)):
        return
    unit = session().get_one(Department, number)
    note_topic(f"department:{unit.id}")
    urgent = step is Step.DISPATCH and ticket.urgency is not UrgencyGrade.NORMAL
    template = "department_urgent" if urgent else DEPARTMENT_TEMPLATES[step]
    keep_message(ticket, template, row.ref["seq"], unit=unit, params=named_due(entry, sign_by))


def step_told(row: OutboxRow) -> tuple[JournalEntry, datetime | None]:
    """The step a message is about, and until when the share it is about was to be signed."""
    sign = (Clock.assignment_id == JournalEntry.assignment_id) & (Clock.kind == ClockKind.SIGN)
    query = select(JournalEntry, Clock.due_at).outerjoin(Clock, sign)
    taken = query.where(JournalEntry.ticket_no == row.ticket_no, JournalEntry.seq == row.ref["seq"])
    entry, sign_by = session().execute(taken).one()
    return entry, sign_by


def named_due(entry: JournalEntry, sign_by: datetime | None) -> dict[str, str]:
    """The date a message names: the limit that was granted, or until when to sign; never the nearest other duty."""
    granted = entry.data.get("new_due_at") if entry.step is Step.GRANT_EXTENSION else None
    due = datetime.fromisoformat(granted) if granted else sign_by if entry.step in NAMES_DUE else None
    return {"due": clock.shown(due)} if due else {}


def tell_invitation(invitation: Invitation) -> None:
    """The review link, on its way to whoever can be reached."""
    ticket = by_number(invitation.ticket_no)
    if ticket.has_contact:
        keep_message(ticket, "review_invitation", invitation.id, params={"invitation": str(invitation.id)})


def tell_duty_officer(alarm: Clock) -> None:
    """A message to whoever is on duty about an alarm that nobody answered in time."""
    mark = f"{alarm.id}-{int(alarm.told_at.timestamp())}" if alarm.told_at else alarm.id
    alarm.told_at = clock.now()
    if setting("duty_officer"):
        due = {"due": clock.shown(alarm.due_at)}
        keep_message(by_number(alarm.ticket_no), UNANSWERED, mark, params=due)


def tell_of_group(row: OutboxRow, _: Any) -> None:
    """A message to whoever is on duty, once a group, that very many people tell the same (domain.md §13)."""
    group = session().get_one(DemandGroup, row.ref["group"])
    told = select(Message.id).join(GroupMember, GroupMember.member_no == Message.ticket_no)
    told = told.where(GroupMember.group_id == group.id, Message.template == MANY_CALLERS)
    if setting("duty_officer") and session().execute(told.limit(1)).first() is None:
        keep_message(by_number(row.ticket_no), MANY_CALLERS, group.id, params={"callers": str(group.callers)})


def keep_message(
    ticket: Ticket, template: str, mark: int | str, *,
    unit: Department | None = None, params: Mapping[str, str] | None = None,
) -> None:
    """A message row and its outbox row; the same mark again is the same message."""
    key = f"{ticket.ticket_no}-{template}-{mark}"
    message = Message(
        ticket_no=ticket.ticket_no, department_id=unit.id if unit else None, template=template,
        params=dict(params or {}), idempotency_key=key, state="waiting", created_at=clock.now(),
    )  # fmt: skip
    session().add(message)
    session().flush()
    put("send_message", ticket.ticket_no, {"message": message.id}, at=clock.now())


def message_to_send(row: OutboxRow) -> Outgoing | None:
    """The message with its number; None when it went out already or there is nobody to send it to."""
    message = session().get_one(Message, row.ref["message"])
    to = number_for(message)
    if message.state != "waiting" or not to:
        return None
    return Outgoing(message.id, to, message.template, message_params(message), message.idempotency_key)


def number_for(message: Message) -> str:
    """The duty phone, or the requester's number; none for a unit that was found to be the one complained of."""
    if message.template in (UNANSWERED, MANY_CALLERS):
        return duty_number()
    if message.department_id is not None:
        if accuses(by_number(message.ticket_no), (message.department_id,)):
            return ""
        return read_phone(session().get_one(Department, message.department_id).phone)
    requester = session().get_one(Requester, message.ticket_no)
    who = open_requester(requester)
    return who.phone or who.calling


def duty_number() -> str:
    """The duty officer's number: the one the city set, or the duty phone of the department it named."""
    named = setting("duty_officer")
    unit = rules().departments.get(named)
    return read_phone(session().get_one(Department, unit).phone if unit else named)


def message_params(message: Message) -> dict[str, str]:
    """What the template needs; the token of a review link is opened only here."""
    ticket = by_number(message.ticket_no)
    unit = session().get(Department, message.department_id or ticket.department_id or 0)
    title = title_for(ticket, {message.department_id} - {None})
    params = {
        "city": rules().city, "ticket_no": shown_number(ticket.ticket_no), "title": title,
        "query_code": sealing.query_code(keys().ring, ticket.ticket_no),
        "department": unit.short_name if unit else "", "due": message.params.get("due", clock.shown(ticket.deadline)),
        "callers": message.params.get("callers", ""),
    }  # fmt: skip
    if "invitation" in message.params:
        params["link"] = review_link(int(message.params["invitation"]))
    return params


def review_link(invitation_id: int) -> str:
    """The address a citizen opens to review."""
    config: Config = current_app.extensions["hotline-config"]
    invitation = session().get_one(Invitation, invitation_id)
    requester = session().get_one(Requester, invitation.ticket_no)
    token = file_ring(requester).open(invitation.token_sealed) if invitation.token_sealed else ""
    return f"{config.base_url}/r/{token}"


def send(outgoing: Outgoing) -> Receipt | MessageRefused:
    """Hand the message to the carrier; a refusal is an answer, any other failure is tried again."""
    try:
        return text_line().send(outgoing.to, outgoing.template, outgoing.params, outgoing.idempotency_key)
    except MessageRefused as refusal:
        return refusal


def text_line() -> Messages:
    """The way text messages go from this process. Raises `MessageRefused` where the city has none."""
    extensions = current_app.extensions
    if "hotline-messages" not in extensions:
        config: Config = extensions["hotline-config"]
        if not config.twilio_account:
            raise MessageRefused("尚未接通短信，请设置 HOTLINE_TWILIO_ACCOUNT。")
        extensions["hotline-messages"] = TwilioMessages(
            TwilioAccount(
                config.twilio_account, config.twilio_token.split(",")[0].strip(), config.twilio_number,
                api_base_url=config.twilio_api_url,
            ),
            f"{config.base_url}/twilio/message-status",
        )  # fmt: skip
    found: Messages = extensions["hotline-messages"]
    return found


def record_sent(row: OutboxRow, answer: Receipt | MessageRefused | None) -> None:
    """Keep the carrier's answer; a delivered invitation starts to count."""
    message = session().get_one(Message, row.ref["message"])
    if message.sent_at is not None:
        return
    message.sent_at = clock.now()
    if isinstance(answer, Receipt):
        message.carrier_ref = answer.message_id
        _note_delivery(message)
    if message.state == "waiting":  # else the carrier's report was quicker than its own answer
        message.state = "sent" if isinstance(answer, Receipt) else "refused"
        message.problem = "" if isinstance(answer, Receipt) else answer.sentence if answer else NO_NUMBER
    note_topic(f"ticket:{message.ticket_no}")


def _note_delivery(message: Message) -> None:
    if "invitation" in message.params and message.state != "lost":
        session().get_one(Invitation, int(message.params["invitation"])).delivered_at = clock.now()
