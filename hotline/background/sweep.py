"""Rings again for what the doorbell missed: a crash after the commit, a dead Redis, a lost job."""

from datetime import timedelta

import structlog
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import or_, select

from hotline import bell, clock
from hotline.database import session, transaction
from hotline.models import OutboxRow

log = structlog.get_logger()
OVERLOOKED = timedelta(seconds=2)


def ring_again() -> None:
    """Ring every lane with rows that have been due for two seconds and nobody holds."""
    with transaction():
        lanes = overlooked_lanes()
    client = current_app.extensions.get("hotline-redis")
    if not lanes or client is None:
        return
    try:
        client.ping()
    except (RedisError, OSError):
        log.warning("redis_unreachable", lanes=lanes)  # the workers look for themselves meanwhile
        return
    bell.ring(client, lanes)


def overlooked_lanes() -> list[str]:
    """The lanes with overlooked rows, by name."""
    moment = clock.now()
    query = select(OutboxRow.lane).where(
        OutboxRow.dead_at.is_(None),
        OutboxRow.not_before <= moment - OVERLOOKED,
        or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until <= moment),
    )
    return list(session().execute(query.distinct().order_by(OutboxRow.lane)).scalars())
