"""The door of 110: pushed alarms become tickets, and what 110 says about a ticket we pushed reaches it.

Every message goes through the inbox: sent again it gets the same answer and changes nothing. A push with
other words is an amendment of the same ticket (spine.md, "One inbox"; domain.md §8.2).
"""

from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from classifier.normalise import mask
from hotline.channels import police_110_messages as messages
from hotline.database import session
from hotline.errors import BadInput, Conflict, NotFound
from hotline.models import InboxRow, PartnerMessage, Ticket, TicketAlias
from hotline.models.words import Confidentiality, Source, Step
from hotline.tickets import find
from hotline.tickets.alarming import hear_danger
from hotline.tickets.amend import PARTNER, amend_demand, note_words
from hotline.tickets.demand import Demand, Envelope, Receipt, Upstream
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, may_take, take_step
from hotline.tickets.phone_number import read_phone
from hotline.tickets.receive import receive_demand, remember

ALIEN = "没有推送给贵平台的这张工单，或接警单编号与之不符。"
TAKEN = "该接警单编号是贵平台接收我方工单时给出的，请用退回或反馈报文。"


def receive_transfer(platform: str, raw: bytes) -> dict[str, str]:
    """A pushed alarm: one ticket, however often it comes. The answer is the confirmation.

    Raises `BadInput` for a message that is not as agreed, `IllegalStep` to amend a ticket that has ended.
    """
    push = messages.parse_push(raw)
    envelope = Envelope(platform, push.alarm_no, raw)
    try:
        receive_demand(demand_of(platform, push), envelope, PARTNER)
    except Conflict:
        envelope = _amend(platform, push, raw)
    except IntegrityError as problem:
        raise Conflict(TAKEN) from problem
    return _answer(envelope, push.alarm_no)


def receive_return(platform: str, raw: bytes) -> dict[str, str]:
    """110 gives back a ticket of ours: it goes to the dispatcher again, with 110's opinion."""
    returned = messages.parse_return(raw)
    ticket, envelope = _about(platform, returned, raw)
    if _first_time(envelope, ticket):
        hear_danger(lock(ticket), returned.opinion, "110退回")
        words = {"reason": returned.opinion, "department": returned.department, "platform": platform}
        if may_take(ticket, Step.COME_BACK, PARTNER.role):
            told = {name: without_identity(ticket.ticket_no, text) for name, text in words.items()}
            take_step(ticket, Step.COME_BACK, PARTNER, Detail(data=told, occurred_at=returned.returned_at))
        else:
            note_words(ticket, words)
    return _answer(envelope, returned.alarm_no)


def receive_feedback(platform: str, raw: bytes) -> dict[str, str]:
    """110 tells what it did about a ticket of ours: kept in its journal."""
    fed_back = messages.parse_feedback(raw)
    ticket, envelope = _about(platform, fed_back, raw)
    if _first_time(envelope, ticket):
        note = f"{fed_back.handling}{fed_back.outcome}"
        hear_danger(lock(ticket), note, "110反馈")
        note_words(ticket, {"note": note, "department": fed_back.department, "platform": platform})
    return _answer(envelope, fed_back.alarm_no)


def demand_of(platform: str, push: messages.Push) -> Demand:
    """The alarm as a demand; what tells where it was taken goes to the journal."""
    phone, other_numbers = numbers_of(push)
    names = (push.phone_owner,) if push.phone_owner else ()
    told = {
        "alarmed_at": push.alarmed_at.isoformat(),
        "by_hand": push.by_hand,
        "serial": push.serial,
        "receiving": mask(push.receiving_name, names),
        "jurisdiction": mask(push.jurisdiction_name, names),
        "case_class": mask(push.case_class_name, names),
    }
    return Demand(
        source=Source.POLICE110,
        text=push.content,
        place=push.address,
        name=push.phone_owner,
        phone=phone,
        calling=other_numbers,
        title=push.title,
        confidentiality=Confidentiality.CONFIDENTIAL if push.confidential else Confidentiality.OPEN,
        upstream=Upstream(platform, push.alarm_no),
        told=told,
    )


def numbers_of(push: messages.Push) -> tuple[str, str]:
    """The number to call, and the others; one that can't be read is kept as it came and refuses no alarm."""
    read, odd = [], []
    for written in filter(None, (push.contact_phone, push.caller_phone)):
        try:
            read.append(read_phone(written))
        except BadInput:
            odd.append(written)
    first, *rest = dict.fromkeys(read) or [""]
    return first, "、".join(dict.fromkeys([*rest, *odd]))


def _amend(platform: str, push: messages.Push, raw: bytes) -> Envelope:
    """The same alarm with other words, each of them once."""
    envelope = Envelope(platform, f"{push.alarm_no} {sha256(raw).hexdigest()}", raw)
    ticket = find.by_alias(platform, push.alarm_no)
    if ticket is None:
        raise Conflict()
    if _first_time(envelope, ticket):
        amend_demand(ticket, demand_of(platform, push))
    return envelope


def _about(platform: str, said: messages.Return | messages.Feedback, raw: bytes) -> tuple[Ticket, Envelope]:
    """The ticket of ours a message is about: one that was pushed to this very platform."""
    ticket = session().get(Ticket, said.ticket_no)
    pushed = select(PartnerMessage.id).where(
        PartnerMessage.ticket_no == said.ticket_no,
        PartnerMessage.platform == platform,
        PartnerMessage.kind == "push",
    )
    alias = session().get(TicketAlias, (platform, said.alarm_no))
    if ticket is None or session().execute(pushed.limit(1)).first() is None:
        raise NotFound(ALIEN)
    if alias is not None and alias.ticket_no != ticket.ticket_no:
        raise NotFound(ALIEN)
    kind = type(said).__name__.lower()
    return ticket, Envelope(platform, f"{kind} {said.ticket_no} {sha256(raw).hexdigest()}", raw)


def _first_time(envelope: Envelope, ticket: Ticket) -> bool:
    return remember(envelope, Receipt(ticket.ticket_no, "")) is None


def _answer(envelope: Envelope, alarm_no: str) -> dict[str, str]:
    """The confirmation, dated when the message first came: sent again it is answered alike."""
    came = session().get_one(InboxRow, (envelope.platform, envelope.key))
    return messages.confirmation(messages.Confirmation(alarm_no, True, came.received_at))
