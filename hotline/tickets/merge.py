"""Merge (并单): the same matter told again follows its master; nobody's number, words or review is lost."""

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import OPEN, ClosingReason, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import OPEN_MATTERS
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, put, take_step

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
    for one in (ticket, *behind):
        one.master_no = master.ticket_no
    evidence = {"table": "ticket", "id": master.ticket_no}
    data = {"master": master.ticket_no, "evidence": evidence}
    take_step(ticket, Step.MERGE, actor, Detail(ending=ClosingReason.MERGED, data=data))
    moved = {"merged": ticket.ticket_no, "followers": [one.ticket_no for one in behind]}
    take_step(master, Step.AMEND, actor, Detail(data=moved))


def followers(master: Ticket) -> list[Ticket]:
    """The tickets merged into this one."""
    query = select(Ticket).where(
        Ticket.master_no == master.ticket_no, Ticket.ticket_no != master.ticket_no, Ticket.state == State.MERGED
    )
    return list(session().execute(query.order_by(Ticket.ticket_no)).scalars())


def release_followers(master: Ticket) -> None:
    """The master ended without a result: what followed it is to be dispatched again."""
    for one in followers(master):
        lock(one).master_no = one.ticket_no
        data = {"master": master.ticket_no, "reason": "主单未办理即结束"}
        take_step(one, Step.UNMERGE, SYSTEM, Detail(data=data))


def tell_followers(master: Ticket) -> None:
    """Tell who followed that there is an answer; one to a protected requester is nobody else's to read."""
    if master.confidentiality not in OPEN_MATTERS:
        return
    told = {"step": Step.MERGE.value, "template": "merged_replied", "seq": master.steps}
    for one in followers(master):
        if one.has_contact:
            put("tell_requester", one.ticket_no, told, at=clock.now())
