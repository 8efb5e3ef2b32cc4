"""未诉先办: the hotline registers what nobody complained of yet, such as a report of the press or a patrol.

Counted apart: such a ticket enters no rate of what citizens say (domain.md §15.26; `supervision/sources.py`).
"""

from collections.abc import Mapping
from typing import Any

from hotline.errors import BadInput, Forbidden
from hotline.models.words import Role, Source
from hotline.people.accounts import Person
from hotline.tickets.demand import Demand, Envelope, Receipt
from hotline.tickets.lifecycle import SYSTEM, Actor
from hotline.tickets.receive import receive_demand

PLATFORM = "proactive"
MIN_WORDS = 5


def register_proactive(person: Person, text: str, place: str, form_key: str) -> Receipt:
    """One ticket for one form, however often it is sent; it has no requester, so nobody is called back or asked to
    review. Raises `BadInput`."""
    post = person.post_with(frozenset({Role.AGENT}))
    if post is None:
        raise Forbidden()
    return receive_proactive(text, place, form_key, Actor("staff", post.role, person.id, post.department_id))


def receive_proactive(
    text: str, place: str, form_key: str, actor: Actor = SYSTEM, told: Mapping[str, Any] | None = None
) -> Receipt:
    """The ticket itself; `told` says in the journal who found it when no agent did. Raises `BadInput`."""
    problems = {} if len(text) >= MIN_WORDS else {"content": "请写明发现了什么问题。"}
    if not place:
        problems["place"] = "请写明在哪里，没有诉求人可以再问。"
    if problems:
        raise BadInput(**problems)
    envelope = Envelope(PLATFORM, form_key, f"{text}\n{place}".encode())
    return receive_demand(Demand(Source.PROACTIVE, text, place, told=told or {}), envelope, actor)
