"""Termination (终止): a department asks to end its work for a reason in law; the supervisor decides (domain.md §5.3,
"Termination while handling", L3 art.21).

A terminated case is no result: its limits stop unmet, and it goes to the requester's review like any other.
"""

from sqlalchemy import select

from hotline.database import session
from hotline.models import Asked, Ticket
from hotline.models.words import AskKind, Decision, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.handle import lead_share
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.merge import release_followers
from hotline.tickets.requesting import AskForm, ask, check_reasons, decided, pending


def ask_termination(ticket: Ticket, person: Person, form: AskForm) -> Asked:
    """申请终止; its clocks run on until it is granted."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_TERMINATION, ticket, share)
    check_reasons(form, "终止")
    asked = ask(AskKind.TERMINATION, share, person, form)
    take_step(ticket, Step.ASK_TERMINATION, actor, Detail(assignment=share, data={"asked": asked.id}))
    return asked


def decide_termination(ticket: Ticket, person: Person, *, grant: bool, note: str) -> None:
    """同意: the work ends, the requester reads why and is asked for a review, what followed goes its own way.
    驳回 changes nothing."""
    share = lead_share(lock(ticket))
    step = Step.GRANT_TERMINATION if grant else Step.REFUSE_TERMINATION
    actor = acting(person, step, ticket)
    asked = pending(ticket, AskKind.TERMINATION)
    decided(asked, person, grant=grant, note=note)
    data = {"asked": asked.id, "note": asked.decision_note}
    take_step(ticket, step, actor, Detail(assignment=share, data=data))
    if grant:
        release_followers(ticket)


def newest_termination(ticket_no: int) -> Asked | None:
    """The termination granted last."""
    query = select(Asked).where(
        Asked.ticket_no == ticket_no, Asked.kind == AskKind.TERMINATION, Asked.decision == Decision.GRANTED
    )
    return session().execute(query.order_by(Asked.id.desc()).limit(1)).scalar_one_or_none()
