"""A real worker works when the bell rings, and looks for itself while Redis is dead."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisGone
from sqlalchemy import select

from hotline import bell
from hotline.config import Config
from hotline.database import session
from hotline.models import Heartbeat
from hotline.models.words import State
from hotline.services import embedded_servers_for_tests
from tests.background.child_processes import child, within
from tests.makers import send_demand, ticket

pytestmark = [pytest.mark.process, pytest.mark.queue]


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A Valkey that may be killed."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        _, url, stop = embedded_servers_for_tests(Path(folder))
        yield url
        stop()


def dispatched(no: int) -> bool:
    """Whether a worker has dispatched it."""
    found = ticket(no).state is State.TO_SIGN
    session().rollback()
    return found


def answers(client: Redis) -> bool:
    """Whether there is a Redis to be seen."""
    try:
        return bool(client.ping())
    except RedisGone:
        return False


def workers() -> list[str]:
    """The workers whose heart beats."""
    found = session().execute(select(Heartbeat.process).where(Heartbeat.kind == "worker")).scalars().all()
    session().rollback()
    return list(found)


def test_work_goes_on_when_redis_dies_and_the_heart_stops_with_the_process(
    desk, config: Config, own_redis: str
) -> None:
    """The desk's own bell rings elsewhere, so that only this test rings for the child."""
    living = Redis.from_url(own_redis)
    desk.extensions["hotline-redis"].flushdb()
    with child(replace(config, redis_url=own_redis), "work") as worker:
        assert within(30, lambda: bool(workers()) and living.exists("rq:workers"))
        rung = send_demand()
        bell.ring(living, ["desk"])
        assert within(10, lambda: dispatched(rung))

        with contextlib.suppress(RedisGone):
            living.execute_command("SHUTDOWN", "NOSAVE")
        assert not answers(living)
        unrung = send_demand()
        assert within(10, lambda: dispatched(unrung))
        assert worker.poll() is None
    assert worker.returncode == 0
    assert workers() == []


def test_a_worker_ends_by_itself_after_its_share_of_jobs(desk, config: Config) -> None:
    client = desk.extensions["hotline-redis"]
    client.flushdb()
    with child(config, "work", "--max-jobs", "1") as worker:
        assert within(30, lambda: bool(workers()) and client.exists("rq:workers"))
        no = send_demand()
        assert within(10, lambda: dispatched(no))
        assert within(10, lambda: worker.poll() == 0)
