"""Reopening (重新受理): a closed case is taken up again, once, by new facts, within the city's number of days
(domain.md §5.2, `closed`).

A person dispatches it anew. Rounds of rehandling and rectification are counted from nothing again; the journal row
keeps what they were and how the case had ended.
"""

from datetime import timedelta

from hotline import clock
from hotline.errors import IllegalStep
from hotline.models import Ticket
from hotline.models.words import State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import actor_of
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.rulebook import setting
from hotline.tickets.supplement import hear

FACTS = "新情况"
ONCE = "该工单已重新受理过一次，请作为新的诉求反映。"
TOO_LATE = "该工单结案已超过可重新受理的天数，请作为新的诉求反映。"


def reopen(ticket: Ticket, who: Person | Actor, words: str) -> None:
    """Take a closed case up again; the new facts stand apart from what was said before, and are heard for danger."""
    ticket = lock(ticket)
    actor = actor_of(who, Step.REOPEN, ticket)
    refused = why_not(ticket)
    if refused:
        raise IllegalStep(refused)
    data = {
        "ended_as": ticket.closing_reason, "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "rehandles": ticket.rehandles, "rectify_rounds": ticket.rectify_rounds, **hear(ticket, words, FACTS),
    }  # fmt: skip
    ticket.reopens, ticket.rehandles, ticket.rectify_rounds = ticket.reopens + 1, 0, 0
    take_step(ticket, Step.REOPEN, actor, Detail(data=data))
    ticket.department_id = None  # only now: the journal row belongs to the department whose case it was


def why_not(ticket: Ticket) -> str:
    """Why a case can't be reopened; empty when it can."""
    if ticket.state is not State.CLOSED or ticket.closed_at is None:
        return IllegalStep.sentence
    if ticket.reopens:
        return ONCE
    last = ticket.closed_at + timedelta(days=setting("reopen_days"))
    return TOO_LATE if last <= clock.now() else ""
