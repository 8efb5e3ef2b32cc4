"""The hotline checks a result, and the work that begins once more."""

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Assignment, Ticket
from hotline.models.words import AssignmentState, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.merge import tell_followers
from hotline.tickets.requesting import MIN_WORDS
from hotline.tickets.rulebook import rules


def pass_check(ticket: Ticket, person: Person) -> None:
    """审核通过: the result goes on to the callback."""
    take_step(lock(ticket), Step.PASS_CHECK, acting(person, Step.PASS_CHECK, ticket))
    tell_followers(ticket)


def fail_check(ticket: Ticket, person: Person, reason: str) -> None:
    """审核不通过: the same department handles again in a new round (Jinan 2018 art.27)."""
    actor = acting(person, Step.FAIL_CHECK, lock(ticket))
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(reason="请写明审核不通过的原因。")
    if not may_rehandle(ticket):
        raise IllegalStep(f"该工单已重办{ticket.rehandles}轮，不再退回；请审核通过，由回访核实并告知最终结果。")
    words = without_identity(ticket.ticket_no, reason)
    share = next_round(ticket, AssignmentState.HANDLING, words)
    take_step(ticket, Step.FAIL_CHECK, actor, Detail(assignment=share, data={"reason": words}))


def may_rehandle(ticket: Ticket) -> bool:
    """Whether the work may begin once more; after the last round the answer is final (default; domain.md §5.3)."""
    limit: int = rules().settings["rehandle_rounds"]
    return ticket.rehandles < limit


def next_round(ticket: Ticket, state: AssignmentState, reason: str) -> Assignment:
    """A new round for the same department, still bound where a ruling bound it; the rehandlings are counted."""
    if ticket.department_id is None:
        raise IllegalStep()
    last = select(Assignment.by_ruling).where(
        Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round, Assignment.is_lead
    )
    bound = session().execute(last).scalar_one()
    ticket.round, ticket.rehandles = ticket.round + 1, ticket.rehandles + 1
    share = Assignment(
        ticket_no=ticket.ticket_no,
        round=ticket.round,
        department_id=ticket.department_id,
        is_lead=True,
        state=state,
        reason=reason,
        dispatched_at=clock.now(),
        signed_at=clock.now(),
        by_ruling=bound,
    )
    session().add(share)
    session().flush()
    return share
