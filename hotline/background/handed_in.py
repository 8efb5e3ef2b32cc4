"""Tells the unit that was helped that a helping unit handed its part in."""

from typing import Any

from sqlalchemy import select

from hotline.background.telling import keep_message
from hotline.database import note_topic, session
from hotline.models import Assignment, Department, JournalEntry, OutboxRow
from hotline.tickets.find import by_number
from hotline.tickets.respondent import accuses


def tell_helped(row: OutboxRow, _: Any) -> None:
    """A message to the duty phone of the unit that handed it down, else of the lead; none once it is relieved of it."""
    ticket = by_number(row.ticket_no)
    taken = (JournalEntry.ticket_no == ticket.ticket_no, JournalEntry.seq == row.ref["seq"])
    helper = select(Assignment.parent_id).join(JournalEntry, JournalEntry.assignment_id == Assignment.id)
    above = session().execute(helper.where(*taken)).scalar_one()
    number = session().get_one(Assignment, above).department_id if above else ticket.department_id
    if number is not None and not accuses(ticket, (number,)):
        note_topic(f"department:{number}")
        keep_message(ticket, "department_handed_in", row.ref["seq"], unit=session().get_one(Department, number))
