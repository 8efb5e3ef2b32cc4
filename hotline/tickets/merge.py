"""Merge (并单): the same matter told again follows its master; nobody's number, words or review is lost."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Invitation, Requester, Ticket
from hotline.models.words import OPEN, ClosingReason, Confidentiality, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import OPEN_MATTERS
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, put, take_step

SEALED = "保密、匿名或受保护的诉求只能与同一人的诉求并单。"
NO_MASTER = "主单须是另一张在办的工单，请核对工单号。"


def merge(ticket: Ticket, person: Person, master_no: int) -> None:
    """Put a ticket under its master, which keeps its own state and limits; both journals name the other.

    The requester is told, now and of the answer (domain.md §5.3, §18, I14). A master that was merged itself leads
    on to its own, and takes the ticket's followers too; one that has ended is refused, for its answer is no news.
    """
    master = session().get(Ticket, master_no)
    if master is not None and master.state is State.MERGED:
        master = session().get(Ticket, master.master_no)
    if master is None or master.ticket_no == ticket.ticket_no:
        raise BadInput(master_no=NO_MASTER)
    for one in sorted((ticket, master), key=lambda one: one.ticket_no):
        lock(one)
    if master.state not in OPEN - {State.DRAFT}:
        raise BadInput(master_no=NO_MASTER)
    actor = acting(person, Step.MERGE, ticket)
    behind = followers(ticket)
    _same_person_where_sealed((ticket, master, *behind))
    for one in (ticket, *behind):
        one.master_no = master.ticket_no
    evidence = {"table": "ticket", "id": master.ticket_no}
    data = {"master": master.ticket_no, "evidence": evidence}
    take_step(ticket, Step.MERGE, actor, Detail(ending=ClosingReason.MERGED, data=data))
    moved = {"merged": ticket.ticket_no, "followers": [one.ticket_no for one in behind]}
    take_step(master, Step.AMEND, actor, Detail(data=moved))
    count_tellers(master)


def count_tellers(master: Ticket) -> None:
    """Count the people who told what this ticket and its followers say, each number once."""
    session().flush()
    numbers = [master.ticket_no, *(one.ticket_no for one in followers(master))]
    told = select(func.count(Requester.phone_hash.distinct()) + func.count().filter(Requester.phone_hash.is_(None)))
    master.told_by = session().execute(told.where(Requester.ticket_no.in_(numbers))).scalar_one()


def leave(ticket: Ticket) -> None:
    """A follower is its own master again; what it was asked about the other's answer is asked no more."""
    ticket.master_no, ticket.unhappy_follower, ticket.told_by = ticket.ticket_no, False, 1
    unused = update(Invitation).where(Invitation.ticket_no == ticket.ticket_no, Invitation.used_at.is_(None))
    session().execute(unused.where(Invitation.expires_at > clock.now()).values(expires_at=clock.now()))


def _same_person_where_sealed(tickets: Sequence[Ticket]) -> None:
    """A confidential, anonymous or protected case is merged with the same person's only (domain.md §18, I6, I14)."""
    if all(one.confidentiality is Confidentiality.OPEN for one in tickets):
        return
    query = select(Requester.phone_hash).where(Requester.ticket_no.in_([one.ticket_no for one in tickets]))
    people = set(session().execute(query).scalars())
    if None in people or len(people) > 1:
        raise BadInput(master_no=SEALED)


def followers(master: Ticket) -> list[Ticket]:
    """The tickets merged into this one."""
    query = select(Ticket).where(
        Ticket.master_no == master.ticket_no, Ticket.ticket_no != master.ticket_no, Ticket.state == State.MERGED
    )
    return list(session().execute(query.order_by(Ticket.ticket_no)).scalars())


def release_followers(master: Ticket) -> None:
    """The master ended without a result: what followed it is to be dispatched again."""
    for one in followers(master):
        leave(lock(one))
        data = {"master": master.ticket_no, "reason": "主单未办理即结束"}
        take_step(one, Step.UNMERGE, SYSTEM, Detail(data=data))


def tell_followers(master: Ticket) -> None:
    """Tell who followed that there is an answer, and ask each for a review of their own; an answer to a protected
    requester is nobody else's to read."""
    if master.confidentiality not in OPEN_MATTERS:
        return
    told = {"step": Step.MERGE.value, "template": "merged_replied", "seq": master.steps}
    for one in followers(master):
        if one.has_contact:
            put("tell_requester", one.ticket_no, told, at=clock.now())
        put("invite_review", one.ticket_no, {"master": master.ticket_no, "seq": master.steps}, at=clock.now())
