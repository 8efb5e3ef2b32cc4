"""The database: one session a request or job, and the only place where a transaction begins and ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, SessionTransaction

from hotline import bell
from hotline.crash_points import crash_point
from hotline.errors import NotConfigured

db = SQLAlchemy()

UNSAFE = "服务器的 {name} 已关闭：断电会丢失工单，拒绝启动。"


def session() -> Session:
    """The session of this request or job."""
    return db.session


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work, opened by a view, a job or a command and by nobody else.

    After the commit the lanes and topics noted by the steps are rung and told, best effort.
    """
    current = db.session
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        current.info.clear()
        raise
    _after_commit(current)


def note_lane(lane: str) -> None:
    """Ring this lane after the commit."""
    db.session.info.setdefault("lanes", set()).add(lane)


def note_topic(*topics: str) -> None:
    """Tell browsers of these topics after the commit."""
    db.session.info.setdefault("topics", set()).update(topics)


def note_held(ticket_no: int) -> None:
    """This ticket's row was locked and read in the transaction, or the savepoint, that is open now."""
    db.session.info.setdefault("held", {})[ticket_no] = _innermost(db.session)


def is_held(ticket_no: int) -> bool:
    """Whether the ticket was locked in this transaction; a savepoint that ended took its locks with it."""
    noted, still = db.session.info.get("held", {}).get(ticket_no), _innermost(db.session)
    while still is not None and still is not noted:
        still = still.parent
    return still is not None


def _innermost(current: Session) -> SessionTransaction | None:
    return current.get_nested_transaction() or current.get_transaction()


def _after_commit(current: Session) -> None:
    crash_point("after-commit-before-bell")
    current.info.pop("held", None)
    lanes, topics = current.info.pop("lanes", ()), current.info.pop("topics", ())
    client = current_app.extensions.get("hotline-redis")
    if client is not None and (lanes or topics):
        bell.ring(client, sorted(lanes))
        bell.tell(client, topics)


def driver_url(url: str) -> str:
    """The address with our driver's name in it; cities write postgresql://…"""
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
        "postgres://", "postgresql+psycopg://", 1
    )


def engine_options() -> dict[str, Any]:
    """Pool for one process: threads of a web process plus a reserve; a broken connection is noticed first."""
    return {
        "pool_size": 10,
        "max_overflow": 10,
        "pool_pre_ping": False,
        "pool_recycle": 1800,
        "hide_parameters": True,  # no log quotes a citizen
        "connect_args": {"connect_timeout": 3, "application_name": "hotline", "prepare_threshold": 3},
    }


def refuse_unsafe_server(engine: Engine) -> None:
    """Refuse to start on a server that may lose what it confirmed (spine.md, "Health")."""
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if connection.execute(text(f"SHOW {name}")).scalar_one() == "off":
                raise NotConfigured(UNSAFE.format(name=name))
