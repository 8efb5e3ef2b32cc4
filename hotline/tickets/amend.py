"""Amending: another platform says more about a ticket it gave us, or about one we gave it."""

from collections.abc import Mapping

from classifier.normalise import mask, normalise
from hotline.database import session
from hotline.errors import IllegalStep
from hotline.models import JournalEntry, Requester, Ticket
from hotline.models.words import Confidentiality, Role, Step
from hotline.tickets.alarming import hear_danger
from hotline.tickets.anonymous import unnamed
from hotline.tickets.demand import Demand
from hotline.tickets.identity import add_words, file_ring, open_requester, phone_hash, without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, may_take, take_step
from hotline.tickets.receive import heed_report

PARTNER = Actor("partner", Role.PARTNER)
TOO_LATE = "该诉求的工单已结束，补充内容请作为新的诉求推送。"


def amend_demand(ticket: Ticket, demand: Demand) -> JournalEntry:
    """The words are added to what was said before; urgency and confidentiality may only rise.

    Raises `IllegalStep` for a ticket that has ended: nobody would read it there.
    """
    ticket = lock(ticket)
    if not may_take(ticket, Step.AMEND, Role.PARTNER):
        raise IllegalStep(TOO_LATE)
    _add_to_requester(ticket, demand)
    words = mask(normalise(demand.text), filter(None, [demand.name]))
    ticket.text += "\n补充：" + without_identity(ticket.ticket_no, words)
    ticket.content_version += 1
    if demand.confidentiality is not Confidentiality.OPEN and ticket.confidentiality is Confidentiality.OPEN:
        ticket.confidentiality = demand.confidentiality
    heed_report(ticket, demand.text)
    grade = hear_danger(ticket, demand.text)
    data = {"content_version": ticket.content_version, "urgency": grade.value}
    return take_step(ticket, Step.AMEND, PARTNER, Detail(data=data))


def note_words(ticket: Ticket, words: Mapping[str, str]) -> JournalEntry:
    """Keep in the journal what another platform tells us, numbers and the requester's name as marks."""
    told = {name: without_identity(ticket.ticket_no, text) for name, text in words.items()}
    return take_step(ticket, Step.AMEND, PARTNER, Detail(data=told))


def _add_to_requester(ticket: Ticket, demand: Demand) -> None:
    """Seal the words; another name or number than the first stays beside them, the first ones fill a gap."""
    requester = session().get_one(Requester, ticket.ticket_no)
    if ticket.confidentiality is Confidentiality.ANONYMOUS:
        add_words(requester, unnamed(demand.text, filter(None, [demand.name])))
        return
    who, ring = open_requester(requester), file_ring(requester)
    others = {demand.name, demand.phone, demand.calling} - {who.name, who.phone, who.calling, ""}
    add_words(requester, demand.text + "".join(f"（{one}）" for one in sorted(others)))
    if demand.name and not who.name:
        requester.name_sealed = ring.seal(demand.name)
    if demand.phone and not who.phone:
        requester.phone_sealed, requester.phone_hash = ring.seal(demand.phone), phone_hash(demand.phone)
        ticket.has_contact = True
