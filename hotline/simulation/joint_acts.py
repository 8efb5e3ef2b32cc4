"""The acts of several units on one ticket: those called in with their parts, and those invited to a meeting."""

# ruff: noqa: ARG001 - every verb of the table is called alike

from collections.abc import Callable
from datetime import datetime, timedelta

from hotline import clock
from hotline.models import Ticket
from hotline.models.words import AssignmentState, Role
from hotline.people.accounts import Person
from hotline.simulation.acts import REPLY, UNITS, WORDS, act, unit
from hotline.tickets import consulting, handle, sharing
from hotline.tickets.lifecycle import open_assignments

HELPS_FOR = timedelta(hours=30)


def helper(state: AssignmentState) -> Callable[[Ticket], int | None]:
    """Finds the first unit whose part is in this state."""
    return lambda ticket: next((one.department_id for one in handle.helping_shares(ticket) if one.state is state), None)


def silent_guest(ticket: Ticket) -> int | None:
    """The first unit invited to the ticket's meeting that has said nothing yet."""
    meeting = consulting.meeting_of(ticket)
    guests = consulting.invited_to(meeting) if meeting else []
    return next((one.department_id for one in guests if one.opinion_at is None), None)


@act(Role.DISPATCHER, 0.1, 0.5)
def call_in(ticket: Ticket, who: Person, n: int) -> None:
    """加派协办: the next unit that has no part yet."""
    _call_in(ticket, who, n)


@act(Role.DISPATCHER, 0.1, 0.5)
def call_in_briefly(ticket: Ticket, who: Person, n: int) -> None:
    """加派协办 with a limit of its own, some hours."""
    _call_in(ticket, who, n, clock.now() + HELPS_FOR)


def _call_in(ticket: Ticket, who: Person, n: int, until: datetime | None = None) -> None:
    present = {one.department_id for one in open_assignments(ticket.ticket_no)}
    chosen = next(one for one in map(unit, range(n, n + len(UNITS))) if one not in present)
    sharing.add_co_unit(ticket, who, sharing.ShareForm(chosen, WORDS, until))


@act(Role.HANDLER, 0.2, 3, unit=helper(AssignmentState.TO_SIGN))
def sign_part(ticket: Ticket, who: Person, n: int) -> None:
    """签收 of a part."""
    handle.sign(ticket, who)


@act(Role.HANDLER, 2, 12, unit=helper(AssignmentState.HANDLING))
def reply_part(ticket: Ticket, who: Person, n: int) -> None:
    """答复 of a part, to the lead."""
    handle.reply(ticket, who, REPLY)


@act(Role.DEPARTMENT_LEAD, 0.3, 3, unit=helper(AssignmentState.REPLIED))
def hand_in(ticket: Ticket, who: Person, n: int) -> None:
    """交回 of a part."""
    sharing.hand_in(ticket, who)


@act(Role.DEPARTMENT_LEAD, 0.5, 6)
def submit_without(ticket: Ticket, who: Person, n: int) -> None:
    """提交办结 while a part is missing."""
    handle.submit(ticket, who, WORDS)


@act(Role.HANDLER, 0.2, 0.6, unit=silent_guest)
def give_opinion(ticket: Ticket, who: Person, n: int) -> None:
    """会商意见 of an invited unit."""
    meeting = consulting.meeting_of(ticket)
    if meeting is not None:
        consulting.give_opinion(meeting, who, WORDS)
