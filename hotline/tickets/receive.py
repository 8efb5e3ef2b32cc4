"""Receiving: any channel's demand becomes one ticket, however often its message comes."""

import hashlib
import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from classifier.normalise import mask, normalise
from hotline import clock, sealing
from hotline.database import session
from hotline.errors import Conflict
from hotline.models import TICKET_SEQUENCE, InboxRow, Ticket, TicketAlias
from hotline.models.requester_words import RequesterKind
from hotline.models.words import Confidentiality, RequestType, Step, UrgencyGrade
from hotline.tickets import enterprise
from hotline.tickets.anonymous import nameless
from hotline.tickets.demand import Demand, Envelope, Receipt
from hotline.tickets.identity import keys, seal_requester
from hotline.tickets.lifecycle import REQUESTER, Actor, Detail, take_step
from hotline.tickets.phone_number import carrier_number
from hotline.tickets.rulebook import setting
from routing.request_type import request_type_of
from routing.sensitive import ALARM, CONFIDENTIAL, Tier, sensitive_in
from routing.urgency import urgency_of

PRIORITY = {
    UrgencyGrade.EMERGENCY: 0,
    UrgencyGrade.CRITICAL: 1,
    UrgencyGrade.URGENT: 2,
    UrgencyGrade.NORMAL: 3,
}
ROOM_ABOVE = PRIORITY[UrgencyGrade.URGENT]
"""From this priority on somebody vulnerable goes before others of the same grade; danger to life waits for nobody."""
ALARMING = (UrgencyGrade.EMERGENCY, UrgencyGrade.CRITICAL)
TITLE_LENGTH = 40
SENSITIVE = "sensitive:"
SURE_REPORT = 0.9
"""How sure a few words must tell of a report to make a ticket one (default)."""
"""Begins the tags of what a person must look at; the tier's code follows. Departments never see them: what the desk
thinks of a case could tell the accused who spoke."""


def receive_demand(demand: Demand, envelope: Envelope, actor: Actor = REQUESTER) -> Receipt:
    """One ticket for one message: the same key and body again gets the same answer, another body `Conflict`.

    The ticket enters at `to_dispatch` (spine.md, (b)); words of danger raise the alarm with it.
    """
    ticket_no = next_ticket_no()
    receipt = Receipt(ticket_no, sealing.query_code(keys().ring, ticket_no))
    earlier = remember(envelope, receipt)
    if earlier is not None:
        return repeated(earlier, envelope)
    ticket = new_ticket(ticket_no, demand)
    data = {**demand.told, **intake_data(ticket)}
    take_step(ticket, Step.RECEIVE, actor, Detail(occurred_at=demand.occurred_at, data=data))
    return receipt


def next_ticket_no() -> int:
    """Day in Asia/Shanghai × 10⁸ + a sequence that is never reset."""
    number: int = session().execute(TICKET_SEQUENCE.next_value().select()).scalar_one()
    return int(clock.city_day(clock.now()).strftime("%Y%m%d")) * 10**8 + number


def remember(envelope: Envelope, receipt: Receipt) -> InboxRow | None:
    """Put a message into the inbox; the earlier row when it was there already."""
    answer = {"ticket_no": str(receipt.ticket_no)}
    fresh = insert(InboxRow).values(
        platform=envelope.platform,
        key=envelope.key,
        body_hash=envelope.body_hash,
        answer=answer,
        ticket_no=receipt.ticket_no,
        received_at=clock.now(),
    )
    if session().execute(fresh.on_conflict_do_nothing().returning(InboxRow.key)).first():
        return None
    return (
        session()
        .execute(select(InboxRow).where(InboxRow.platform == envelope.platform, InboxRow.key == envelope.key))
        .scalar_one()
    )


def repeated(earlier: InboxRow, envelope: Envelope) -> Receipt:
    """The answer of the first time, or `Conflict` when the content is another."""
    if earlier.body_hash != envelope.body_hash:
        raise Conflict()
    return Receipt(earlier.ticket_no, sealing.query_code(keys().ring, earlier.ticket_no), repeated=True)


def new_ticket(ticket_no: int, demand: Demand) -> Ticket:
    """The ticket and its requester, added to the session; the caller takes the first step."""
    demand = nameless(demand)
    words = readable(demand)
    grade = UrgencyGrade(urgency_of(demand.text, demand.title, demand.place).grade)
    kind = demand.request_type or read_type(demand)
    protected = kind is RequestType.REPORT and demand.confidentiality is Confidentiality.OPEN
    ticket = Ticket(
        ticket_no=ticket_no,
        master_no=ticket_no,
        source=demand.source,
        is_test=demand.is_test or is_test_call(demand),
        request_type=kind,
        urgency=grade,
        priority=priority_of(grade, bool(demand.labels)),
        confidentiality=Confidentiality.REPORT_PROTECTED if protected else demand.confidentiality,
        has_contact=bool(demand.phone or demand.calling),
        alarm_open=grade in ALARMING,
        steps=0,
        round=0,
        tags=[*demand.tags, *enterprise_tag(demand)],
        received_at=demand.occurred_at or clock.now(),
        **words,
    )
    mark_sensitive(ticket, demand.text, demand.title, demand.place)
    session().add(ticket)
    session().add(seal_requester(ticket_no, demand))
    if demand.upstream:
        platform, number = demand.upstream.platform, demand.upstream.number
        alias = TicketAlias(platform=platform, number=number, ticket_no=ticket_no, given_at=clock.now())
        session().add(alias)
    return ticket


def enterprise_tag(demand: Demand) -> list[str]:
    """Marks a ticket of an enterprise."""
    return [enterprise.TAG] if demand.kind == RequesterKind.ENTERPRISE else []


def is_test_call(demand: Demand) -> bool:
    """Whether somebody tries the line out."""
    return bool({demand.phone, demand.calling} & test_numbers())


def test_numbers() -> frozenset[str]:
    """The numbers the city tests its line with: what comes from them never enters a rate (domain.md §18, I20)."""
    return frozenset(filter(None, map(carrier_number, re.split(r"[,，;；\s]+", setting("test_numbers")))))


def priority_of(grade: UrgencyGrade, vulnerable: bool) -> int:
    """The place of a grade in the lists, one further ahead for somebody vulnerable."""
    rank = PRIORITY[grade]
    return rank - 1 if vulnerable and rank >= ROOM_ABOVE else rank


def goes_first(ticket: Ticket) -> bool:
    """Whether it stands before others of its grade."""
    return ticket.priority < PRIORITY[ticket.urgency]


def grade_ticket(ticket: Ticket, grade: UrgencyGrade) -> None:
    """Set the urgency; who goes before others goes on doing so."""
    ticket.urgency, ticket.priority = grade, priority_of(grade, goes_first(ticket))


def mark_sensitive(ticket: Ticket, text: str, *beside: str) -> None:
    """Tag what needs a person, alarm for what cannot wait, protect who tells of officials (domain.md §13).

    An emergency is tagged wherever it was heard: once its alarm is answered the machine still dispatches nothing.
    """
    heard = [*sensitive_in(text), *(one for words in beside if words for one in sensitive_in(words, listed=True))]
    mark_tiers(ticket, [one.tier for one in heard])
    if ticket.urgency is UrgencyGrade.EMERGENCY:
        ticket.tags = list(dict.fromkeys([*ticket.tags, SENSITIVE + "emergency"]))


def mark_tiers(ticket: Ticket, tiers: Sequence[Tier]) -> None:
    """Tag these tiers and do what each asks for."""
    ticket.tags = list(dict.fromkeys([*ticket.tags, *(SENSITIVE + tier.code for tier in tiers)]))
    actions = {tier.action for tier in tiers}
    ticket.alarm_open = ticket.alarm_open or ALARM in actions
    if CONFIDENTIAL in actions and ticket.confidentiality is Confidentiality.OPEN:
        ticket.confidentiality = Confidentiality.REPORT_PROTECTED


def readable(demand: Demand) -> dict[str, str]:
    """The copies that lists, search, journal and classifier use: numbers and names are marks in them."""
    names = tuple(filter(None, (demand.name, demand.company)))
    text, place = mask(normalise(demand.text), names), mask(normalise(demand.place), names)
    return {"text": text, "place": place, "title": mask(demand.title, names) or first_words(text)}


def first_words(text: str) -> str:
    """A title from the first sentence."""
    sentence = re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0]
    return sentence if len(sentence) <= TITLE_LENGTH else sentence[: TITLE_LENGTH - 1] + "…"


def read_type(demand: Demand) -> RequestType:
    """The type a demand shows; a title that tells of a report makes it one."""
    return RequestType.REPORT if surely_report(demand.title) else guess_type(demand.text)


def heed_report(ticket: Ticket, words: str) -> None:
    """Words added before the first dispatch that tell of a report make it one, and protect who told."""
    if not ticket.round and surely_report(words):
        ticket.request_type = RequestType.REPORT
        if ticket.confidentiality is Confidentiality.OPEN:
            ticket.confidentiality = Confidentiality.REPORT_PROTECTED


def guess_type(text: str) -> RequestType:
    """The request type as the text shows it (default; the dispatcher may change it)."""
    return RequestType(request_type_of(text).kind)


def surely_report(words: str) -> bool:
    """Whether a title, or words told later, tell of a report: so few words must leave little doubt."""
    read = request_type_of(words)
    return RequestType(read.kind) is RequestType.REPORT and read.probability >= SURE_REPORT


def intake_data(ticket: Ticket) -> dict[str, object]:
    """What the journal keeps of an intake; the text's hash shows later that nothing was altered."""
    return {
        "source": ticket.source.value,
        "type": ticket.request_type.value,
        "test": ticket.is_test,
        "urgency": ticket.urgency.value,
        "alarm": ticket.alarm_open,
        "text_sha256": hashlib.sha256(ticket.text.encode()).hexdigest(),
    }
