"""The heart of a background process: one row that says it lives, read by /healthz and the administrator."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Heartbeat

log = structlog.get_logger()
BEAT_SECONDS = 5.0
KEPT_FOR = timedelta(days=1)


@contextmanager
def beating(app: Flask, kind: str) -> Iterator[None]:
    """Beat from a thread of its own while the block runs; an orderly end takes the row away."""
    name, started_at, stop = f"{kind}@{socket.gethostname()[:64]}:{os.getpid()}", clock.now(), Event()

    def live() -> None:
        while True:
            with app.app_context():
                try:
                    beat(name, kind, started_at)
                except OperationalError as problem:  # the database is away: the next beat tries again
                    log.warning("heartbeat_failed", problem=type(problem).__name__)
            if stop.wait(BEAT_SECONDS):
                return

    heart = Thread(target=live, name="heart", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join(BEAT_SECONDS)
        with app.app_context():
            forget(name)


def beat(name: str, kind: str, started_at: datetime) -> None:
    """Write this process's row: `kind` worker or cron."""
    row = insert(Heartbeat).values(
        process=name, kind=kind, started_at=started_at, beat_at=clock.now(), data={}
    )  # fmt: skip
    again = row.on_conflict_do_update(index_elements=["process"], set_={"beat_at": row.excluded.beat_at})
    with transaction() as current:
        current.execute(again)


def forget(name: str) -> None:
    """Take the row of an ended process away; without a database it is cleaned up a day later."""
    try:
        with transaction():
            session().execute(delete(Heartbeat).where(Heartbeat.process == name))
    except OperationalError as problem:
        log.warning("heartbeat_failed", problem=type(problem).__name__)


def clean_heartbeats() -> None:
    """Remove the rows of processes that were killed."""
    with transaction() as current:
        current.execute(delete(Heartbeat).where(Heartbeat.beat_at < clock.now() - KEPT_FOR))
