"""The extract (摘录): what companies and utilities read of a confidential ticket instead of its words.

The requester's own words never stand in a work sheet for property managers or companies (domain.md §12).
"""

from collections.abc import Collection

from hotline.errors import BadInput, IllegalStep
from hotline.models import Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.anonymous import unnamed
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.receive import first_words
from hotline.tickets.rulebook import rules
from hotline.tickets.unmasking import HIDING

MIN_WORDS = 10
MISSING = "保密件派给企业，须先撰写不含诉求人身份的摘录，企业只能看到摘录。"
NOT_YET = "（保密件，请联系热线索取摘录）"


def write_extract(ticket: Ticket, person: Person, words: str) -> None:
    """撰写摘录, before or after the ticket went to a company; whoever it names as speaking becomes a mark."""
    ticket = lock(ticket)
    actor = acting(person, Step.WRITE_EXTRACT, ticket)
    if ticket.confidentiality not in HIDING:
        raise IllegalStep("该工单不是保密件，不需要摘录。")
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(extract=f"请写明要办的事项，至少{MIN_WORDS}个字。")
    ticket.extract = without_identity(ticket.ticket_no, unnamed(words))
    take_step(ticket, Step.WRITE_EXTRACT, actor, Detail(data={}))


def reads_extract(ticket: Ticket, units: Collection[int]) -> bool:
    """Whether somebody of these units reads the extract alone."""
    return ticket.confidentiality in HIDING and not rules().companies.isdisjoint(units)


def extract_of(ticket: Ticket) -> str:
    """The extract, or the sentence that stands for it until somebody wrote one."""
    return ticket.extract or NOT_YET


def words_for(ticket: Ticket, units: Collection[int]) -> str:
    """The demand as these units may read it."""
    return extract_of(ticket) if reads_extract(ticket, units) else ticket.text


def title_for(ticket: Ticket, units: Collection[int]) -> str:
    """The title as these units may read it."""
    return first_words(extract_of(ticket)) if reads_extract(ticket, units) else ticket.title
