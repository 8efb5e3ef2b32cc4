"""Where a demand is: the area and the spot of the city's gazetteer that its words name."""

from hotline.models import Ticket
from hotline.tickets.rulebook import rules


def place_ticket(ticket: Ticket, area_otherwise: str) -> None:
    """Note area and spot; words that name no place leave the area as it is said to be otherwise."""
    place = rules().gazetteer.find(f"{ticket.place} {ticket.text}")
    ticket.area_code = place.area if place else area_otherwise
    ticket.place_name = place.name if place and place.is_spot else ""
