"""A worker: one process with the model loaded, called by rq's bell; while Redis is dead it looks for itself.

rq's own worker would start a process a job, and would wait up to a minute for a dead Redis.
"""

import contextlib
import signal
from threading import Event
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.worker import WorkerStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from hotline import bell
from hotline.background.drain import drain_lane
from hotline.background.heartbeats import beating
from hotline.background.reading import active_model
from hotline.background.searching import entry_index
from hotline.database import db
from hotline.errors import NotConfigured
from hotline.tickets.reactions import DESK_LANE, NOW_LANE, OUTSIDE_LANE, PHONE_LANE, SLOW_LANE

log = structlog.get_logger()
QUEUES = (NOW_LANE, PHONE_LANE, DESK_LANE, OUTSIDE_LANE, SLOW_LANE)
"""In the order of hurry."""
MOST_JOBS = 20_000
"""Then the process ends and is started afresh, so that no leak grows (default)."""
POLL_SECONDS = 1.0
STATEMENT_SECONDS = 30
KEY_SECONDS = 30
"""How long rq waits for a ring before it shows again that it lives."""


def work(app: Flask, redis_url: str, most_jobs: int = MOST_JOBS) -> None:
    """Work until SIGTERM or SIGINT, or until `most_jobs` are done."""
    with app.app_context():
        limit_statements(db.engine)
        warm_up()
    stop, done = Event(), 0
    obey(stop)
    with beating(app, "worker"):
        while not stop.is_set() and done < most_jobs:
            client = bell.connect(redis_url)  # of its own: rq changes its time-outs
            if answers(client):
                done += listen(app, client, stop, most_jobs - done)
            else:
                look(app)
            client.close()
            obey(stop)
            stop.wait(POLL_SECONDS if done < most_jobs else 0)


def obey(stop: Event) -> None:
    """End in order when told to; again after rq, which installs its own handlers and leaves them."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def listen(app: Flask, client: Redis, stop: Event, most_jobs: int) -> int:
    """Do what the bell rings for until Redis dies, we are told to stop or enough is done; the jobs done."""
    queues = [Queue(name, connection=client) for name in QUEUES]
    try:
        worker = DeskWorker(queues, connection=client, worker_ttl=KEY_SECONDS, log_job_description=False)
        worker.app, worker.stop = app, stop
    except RedisError:
        return 0
    with contextlib.suppress(RedisError):
        look(app)  # what was put while nobody could ring
        worker.work(logging_level="ERROR", max_jobs=most_jobs)
    return worker.jobs_done


def look(app: Flask) -> None:
    """Drain all lanes without being rung for."""
    for lane in QUEUES:
        with app.app_context():
            try:
                drain_lane(lane)
            except OperationalError as problem:  # the database is away; rows stay and are claimed again
                log.warning("database_unreachable", lane=lane, problem=type(problem).__name__)


class DeskWorker(SimpleWorker):  # type: ignore[misc]
    """Runs each job inside the application's context, in this process; gives up a dead Redis at once."""

    app: Flask
    stop: Event
    jobs_done = 0

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        """One job in a context, and so a database session, of its own."""
        self.jobs_done += 1
        with self.app.app_context():
            return bool(super().perform_job(*args, **kwargs))

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Stop rq's loop when Redis doesn't answer; `work()` goes on without it."""
        try:
            super().heartbeat(*args, **kwargs)
        except RedisError as problem:
            raise StopRequested from problem

    def request_stop(self, *_: Any) -> None:
        """A signal: finish the job in hand, then end. rq's own would ask Redis first, which may be dead."""
        self.stop.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Log the kind of a failure only: a message may quote what a citizen wrote."""
        log.error("job_failed", job=job.func_name, problem=exc_info[0].__name__)

    def handle_job_failure(self, *args: Any, **kwargs: Any) -> None:
        """Redis keeps no traceback either."""
        super().handle_job_failure(*args, **kwargs | {"exc_string": "see the worker's log"})


def warm_up() -> None:
    """Load the model, the word list and the index of entries once, before the first job."""
    try:
        active_model().classifier.guess(["路灯不亮"])  # type: ignore[attr-defined]
        entry_index()
    except (NotConfigured, OperationalError) as problem:
        log.warning("model_not_loaded", problem=type(problem).__name__)


def limit_statements(engine: Engine) -> None:
    """Give up a statement that hangs. Set for each transaction, so that it also holds behind a pooler."""

    @event.listens_for(engine, "begin")
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")


def answers(client: Redis) -> bool:
    """Whether Redis lives."""
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
