"""Finds the earlier tickets a ticket is like, when its text is read: nearby within days, nearly the same words or the
same matter.

Bounded for every ticket: the newest few of each spot around, found by an index on the spot's name.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, union_all

from classifier.similar import NEARLY_THE_SAME, likeness
from hotline import clock
from hotline.database import session
from hotline.models import Likeness, Ticket
from hotline.models.words import State
from hotline.tickets.rulebook import rules

SPOTS, OF_A_SPOT, KEPT = 12, 60, 10
"""Spots looked at, newest tickets of each, and likenesses kept of a ticket."""
NO_DEMANDS = (State.DRAFT, State.WITHDRAWN)


def note_likeness(ticket: Ticket) -> None:
    """Keep whom the ticket is like and why, instead of what was found before."""
    session().execute(delete(Likeness).where(Likeness.later_no == ticket.ticket_no))
    if not ticket.place_name:
        return
    metres = rules().gazetteer.near(ticket.place_name, ticket.area_code, rules().settings["alike_metres"])
    found = [compared(ticket, one, metres[one.place_name]) for one in candidates(ticket, list(metres)[:SPOTS])]
    alike = [one for one in found if one.same_matter or one.score >= NEARLY_THE_SAME]
    session().add_all(sorted(alike, key=lambda one: (one.score, one.same_matter), reverse=True)[:KEPT])
    session().flush()


def candidates(ticket: Ticket, spots: Sequence[str]) -> Sequence[Ticket]:
    """The newest earlier tickets of these spots within the city's number of days; of spots of one name those of the
    same district."""
    first = clock.city_day(ticket.received_at - timedelta(days=rules().settings["alike_days"]))
    newest = [
        select(Ticket.ticket_no).where(
            Ticket.place_name == spot, Ticket.ticket_no >= int(f"{first:%Y%m%d}") * 10**8,
            Ticket.ticket_no < ticket.ticket_no,
        ).order_by(Ticket.ticket_no.desc()).limit(OF_A_SPOT)
        for spot in spots
    ]  # fmt: skip
    query = select(Ticket).where(Ticket.ticket_no.in_(union_all(*newest)), Ticket.state.not_in(NO_DEMANDS))
    found = session().execute(query.order_by(Ticket.ticket_no.desc())).scalars()
    return [one for one in found if one.place_name != ticket.place_name or same_district(one, ticket)]


def compared(ticket: Ticket, earlier: Ticket, metres: int) -> Likeness:
    """Two tickets beside each other."""
    return Likeness(
        later_no=ticket.ticket_no, earlier_no=earlier.ticket_no, metres=metres, found_at=clock.now(),
        score=round(likeness(ticket.text, earlier.text), 4),
        same_matter=bool(ticket.matter_code) and ticket.matter_code == earlier.matter_code,
    )  # fmt: skip


def same_district(one: Ticket, other: Ticket) -> bool:
    """Whether nothing speaks against both being in one district."""
    return not one.area_code or not other.area_code or one.area_code[:6] == other.area_code[:6]
