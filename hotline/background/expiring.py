"""What time itself brings about: invitations run out, suspensions end, calendars arrive, old keys are forgotten."""

from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from hotline import clock
from hotline.background import telling
from hotline.database import session, transaction
from hotline.errors import DeskError
from hotline.models import InboxRow, OutboxRow, Ticket
from hotline.models.words import State
from hotline.telephone import seats
from hotline.tickets import alarming, rate, reckon, suspending
from hotline.tickets.find import by_number
from hotline.tickets.lifecycle import put

log = structlog.get_logger()
AT_ONCE = 500
INBOX_KEPT_FOR = timedelta(days=180)
"""Default: how long a foreign platform may repeat a message and still get the first answer."""


def close_expired_invitations() -> None:
    """Close tickets whose last invitation ran out, each in a transaction of its own; an open alarm comes first."""
    due = select(Ticket.ticket_no).where(Ticket.state == State.TO_EVALUATE, Ticket.review_until <= clock.now())
    query = due.where(~Ticket.alarm_open).order_by(Ticket.review_until).limit(AT_ONCE)
    with transaction() as current:
        numbers = current.execute(query).scalars().all()
    for ticket_no in numbers:
        try:
            with transaction():
                rate.close_expired(by_number(ticket_no))
        except DeskError as problem:  # the requester was quicker
            log.warning("not_closed", ticket=ticket_no, problem=problem.sentence)


def resume_suspended() -> None:
    """Resume the work on tickets whose next date has come, each in a transaction of its own."""
    with transaction():
        numbers = suspending.to_resume(AT_ONCE)
    for ticket_no in numbers:
        try:
            with transaction():
                suspending.resume(by_number(ticket_no))
        except DeskError as problem:  # the department was quicker
            log.warning("not_resumed", ticket=ticket_no, problem=problem.sentence)


def tell_of_alarms() -> None:
    """Tell the duty officer of every alarm that ran out unanswered, and again while it stays so; it stays open."""
    with transaction():
        for alarm in (*alarming.unanswered(AT_ONCE), *alarming.still_unanswered(AT_ONCE)):
            telling.tell_duty_officer(alarm)


def reckon_provisional() -> None:
    """Have the workers reckon every provisional due date again that stems from an older calendar."""
    with transaction() as current:
        waiting = select(OutboxRow.ticket_no).where(OutboxRow.kind == "reckon_again")
        known = set(current.execute(waiting).scalars())
        for ticket_no in reckon.outdated(AT_ONCE):
            if ticket_no not in known:
                put("reckon_again", ticket_no, {}, at=clock.now())


def expire_seats() -> None:
    """End what time ends at the telephone: ringing, wrap-up, silent seats."""
    with transaction():
        seats.expire(clock.now())


def clean_inbox() -> None:
    """Forget the keys of messages that nobody repeats any more."""
    before = clock.now() - INBOX_KEPT_FOR
    with transaction():
        session().execute(delete(InboxRow).where(InboxRow.received_at < before))
