"""What the desk does by telephone on a random walk: calls about missing facts, words with emergency lines."""

from hotline.models import Ticket
from hotline.models.emergency_words import AgreedOwner, Party
from hotline.people.accounts import Person
from hotline.tickets import emergency, missing_facts
from tests.hotline.walk_registry import WORDS, nth, staff_act


@staff_act
def miss_call(found: Ticket, who: Person, n: int) -> None:
    """补充联系未接通."""
    missing_facts.miss_call(found, who, nth((WORDS, WORDS, ""), n))


@staff_act
def note_result(found: Ticket, who: Person, _: int) -> None:
    """记录紧急热线结果."""
    emergency.note_result(found, who, WORDS)


@staff_act
def come_back(found: Ticket, who: Person, _: int) -> None:
    """紧急热线退回."""
    emergency.take_back(found, who, WORDS)


@staff_act
def three_way(found: Ticket, who: Person, n: int) -> None:
    """三方通话, now and then with a time that is none."""
    span = ("10:01", nth(("10:09", "10:09", "later"), n))
    form = emergency.CallForm(dict.fromkeys(Party, span), nth((*AgreedOwner, "nobody"), n), WORDS)
    emergency.record_call(found, who, form)
