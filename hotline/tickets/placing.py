"""Where a demand is: the area and the spot of the city's gazetteer that its words name; a person may put it right."""

from classifier.normalise import normalise
from hotline import clock
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.alarming import hear_danger
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.rulebook import rules
from routing.case import Case, MatterGuess
from routing.choose import find_place
from routing.places import Place


def case_of(ticket: Ticket, guesses: tuple[MatterGuess, ...]) -> Case:
    """The ticket as routing asks for it."""
    moment = clock.in_city(ticket.received_at)
    return Case(
        text=ticket.text,
        place=ticket.place,
        request_type=ticket.request_type.value,
        guesses=guesses,
        on=moment.date(),
        at=moment.time(),
    )


def told_place(ticket: Ticket) -> Place | None:
    """The place that decides which rows of the duty list fit."""
    return find_place(case_of(ticket, ()), rules().gazetteer)


def place_ticket(ticket: Ticket, area_otherwise: str) -> None:
    """Note area and spot; words that name no place leave the area as it is said to be otherwise."""
    place = told_place(ticket)
    ticket.area_code = place.area if place else area_otherwise
    ticket.place_name = place.name if place and place.is_spot else ""


def correct_place(ticket: Ticket, person: Person, words: str) -> None:
    """更正地点: the ticket is about another place than was typed or read; before its dispatch it is read anew."""
    ticket = lock(ticket)
    actor = acting(person, Step.AMEND, ticket)
    former, told = ticket.place, without_identity(ticket.ticket_no, normalise(words))
    if not told or told == former:
        raise BadInput(place="请写明正确的地点。")
    ticket.place = told
    ticket.content_version += 1
    hear_danger(ticket, words)
    place_ticket(ticket, "")
    note = f"地点由“{former or '未填'}”更正为“{told}”"
    take_step(ticket, Step.AMEND, actor, Detail(data={"note": note, "content_version": ticket.content_version}))
