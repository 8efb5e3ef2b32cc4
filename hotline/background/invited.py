"""Tells the units invited to a consultation meeting, and their screens."""

from typing import Any

from hotline.background.telling import keep_message
from hotline.database import note_topic, session
from hotline.models import Department, OutboxRow
from hotline.tickets.consulting import invited_to, meeting_of
from hotline.tickets.find import by_number


def tell_invited(row: OutboxRow, _: Any) -> None:
    """A message to the duty phone of each invited unit; none when the meeting is over."""
    ticket = by_number(row.ticket_no)
    meeting = meeting_of(ticket)
    for invited in invited_to(meeting) if meeting else []:
        note_topic(f"department:{invited.department_id}")
        unit = session().get_one(Department, invited.department_id)
        keep_message(ticket, "department_meeting", invited.id, unit=unit)
