"""The journal as its reader may have it: what the hotline wrote for itself about a protected requester stays there."""

from hotline.models import Ticket
from hotline.models.words import Confidentiality, Step
from hotline.people.accounts import Person
from hotline.tickets.dispatch import BARRED
from hotline.web.shown import JournalLine, is_hotline, journal_of

OF_THE_HOTLINE = frozenset({
    Step.REGISTER, Step.ASK_SUPPLEMENT, Step.MISS_SUPPLEMENT, Step.GIVE_UP, Step.REFUSE, Step.WITHDRAW, Step.UNMERGE,
    Step.NOTE_RESULT, Step.COME_BACK, Step.THREE_WAY, Step.AMEND, Step.ANSWER_ALARM, Step.SET_RESPONDENT,
    Step.SET_CONFIDENTIALITY, Step.DISPATCH,
})  # fmt: skip
"""Their words tell how the requester was known, or why they are afraid; no unit works by them."""


def journal_for(ticket: Ticket, person: Person) -> list[JournalLine]:
    """The timeline; of a case that is not open a unit reads those steps without their words (domain.md §18, I6), and
    never the rule that wanted a person to look: what the desk thinks of a case could tell the accused who spoke."""
    if is_hotline(person):
        return journal_of(ticket.ticket_no)
    kept_back = frozenset() if ticket.confidentiality is Confidentiality.OPEN else OF_THE_HOTLINE
    return journal_of(ticket.ticket_no, lambda one: one.step in kept_back or one.data.get("decision") == BARRED)
