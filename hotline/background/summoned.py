"""Tells the unit that is interviewed or named in a notice, and its screens."""

from typing import Any

from sqlalchemy import select

from hotline.background.telling import keep_message
from hotline.database import note_topic, session
from hotline.models import Department, JournalEntry, OutboxRow, Summons
from hotline.tickets.find import by_number
from hotline.tickets.respondent import accuses


def tell_summoned(row: OutboxRow, _: Any) -> None:
    """A message to the unit's duty phone; none about a complaint of the unit itself."""
    ticket = by_number(row.ticket_no)
    taken = (JournalEntry.ticket_no == ticket.ticket_no, JournalEntry.seq == row.ref["seq"])
    data = session().execute(select(JournalEntry.data).where(*taken)).scalar_one()
    unit = session().get_one(Department, session().get_one(Summons, data["summons"]).department_id)
    if not accuses(ticket, (unit.id,)):
        note_topic(f"department:{unit.id}")
        keep_message(ticket, "department_summoned", row.ref["seq"], unit=unit)
