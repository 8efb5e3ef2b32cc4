"""Every follow-up by name: what `reactions.FOLLOWS` and the doors put into the outbox is handled here.

A handler takes ids, reloads, and checks that its work is still to do: a row may come twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hotline.background import reading, telling
from hotline.models import OutboxRow
from hotline.tickets import rate
from hotline.tickets.find import by_number


@dataclass(frozen=True)
class InnerJob:
    """Work on our own tables: `prepare` once a batch (nothing written), `apply` each row in its savepoint."""

    apply: Callable[[OutboxRow, Any], None]
    prepare: Callable[[Sequence[OutboxRow]], Any] = lambda _: None


@dataclass(frozen=True)
class OuterJob:
    """A call to others: `prepare` reads what to send (None: nothing any more), `call` runs with no transaction
    open and may be repeated, `record` keeps the answer."""

    prepare: Callable[[OutboxRow], Any]
    call: Callable[[Any], Any]
    record: Callable[[OutboxRow, Any], None]


def invite_review(row: OutboxRow, _: Any) -> None:
    """Invite the requester, and put the message with the link on its way."""
    invitation = rate.invite(by_number(row.ticket_no))
    if invitation is not None:
        telling.tell_invitation(invitation)


INNER: Mapping[str, InnerJob] = {
    "classify": InnerJob(reading.apply_reading, reading.read_batch),
    "tell_department": InnerJob(telling.tell_department),
    "tell_requester": InnerJob(telling.tell_requester),
    "invite_review": InnerJob(invite_review),
}

OUTER: Mapping[str, OuterJob] = {
    "send_message": OuterJob(telling.message_to_send, telling.send, telling.record_sent),
}
