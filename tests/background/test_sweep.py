"""What was put into the outbox is rung for again when the bell was lost."""

import pytest
import time_machine
from rq import Queue

from hotline import bell, clock
from hotline.background.sweep import OVERLOOKED, overlooked_lanes, ring_again
from hotline.database import transaction
from hotline.tickets.lifecycle import put
from tests.makers import send_demand

pytestmark = [pytest.mark.usefixtures("desk"), pytest.mark.queue]


def test_a_lost_ring_is_rung_again_after_two_seconds(desk) -> None:
    client = desk.extensions["hotline-redis"]
    send_demand()
    client.flushdb()

    ring_again()
    assert Queue("desk", connection=client).count == 0
    with time_machine.travel(clock.now() + OVERLOOKED):
        ring_again()
        assert Queue("desk", connection=client).count == 1
        assert Queue("outside", connection=client).count == 0
    client.flushdb()


def test_rows_of_a_later_hour_are_not_rung_for() -> None:
    with transaction():
        put("classify", 1, {}, at=clock.now() + 2 * OVERLOOKED)
    with time_machine.travel(clock.now() + OVERLOOKED):
        assert overlooked_lanes() == []


def test_a_dead_redis_is_no_error(desk) -> None:
    living = desk.extensions["hotline-redis"]
    desk.extensions["hotline-redis"] = bell.connect("unix:///tmp/nobody-listens-here.sock")
    try:
        send_demand()
        with time_machine.travel(clock.now() + OVERLOOKED):
            ring_again()
            assert overlooked_lanes() == ["desk"]
    finally:
        desk.extensions["hotline-redis"] = living
