"""Not accepted (不予受理): a reason of the list, words and route told to the citizen, and one objection to it."""

from sqlalchemy import select

from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import JournalEntry, Ticket
from hotline.models.words import ClosingReason, LegalRoute, RefusalReason, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import CONTESTED, acting, actor_of, is_contested
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.merge import release_followers
from hotline.tickets.rulebook import setting
from hotline.tickets.supplement import hear

MIN_WORDS = 5
SCRIPT = "script_"
"""The setting with the words told for a reason is this and the reason's code."""
ONCE = "该工单已提出过异议，处理结果以最后的答复为准。"


def refuse(ticket: Ticket, person: Person, words: str, code: str, route: str = "") -> None:
    """不予受理. Without words of the dispatcher the city's script of the reason is told; a legal route names
    itself (Weifang 2021 art.19; domain.md §5.3)."""
    actor = acting(person, Step.REFUSE, lock(ticket))
    if code not in set(RefusalReason):
        raise BadInput(reason_code="请从列表中选择不予受理的理由。")
    if route not in {"", *LegalRoute} or (code == RefusalReason.LEGAL_ROUTE and not route):
        raise BadInput(route="请选择应走的法定途径，诉求人须被告知。")
    told = words.strip() or setting(SCRIPT + code)
    if len(told) < MIN_WORDS:
        raise BadInput(reason="请写明不予受理的理由和应走的途径。")
    data = {"reason": without_identity(ticket.ticket_no, told), "reason_code": code, "route": route}
    evidence = {"table": "ticket", "id": ticket.ticket_no, "by": actor.kind}
    ending = Detail(ending=ClosingReason.NOT_ACCEPTED, data={**data, "evidence": evidence})
    take_step(ticket, Step.REFUSE, actor, ending)
    release_followers(ticket)


def contest(ticket: Ticket, who: Person | Actor, words: str) -> None:
    """对不予受理有异议, once (default): back to dispatch, where another person than the refuser decides."""
    ticket = lock(ticket)
    actor = actor_of(who, Step.CONTEST_REFUSAL, ticket)
    if is_contested(ticket):
        raise IllegalStep(ONCE)
    refuser = _refuser(ticket.ticket_no)
    data = hear(ticket, words, "异议")
    ticket.tags = [*ticket.tags, f"{CONTESTED}{refuser}"]
    take_step(ticket, Step.CONTEST_REFUSAL, actor, Detail(data={**data, "refused_by": refuser}))


def may_contest(ticket: Ticket) -> bool:
    """Whether the requester's side may still object."""
    return ticket.state is State.NOT_ACCEPTED and not is_contested(ticket)


def _refuser(ticket_no: int) -> int | None:
    query = select(JournalEntry.actor_id).where(
        JournalEntry.ticket_no == ticket_no, JournalEntry.to_state == State.NOT_ACCEPTED
    )
    return session().execute(query.order_by(JournalEntry.seq).limit(1)).scalar()
