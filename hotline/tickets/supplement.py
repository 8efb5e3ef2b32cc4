"""Supplement (补充): what is said later is added to the first words, and heard for danger like them."""

from typing import Any

from classifier.normalise import normalise
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Requester, Ticket
from hotline.models.words import RequestType, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import actor_of, stays_archived
from hotline.tickets.alarming import hear_danger
from hotline.tickets.identity import add_words, without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.receive import guess_type, heed_report

MIN_CHARACTERS = 5


def supplement(ticket: Ticket, who: Person | Actor, words: str) -> None:
    """Add words to an open demand; one that waited for them goes back to be dispatched."""
    ticket = lock(ticket)
    stays_archived(ticket)
    step = Step.SUPPLEMENT if ticket.state is State.TO_SUPPLEMENT else Step.AMEND
    take_step(ticket, step, actor_of(who, step, ticket), Detail(data=hear(ticket, words)))


def hear(ticket: Ticket, words: str, kind: str = "补充") -> dict[str, Any]:
    """Put words of `kind` beside the first ones, sealed and masked; what the journal keeps of them.

    Urgency may only rise, and words of danger raise the alarm again (domain.md §18, I8). Raises `BadInput`.
    """
    if sum(1 for one in words if one.isalnum()) < MIN_CHARACTERS:
        raise BadInput(words=f"请写明{kind}的内容，至少5个字。")
    add_words(session().get_one(Requester, ticket.ticket_no), words.strip(), kind)
    ticket.text += f"\n{kind}：" + without_identity(ticket.ticket_no, normalise(words))
    ticket.content_version += 1
    if ticket.request_type is RequestType.INVALID:
        ticket.request_type = guess_type(ticket.text)
    heed_report(ticket, words)
    grade = hear_danger(ticket, words)
    return {"content_version": ticket.content_version, "urgency": grade.value}
