"""Merge (并单): the same matter told again follows its master; nobody's number, words or review is lost."""

from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import OPEN, ClosingReason, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.lifecycle import Detail, lock, take_step

NO_MASTER = "主单须是另一张在办的工单，请核对工单号。"


def merge(ticket: Ticket, person: Person, master_no: int) -> None:
    """Put a ticket under its master, which keeps its own state and limits; both journals name the other.

    The requester is told and asked to review with the master (domain.md §5.3, §18, I14). A master that was
    merged itself leads on to its own; one that has ended is refused, for its answer is no news.
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
    ticket.master_no = master.ticket_no
    evidence = {"table": "ticket", "id": master.ticket_no}
    data = {"master": master.ticket_no, "evidence": evidence}
    take_step(ticket, Step.MERGE, actor, Detail(ending=ClosingReason.MERGED, data=data))
    take_step(master, Step.AMEND, actor, Detail(data={"merged": ticket.ticket_no}))
