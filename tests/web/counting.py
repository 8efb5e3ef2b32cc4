"""Counts the statements a request really sends, at the database cursor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from hotline.database import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent meanwhile, log-in check and session included, in order.

    Open the page once before: the city's rules are compared with the database every few seconds at most.
    """
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "after_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "after_cursor_execute", note)
