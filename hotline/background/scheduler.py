"""Runs the schedule: on however many hosts it is started, only the holder of one advisory lock works."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event

import structlog
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from hotline import clock
from hotline.background.drain import problem_words
from hotline.background.heartbeats import beating
from hotline.background.schedule import SCHEDULE, Work
from hotline.database import db, transaction
from hotline.models import CronRun

log = structlog.get_logger()
LOCK = 12345_01
"""Any number nobody else locks in this database."""
TICK_SECONDS = 0.5
AFTER_FAILURE = timedelta(minutes=1)


def keep_time(app: Flask, stop: Event) -> None:
    """Run what is due until `stop` is set; a database that is away is waited for."""
    scheduler = Scheduler()
    with beating(app, "cron"):
        while not stop.wait(TICK_SECONDS):
            with app.app_context():
                try:
                    scheduler.tick()
                except OperationalError as problem:
                    log.warning("database_unreachable", problem=type(problem).__name__)
        scheduler.let_go()


class Scheduler:
    """One of perhaps several; a crash of the active one frees the lock, and another goes on."""

    def __init__(self, schedule: Sequence[Work] = SCHEDULE) -> None:
        self.schedule = schedule
        self._holding: Connection | None = None

    def tick(self) -> list[str]:
        """Run everything that is due, missed runs once; the names of what ran. Nothing when not active."""
        if not self.is_active():
            return []
        with transaction() as current:
            due = dict(current.execute(select(CronRun.name, CronRun.due_at)).all())
        ran = []
        for work in self.schedule:
            if work.name not in due:
                due[work.name] = work.when.first(clock.now())
                keep_run(work, due_at=due[work.name])
            if due[work.name] <= clock.now():
                run(work)
                ran.append(work.name)
        return ran

    def is_active(self) -> bool:
        """Whether we hold the lock; taken when it is free, gone when its connection has died."""
        if self._holding is None:
            connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
                connection.close()
                return False
            self._holding = connection
        try:
            self._holding.scalar(select(1))
        except OperationalError:
            self.let_go()
            raise
        return True

    def let_go(self) -> None:
        """Free the lock for another one at once, or with the connection that held it."""
        if self._holding is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._holding.scalar(select(func.pg_advisory_unlock(LOCK)))
            self._holding.invalidate()
            self._holding.close()
            self._holding = None


def run(work: Work) -> None:
    """Run one piece of work and note when it is due again; a failure is noted and tried again soon."""
    begun, problem = clock.now(), ""
    try:
        work.run()
    except OperationalError:
        raise
    except Exception as failure:  # one work's failure must not stop the others; kept on its row and shown
        problem = problem_words(failure)
        log.error("periodic_work_failed", work=work.name, problem=problem)
    due_at = work.when.after(clock.now())
    if problem:
        due_at = min(due_at, clock.now() + AFTER_FAILURE)
    keep_run(work, due_at=due_at, ran_at=begun, problem=problem)


def keep_run(work: Work, *, due_at: datetime, ran_at: datetime | None = None, problem: str = "") -> None:
    """The row of this work."""
    row = insert(CronRun).values(name=work.name, due_at=due_at, ran_at=ran_at, problem=problem)
    fresh = {"due_at": row.excluded.due_at, "ran_at": row.excluded.ran_at, "problem": row.excluded.problem}
    with transaction() as current:
        current.execute(row.on_conflict_do_update(index_elements=["name"], set_=fresh))
