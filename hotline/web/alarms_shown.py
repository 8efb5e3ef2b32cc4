"""What the desks show of alarms: which wait for an answer, their words, and what can be answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_

from hotline import clock
from hotline.models import Ticket
from hotline.models.alarm_words import AlarmAnswer
from hotline.models.words import State
from hotline.tickets.alarming import alarm_due
from hotline.tickets.find import in_states, open_page
from hotline.web.desk_lists import Queue
from hotline.web.shown import Row, TimeLeft, options, row_of, sensitive_of, time_left
from routing.sensitive import ALARM, sensitive_in
from routing.urgency import urgency_of

TOP_ALARMS = 5
ALARMED = tuple(sorted(frozenset(State) - {State.DRAFT, State.TRANSFERRED, State.ARCHIVED}))
"""Where an open alarm still waits for us; a case at the emergency line is heard there."""
DESK_STATES = (State.TO_DISPATCH, State.TO_SUPPLEMENT, State.RETURN_PENDING, State.TO_CHECK)
"""Where the hotline itself is the one who must act."""


@dataclass(frozen=True)
class AlarmShown:
    """The words of danger, the emergency line they call for, until when to answer, and the answers there are."""

    words: tuple[str, ...]
    line: str | None
    left: TimeLeft | None
    answers: Sequence[tuple[str, str]]


def alarm_of(ticket: Ticket) -> AlarmShown | None:
    """The alarm nobody has answered yet; costs a statement while there is one."""
    if not ticket.alarm_open:
        return None
    danger, due = urgency_of(ticket.text, ticket.title, ticket.place), alarm_due(ticket)
    sensitive = [word for one in sensitive_in(ticket.text) if one.tier.action == ALARM for word in one.words]
    words = tuple(dict.fromkeys([*danger.words, *sensitive])) or tuple(sensitive_of(ticket))
    left = time_left(*due) if due else None
    return AlarmShown(words or (ticket.urgency.label,), danger.line, left, options(AlarmAnswer))


def alarmed() -> Queue:
    """The tickets whose alarm waits for an answer."""
    return in_states(ALARMED).where(Ticket.alarm_open)


def open_alarms() -> list[Row]:
    """The most pressing alarms, for the top of an agent's page."""
    return [row_of(ticket) for ticket in open_page(alarmed(), size=TOP_ALARMS).tickets]


def top_alarms() -> list[Row]:
    """Danger, and what the hotline itself is late with: on top of every tab of the dispatcher's."""
    late = Ticket.state.in_(DESK_STATES) & (Ticket.deadline <= clock.now())
    query = in_states(ALARMED).where(or_(Ticket.alarm_open, late))
    return [row_of(ticket) for ticket in open_page(query, size=TOP_ALARMS).tickets]
