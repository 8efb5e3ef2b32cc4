"""Whether the desk lives: `livez` is this process and the database, `healthz` all of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.database import session
from hotline.models import CronRun, Heartbeat, OutboxRow

ALIVE = timedelta(seconds=30)
"""Six beats of a background process, fifteen sweeps (default)."""
Health = tuple[dict[str, Any], int]


def livez() -> Health:
    """This process answers and reaches the database: 200, else 503."""
    return _answer({"database": database_lives()})


def healthz() -> Health:
    """Every part by name, the number of workers and of dead outbox rows; 503 when a part doesn't live.

    A dead row is work somebody must look at, but no part that has stopped: it changes no status.
    """
    parts = {"database": database_lives(), "queue": queue_lives()}
    if not parts["database"]:
        return _answer(parts | {"workers": False, "scheduler": False, "sweep": False})
    count, swept = living(), last_sweep()
    parts |= {"workers": count.get("worker", 0) > 0, "scheduler": count.get("cron", 0) > 0}
    parts["sweep"] = swept is not None and swept > clock.now() - ALIVE
    dead = session().execute(select(func.count()).where(OutboxRow.dead_at.is_not(None))).scalar_one()
    facts = {"worker_count": count.get("worker", 0), "dead_rows": dead}
    return _answer(parts, facts | {"last_sweep": swept.isoformat() if swept else None})


def database_lives() -> bool:
    """Whether PostgreSQL answers."""
    try:
        session().execute(select(1))
    except SQLAlchemyError:
        session().rollback()
        return False
    return True


def queue_lives() -> bool:
    """Whether Redis answers."""
    client = current_app.extensions.get("hotline-redis")
    try:
        return client is not None and bool(client.ping())
    except (RedisError, OSError):
        return False


def living() -> dict[str, int]:
    """How many processes of each kind have a heart that beats."""
    query = select(Heartbeat.kind, func.count()).where(Heartbeat.beat_at > clock.now() - ALIVE)
    return dict(session().execute(query.group_by(Heartbeat.kind)).all())


def last_sweep() -> Any:
    """When the sweeper last ran without a problem; None = never."""
    query = select(CronRun.ran_at).where(CronRun.name == "sweep", CronRun.problem == "")
    return session().execute(query).scalar_one_or_none()


def _answer(parts: Mapping[str, bool], facts: Mapping[str, Any] | None = None) -> Health:
    lives = all(parts.values())
    words = {name: "ok" if up else "down" for name, up in parts.items()}
    return {"status": "ok" if lives else "down", **words, **(facts or {})}, 200 if lives else 503
