"""Copies (抄送): what goes straight to a street or town is read by its district too (domain.md §5.3, dispatch rule)."""

from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.database import session
from hotline.models import Department, Ticket, TicketCopy
from hotline.tickets.respondent import accuses

DISTRICT, STREET = 3, 4


def copy_upwards(ticket: Ticket, units: Collection[int]) -> None:
    """Copy the ticket to the district of each street or town among these units, unless it has a share itself or is
    complained of."""
    for unit in units:
        district = _district_of(session().get_one(Department, unit))
        if district is None or district in units or accuses(ticket, (district,)):
            continue
        row = {"ticket_no": ticket.ticket_no, "department_id": district, "copied_at": clock.now()}
        session().execute(insert(TicketCopy).values(row).on_conflict_do_nothing())


def _district_of(unit: Department) -> int | None:
    """The district above a street or town, None for a unit of another level."""
    if unit.level != STREET or unit.parent_id is None:
        return None
    above = session().get_one(Department, unit.parent_id)
    return above.id if above.level == DISTRICT else None
