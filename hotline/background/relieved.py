"""Tells a helping unit that its part is over with the round or the case it helped with."""

from typing import Any

from hotline.background.telling import keep_message
from hotline.database import note_topic, session
from hotline.models import Assignment, Department, OutboxRow
from hotline.tickets.find import by_number
from hotline.tickets.lifecycle import open_assignments
from hotline.tickets.respondent import accuses


def tell_relieved(row: OutboxRow, _: Any) -> None:
    """A message to the unit's duty phone; none to one complained of, or that holds the ticket again meanwhile."""
    ticket, share = by_number(row.ticket_no), session().get_one(Assignment, row.ref["assignment"])
    again = any(one.department_id == share.department_id for one in open_assignments(ticket.ticket_no))
    if not again and not accuses(ticket, (share.department_id,)):
        note_topic(f"department:{share.department_id}")
        unit = session().get_one(Department, share.department_id)
        keep_message(ticket, "department_taken_back", f"share-{share.id}", unit=unit)
