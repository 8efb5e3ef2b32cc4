"""Un-merge (撤销并单): a ticket that is another matter after all leaves its master and goes its own way again."""

from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.merge import count_tellers, leave

MIN_WORDS = 5


def unmerge(ticket: Ticket, person: Person, reason: str) -> None:
    """Back to dispatch under its own number, with its own requester and reviews; both journals name the other.

    The master may have ended meanwhile: it keeps its state and its answer (domain.md §5.3, §18, I14).
    """
    master = session().get_one(Ticket, ticket.master_no)
    for one in sorted((ticket, master), key=lambda one: one.ticket_no):
        lock(one)
    actor = acting(person, Step.UNMERGE, ticket)
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(reason="请写明为何不是同一事项。")
    words = without_identity(ticket.ticket_no, reason)
    leave(ticket)
    take_step(ticket, Step.UNMERGE, actor, Detail(data={"unmerged_from": master.ticket_no, "reason": words}))
    take_step(master, Step.LET_GO, actor, Detail(data={"unmerged": ticket.ticket_no}))
    count_tellers(master)
