"""The bad review of a follower (并单差评) is acknowledged by a supervisor, and no longer stands open."""

from sqlalchemy import select

from hotline.database import note_topic, session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Review, Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step

MIN_WORDS = 5


def acknowledge_review(ticket: Ticket, person: Person, words: str) -> None:
    """阅处: who, when and the words stand in the journal; the review itself stays as it was given."""
    actor = acting(person, Step.ACKNOWLEDGE_REVIEW, lock(ticket))
    review = bad_review(ticket)
    if review is None:
        raise IllegalStep("该件没有待阅处的并单差评。")
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明对差评的处置，如已联系诉求人、已转主办单位。")
    ticket.unhappy_follower = False
    data = {"review": review.id, "note": without_identity(ticket.ticket_no, words)}
    take_step(ticket, Step.ACKNOWLEDGE_REVIEW, actor, Detail(data=data))
    note_topic("dispatch")


def bad_review(ticket: Ticket) -> Review | None:
    """The newest review of a follower whose bad review nobody acknowledged."""
    if not ticket.unhappy_follower:
        return None
    query = select(Review).where(Review.ticket_no == ticket.ticket_no).order_by(Review.id.desc()).limit(1)
    return session().execute(query).scalar_one_or_none()
