"""Tries a changed duty list on the last month's tickets, chunk by chunk, so that the page can show how far it is."""

from datetime import timedelta

from hotline.city_rules import duty_list_trial
from hotline.city_rules.duty_list_trial import Lists
from hotline.database import session, transaction
from hotline.models import DataUpload, OutboxRow
from routing.csv_table import BadTable

LONGEST = timedelta(minutes=15)
"""A trial is another worker's to begin again only after this (default)."""


def prepare(row: OutboxRow) -> tuple[int, Lists] | None:
    """Both lists; None when the file was imported or given up, or fits the departments no more."""
    upload_id = row.ref["upload"]
    try:
        lists = duty_list_trial.begin(upload_id)
    except BadTable:
        return None
    return (upload_id, lists) if lists else None


def try_all(asked: tuple[int, Lists]) -> int:
    """Read all tickets; each chunk and its progress is a transaction of its own. The file's id."""
    upload_id, lists = asked
    below: int | None = None
    while True:
        with transaction():
            below = duty_list_trial.try_chunk(upload_id, lists, below)
        if below is None:
            return upload_id


def record(row: OutboxRow, done: int | None) -> None:
    """A trial that could not begin may be asked for again."""
    if done is None:
        give_up(row)


def give_up(row: OutboxRow) -> None:
    """The file is as if nobody had asked."""
    kept = session().get(DataUpload, row.ref["upload"])
    if kept is not None:
        kept.trial = {}
