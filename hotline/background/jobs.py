"""Every follow-up by name: what `reactions.FOLLOWS` and the doors put into the outbox is handled here.

A handler takes ids, reloads, and checks that its work is still to do: a row may come twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hotline.background import (
    duty_trials,
    handed_in,
    invited,
    learning,
    partner_post,
    phone_jobs,
    photos,
    reading,
    relieved,
    summoned,
    telling,
)
from hotline.channels import police_reports
from hotline.models import OutboxRow
from hotline.tickets import rate, reckon
from hotline.tickets.find import by_number


@dataclass(frozen=True)
class InnerJob:
    """Work on our own tables: `prepare` once a batch (nothing written), `apply` each row in its savepoint; `last`, when
    all are applied, what locks rows that several tickets share, in the order of `order`."""

    apply: Callable[[OutboxRow, Any], None]
    prepare: Callable[[Sequence[OutboxRow]], Any] = lambda _: None
    last: Callable[[OutboxRow], None] | None = None
    order: Callable[[OutboxRow], Any] = lambda _: 0


@dataclass(frozen=True)
class OuterJob:
    """A call to others: `prepare` reads what to send (None: nothing any more), `call` runs with no transaction
    open and may be repeated, `record` keeps the answer; `longest` when it may take longer than a claim lasts."""

    prepare: Callable[[OutboxRow], Any]
    call: Callable[[Any], Any]
    record: Callable[[OutboxRow, Any], None]
    give_up: Callable[[OutboxRow], None] = lambda _: None
    longest: timedelta | None = None


def invite_review(row: OutboxRow, _: Any) -> None:
    """Invite the requester, and put the message with the link on its way."""
    invitation = rate.invite(by_number(row.ticket_no))
    if invitation is not None:
        telling.tell_invitation(invitation)


def reckon_again(row: OutboxRow, _: Any) -> None:
    """Reckon provisional due dates on the calendar that has come."""
    reckon.reckon_again(by_number(row.ticket_no))


INNER: Mapping[str, InnerJob] = {
    "classify": InnerJob(reading.apply_reading, reading.read_batch, reading.join_group, reading.spot_of),
    "tell_department": InnerJob(telling.tell_department),
    "tell_requester": InnerJob(telling.tell_requester),
    "invite_review": InnerJob(invite_review),
    "reckon_again": InnerJob(reckon_again),
    "report_to_police": InnerJob(police_reports.report_to_police),
    "push_to_police": InnerJob(police_reports.push_to_police),
    "tell_invited": InnerJob(invited.tell_invited),
    "tell_summoned": InnerJob(summoned.tell_summoned),
    "tell_helped": InnerJob(handed_in.tell_helped),
    "tell_relieved": InnerJob(relieved.tell_relieved),
    "tell_of_group": InnerJob(telling.tell_of_group),
    "clean_photo": InnerJob(photos.clean_photo),
}

OUTER: Mapping[str, OuterJob] = {
    "send_message": OuterJob(telling.message_to_send, telling.send, telling.record_sent),
    "offer_call": OuterJob(phone_jobs.offer, phone_jobs.ring, phone_jobs.record_offer),
    "bridge_call": OuterJob(phone_jobs.to_bridge, phone_jobs.move_leg, phone_jobs.record_bridge),
    "end_call": OuterJob(phone_jobs.to_end, phone_jobs.move_leg, phone_jobs.record_end),
    "train_model": OuterJob(learning.prepare, learning.train, learning.record, longest=learning.LONGEST),
    "fetch_recording": OuterJob(phone_jobs.to_fetch, phone_jobs.fetch, phone_jobs.record_fetched),
    "send_to_partner": OuterJob(
        partner_post.pack, partner_post.deliver, partner_post.record_confirmed, partner_post.give_up
    ),
    "try_duty_list": OuterJob(
        duty_trials.prepare, duty_trials.try_all, duty_trials.record, duty_trials.give_up, duty_trials.LONGEST
    ),
}
