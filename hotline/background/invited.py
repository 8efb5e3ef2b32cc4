"""Tells the units invited to a consultation meeting, and their screens, when it is called, moved or cancelled."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from hotline.background.telling import keep_message
from hotline.database import note_topic, session
from hotline.models import Consultation, Department, JournalEntry, OutboxRow
from hotline.models.words import Step
from hotline.tickets.consulting import invited_to
from hotline.tickets.find import by_number

TEMPLATES: Mapping[Step, str] = {
    Step.CALL_MEETING: "department_meeting",
    Step.MOVE_MEETING: "department_meeting_moved",
    Step.CANCEL_MEETING: "department_meeting_cancelled",
}


def tell_invited(row: OutboxRow, _: Any) -> None:
    """A message to the duty phone of each invited unit; none of a meeting that is over meanwhile."""
    ticket, step = by_number(row.ticket_no), Step(row.ref["step"])
    taken = (JournalEntry.ticket_no == ticket.ticket_no, JournalEntry.seq == row.ref["seq"])
    data = session().execute(select(JournalEntry.data).where(*taken)).scalar_one()
    meeting = session().get_one(Consultation, data["meeting"])
    if meeting.ruled_at or (meeting.cancelled_at and step is not Step.CANCEL_MEETING):
        return
    for invited in invited_to(meeting):
        note_topic(f"department:{invited.department_id}")
        unit = session().get_one(Department, invited.department_id)
        keep_message(ticket, TEMPLATES[step], f"{row.ref['seq']}-{invited.id}", unit=unit)
