"""The outbox is drained so that one bad row harms no other, and nothing is lost with a worker that dies."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from hotline import clock
from hotline.background.drain import claim, drain_lane
from hotline.database import session, transaction
from hotline.models import OutboxRow
from hotline.models.words import State
from hotline.tickets.lifecycle import put
from tests.makers import drain, send_demand, ticket

pytestmark = [pytest.mark.usefixtures("desk"), pytest.mark.database]
NOBODY = 2020010100000001


def put_broken_row() -> int:
    """A follow-up of a ticket that never was: its work must fail."""
    with transaction():
        row = put("tell_requester", NOBODY, {"step": "receive", "seq": 1}, at=clock.now())
        session().flush()
        return row.id


def broken() -> OutboxRow:
    """The one row of the ticket that never was."""
    query = select(OutboxRow).where(OutboxRow.ticket_no == NOBODY)
    return session().execute(query.execution_options(populate_existing=True)).scalar_one()


def test_a_row_that_fails_takes_no_other_row_along() -> None:
    before, _, after = send_demand(), put_broken_row(), send_demand()

    drain()

    assert ticket(before).state is ticket(after).state is State.TO_SIGN
    assert session().execute(select(OutboxRow.ticket_no)).scalars().all() == [NOBODY]
    assert (broken().attempts, broken().problem, broken().dead_at) == (1, "NoResultFound", None)


def test_rows_that_failed_before_are_taken_alone_and_after_the_fresh_ones() -> None:
    tried = [put_broken_row(), put_broken_row()]
    with transaction() as current:
        current.execute(update(OutboxRow).values(attempts=1))
    fresh = [put_broken_row(), put_broken_row(), put_broken_row()]

    assert claim("desk") == fresh
    assert claim("desk") == tried[:1]
    assert claim("desk") == tried[1:]
    assert claim("desk") == []


def test_a_row_is_given_up_loudly_after_eight_attempts() -> None:
    put_broken_row()
    for attempt in range(1, 9):
        assert broken().dead_at is None
        assert broken().attempts == attempt - 1
        with transaction() as current:
            current.execute(update(OutboxRow).values(not_before=clock.now()))
        assert drain_lane("desk") == 0

    assert broken().dead_at is not None
    assert claim("desk") == []


def test_the_wait_after_a_failure_doubles() -> None:
    put_broken_row()
    with time_machine.travel(datetime(2026, 11, 20, 2, 0, tzinfo=UTC), tick=False) as journey:
        waits = []
        for _ in range(3):
            with transaction() as current:
                current.execute(update(OutboxRow).values(not_before=clock.now()))
            drain_lane("desk")
            waits.append((broken().not_before - clock.now()).total_seconds())
            journey.shift(timedelta(hours=1))
    assert waits == [5, 10, 20]


def test_what_a_dead_worker_had_claimed_is_claimed_again_a_minute_later() -> None:
    with time_machine.travel(datetime(2026, 11, 20, 2, 0, tzinfo=UTC), tick=False) as journey:
        row = put_broken_row()
        assert claim("desk") == [row]
        journey.shift(timedelta(seconds=59))
        assert claim("desk") == []
        journey.shift(timedelta(seconds=1))
        assert claim("desk") == [row]


def test_calls_to_others_are_made_with_no_transaction_open(messages, monkeypatch) -> None:
    open_at_call = []
    send = messages.send

    def watched(*args: object) -> object:
        open_at_call.append(session().in_transaction())
        return send(*args)

    monkeypatch.setattr(messages, "send", watched)
    send_demand()

    drain()

    assert open_at_call
    assert not any(open_at_call)
