"""Splitting (拆单): one of several demands in a text becomes a ticket of its own, by the same person and as protected."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import BigInteger, select

from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import JournalEntry, Requester, Ticket
from hotline.models.words import State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.demand import Demand, Envelope
from hotline.tickets.find import by_number, shown_number
from hotline.tickets.identity import open_requester
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, take_step
from hotline.tickets.receive import receive_demand
from hotline.tickets.respondent import name_respondent

PLATFORM = "split"
MIN_CHARACTERS = 5


def split_off(ticket: Ticket, person: Person, words: str) -> int:
    """Make a ticket of these words, once, and note it on both; this one keeps all that was said, and its photos."""
    ticket = lock(ticket)
    actor = acting(person, Step.AMEND, ticket)
    if ticket.state is not State.TO_DISPATCH:
        raise IllegalStep()
    if sum(1 for one in words if one.isalnum()) < MIN_CHARACTERS:
        raise BadInput(words="请写明另立的是哪件事，至少5个字。")
    key = f"{ticket.ticket_no} {sha256(words.encode()).hexdigest()}"
    receipt = receive_demand(demand_of(ticket, words), Envelope(PLATFORM, key, words.encode()), SYSTEM)
    if receipt.repeated:
        raise BadInput(words=f"这件事已另立工单{shown_number(receipt.ticket_no)}，不必再立。")
    name_respondent(by_number(receipt.ticket_no), actor, ticket.respondent_department_id)
    take_step(ticket, Step.AMEND, actor, Detail(data={"split_to": receipt.ticket_no}))
    return receipt.ticket_no


def already_split(ticket_no: int, demands: Sequence[str]) -> Mapping[str, int]:
    """Which of a ticket's demands are tickets of their own, and their numbers: the words of one are the other's, or
    part of them, for the dispatcher may have put them otherwise."""
    others = select(JournalEntry.data["split_to"].astext.cast(BigInteger)).where(JournalEntry.ticket_no == ticket_no)
    query = select(Ticket.ticket_no, Ticket.text).where(Ticket.ticket_no.in_(others))
    found = session().execute(query).all() if demands else []
    return {words: no for words in demands for no, text in found if words in text or text in words}


def demand_of(ticket: Ticket, words: str) -> Demand:
    """These words as said by the ticket's requester at its place."""
    requester = session().get_one(Requester, ticket.ticket_no)
    who = open_requester(requester)
    return Demand(
        ticket.source, words, who.place or ticket.place, who.name, who.phone, who.calling,
        confidentiality=ticket.confidentiality, named=requester.named, kind=requester.kind, company=who.company,
        credit_code=who.credit_code, labels=tuple(requester.labels), is_test=ticket.is_test,
        told={"split_from": ticket.ticket_no},
    )  # fmt: skip
