"""Where a demand is: the area and the spot of the city's gazetteer that its words name."""

from hotline import clock
from hotline.models import Ticket
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
