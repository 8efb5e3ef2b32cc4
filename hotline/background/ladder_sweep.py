"""Looks for limits that were not kept: to sign, and those with a rung of the ladder to take; each ticket in a
transaction of its own."""

from collections.abc import Callable

import structlog

from hotline.database import note_topic, transaction
from hotline.errors import DeskError
from hotline.models import Ticket
from hotline.tickets import escalating
from hotline.tickets.find import by_number
from hotline.tickets.rulebook import setting

log = structlog.get_logger()
AT_ONCE = 200
"""Tickets a run looks at, for other periodic work waits meanwhile."""


def ladder_sweep() -> None:
    """What was due a run that died did not reach is due still; in the mode `list` nothing is written."""
    with transaction():
        unsigned = escalating.tickets_unsigned(AT_ONCE)
        climbing = escalating.tickets_to_climb(AT_ONCE) if setting("ladder_mode") == "act" else []
    each(unsigned, _unsigned)
    each(climbing, escalating.climb)


def each(numbers: list[int], verb: Callable[[Ticket], None]) -> None:
    """One transaction a ticket; one that refuses keeps no other back."""
    for ticket_no in numbers:
        try:
            with transaction():
                verb(by_number(ticket_no))
        except DeskError as problem:
            log.warning("not_pressed", ticket=ticket_no, problem=problem.sentence)


def _unsigned(ticket: Ticket) -> None:
    escalating.at_sign_limit(ticket)
    note_topic("dispatch")
