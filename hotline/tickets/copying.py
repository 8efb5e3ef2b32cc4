"""Copies (抄送): what goes straight to a street or town is read by its district too (domain.md §5.3, dispatch rule)."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.database import session
from hotline.models import Department, Ticket, TicketCopy
from hotline.tickets.respondent import accuses

DISTRICT, STREET = 3, 4


def copy_upwards(ticket: Ticket, units: Collection[int], *, direct: bool = False) -> None:
    """Copy the ticket to the district of each street or town among these units, and with `direct` (直通车) to every
    level passed over, unless a unit has a share itself or is complained of."""
    for unit in units:
        for above in _above(session().get_one(Department, unit), direct):
            if above in units or accuses(ticket, (above,)):
                continue
            row = {"ticket_no": ticket.ticket_no, "department_id": above, "copied_at": clock.now()}
            session().execute(insert(TicketCopy).values(row).on_conflict_do_nothing())


def copied_to(ticket_no: int) -> Sequence[int]:
    """The units that only read a ticket."""
    query = select(TicketCopy.department_id).where(TicketCopy.ticket_no == ticket_no)
    return session().execute(query.order_by(TicketCopy.department_id)).scalars().all()


def _above(unit: Department, direct: bool) -> Iterator[int]:
    """The district above a street or town; with `direct` all units above but the city itself, which has none."""
    while unit.parent_id is not None:
        below, unit = unit, session().get_one(Department, unit.parent_id)
        if direct and unit.parent_id is not None:
            yield unit.id
        elif not direct:
            if below.level == STREET and unit.level == DISTRICT:
                yield unit.id
            return
