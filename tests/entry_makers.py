"""Makers of knowledge: an entry in a few words, published by two people."""

from datetime import date
from typing import Any

from hotline.database import session, transaction
from hotline.models import EntryVersion
from hotline.tickets import entries
from hotline.tickets.rulebook import rules
from tests.makers import person


def entry_form(**changes: Any) -> entries.EntryForm:
    """What an editor writes, with good defaults."""
    values = {
        "title": "停水了怎么办", "similar_questions": ("家里突然没水了",), "answer_short": "请先看小区公告和停水通知。",
        "basis": "《城市供水条例》", "owner_id": rules().departments["shuiwu"], "keywords": ("停水", "爆管"),
        "valid_from": date(2025, 1, 1),
    }  # fmt: skip
    return entries.EntryForm(**values | changes)


def draft(**changes: Any) -> EntryVersion:
    """A draft of the editor's."""
    with transaction():
        return entries.write_entry(entry_form(**changes), person("kbeditor"))


def publish(row: EntryVersion) -> EntryVersion:
    """The editor asks, the approver publishes."""
    with transaction():
        entries.ask_approval(row.entry_id, row.version, person("kbeditor"))
        return entries.approve(row.entry_id, row.version, person("kbapprover"))


def published(**changes: Any) -> EntryVersion:
    """An entry anybody may quote."""
    return publish(draft(**changes))


def version(entry_id: int, number: int) -> EntryVersion:
    """One version as it stands in the database."""
    session().expire_all()
    return session().query(EntryVersion).filter_by(entry_id=entry_id, version=number).one()
