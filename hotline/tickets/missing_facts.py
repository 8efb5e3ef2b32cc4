"""Missing facts (待补充): the requester is called about them; each try is counted, and giving up waits for enough."""

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import JournalEntry, Ticket
from hotline.models.words import ClockKind, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.deadlines import running_clocks
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.rulebook import setting

MIN_WORDS = 5
ASKED = (Step.ASK_SUPPLEMENT, Step.LEAVE_WORD)


def miss_call(ticket: Ticket, person: Person, note: str) -> None:
    """补充联系未接通: a try to reach the requester failed."""
    actor = acting(person, Step.MISS_SUPPLEMENT, lock(ticket))
    if len(note.strip()) < MIN_WORDS:
        raise BadInput(words="请写明怎样联系、为何没有联系上。")
    data = {"attempt": tries(ticket) + 1, "note": without_identity(ticket.ticket_no, note)}
    take_step(ticket, Step.MISS_SUPPLEMENT, actor, Detail(data=data))


def tries(ticket: Ticket) -> int:
    """How often the requester was not reached since the facts were asked for."""
    mine = JournalEntry.ticket_no == ticket.ticket_no
    asked = select(func.max(JournalEntry.seq)).where(mine, JournalEntry.step.in_(ASKED)).scalar_subquery()
    missed = select(func.count()).select_from(JournalEntry).where(
        mine, JournalEntry.step == Step.MISS_SUPPLEMENT, JournalEntry.seq > asked
    )
    return session().execute(missed).scalar_one()


def question_of(ticket: Ticket) -> str:
    """What was asked for last, "" where a voicemail has to be heard first."""
    query = select(JournalEntry.data["question"].astext).where(
        JournalEntry.ticket_no == ticket.ticket_no, JournalEntry.step.in_(ASKED)
    )
    return session().execute(query.order_by(JournalEntry.seq.desc()).limit(1)).scalar() or ""


def too_early(ticket: Ticket) -> str:
    """Why nobody may give up yet; "" after the city's number of tries or when the time for it is over."""
    if ticket.state is not State.TO_SUPPLEMENT:
        return ""
    done, wanted = tries(ticket), setting("supplement_tries")
    waiting = (one for one in running_clocks(ticket) if one.kind is ClockKind.SUPPLEMENT)
    if done >= wanted or any(one.due_at <= clock.now() for one in waiting):
        return ""
    return f"已联系{done}次，满{wanted}次未果或补充时限届满后，才能按补充无果结束。"
