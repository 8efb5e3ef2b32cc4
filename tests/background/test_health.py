"""Health says which part doesn't live, and says it by the status that monitors read."""

from datetime import timedelta

import pytest
from flask import Flask

from hotline import bell, clock
from hotline.background.heartbeats import beat
from hotline.background.schedule import Every, Work
from hotline.background.scheduler import keep_run
from hotline.database import transaction
from hotline.models import Heartbeat
from hotline.tickets.lifecycle import put


@pytest.fixture
def healthy(desk: Flask) -> Flask:
    """A desk whose worker and scheduler beat and whose sweep has just run."""
    beat("worker@one:1", "worker", clock.now())
    beat("cron@one:2", "cron", clock.now())
    keep_run(Work("sweep", Every(2), lambda: None, ""), due_at=clock.now(), ran_at=clock.now())
    return desk


def test_a_healthy_desk_answers_200_with_every_part(healthy: Flask) -> None:
    answer = healthy.test_client().get("/healthz")
    assert answer.status_code == 200
    told = answer.get_json()
    parts = {name: told[name] for name in ("database", "queue", "workers", "scheduler", "sweep")}
    assert set(parts.values()) == {"ok"}
    assert (told["status"], told["worker_count"], told["dead_rows"]) == ("ok", 1, 0)


@pytest.mark.parametrize(("process", "part"), [("worker@one:1", "workers"), ("cron@one:2", "scheduler")])
def test_an_old_heartbeat_is_a_dead_part(healthy: Flask, process: str, part: str) -> None:
    with transaction() as current:
        row = current.get_one(Heartbeat, process, populate_existing=True)
        row.beat_at = clock.now() - timedelta(seconds=31)
    answer = healthy.test_client().get("/healthz")
    assert answer.status_code == 503
    told = answer.get_json()
    assert (told["status"], told[part]) == ("down", "down")
    assert [name for name in ("database", "queue", "workers", "scheduler", "sweep") if told[name] == "down"] == [part]


def test_a_sweep_that_fails_is_a_dead_part(healthy: Flask) -> None:
    sweep = Work("sweep", Every(2), lambda: None, "")
    keep_run(sweep, due_at=clock.now(), ran_at=clock.now(), problem="KeyError")
    answer = healthy.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["sweep"]) == (503, "down")


def test_a_dead_redis_is_a_dead_queue_but_this_process_lives(healthy: Flask) -> None:
    living = healthy.extensions["hotline-redis"]
    healthy.extensions["hotline-redis"] = bell.connect("unix:///tmp/nobody-listens-here.sock")
    try:
        assert healthy.test_client().get("/healthz").get_json()["queue"] == "down"
        assert healthy.test_client().get("/livez").status_code == 200
    finally:
        healthy.extensions["hotline-redis"] = living


def test_dead_rows_are_counted_and_change_no_status(healthy: Flask) -> None:
    with transaction():
        put("classify", 1, {}, at=clock.now()).dead_at = clock.now()
    answer = healthy.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["dead_rows"]) == (200, 1)
