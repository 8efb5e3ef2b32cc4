"""Archive (归档): an ended ticket and its followers become read-only, with a sum over the whole file.

The sum covers every table that names the ticket, as sealed as it lies there, and every stored file. The key that
opens them is left out: it is wrapped anew when keys rotate, and destroyed when the law wants it forgotten.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select, text, tuple_, union
from sqlalchemy import Table as Rows

from hotline import clock
from hotline.database import session
from hotline.errors import IllegalStep
from hotline.models import Archive, Attachment, OutboxRow, Recording, Table, Ticket
from hotline.models.ticket import TO_ARCHIVE
from hotline.models.words import ENDED, State, Step
from hotline.tickets.lifecycle import SYSTEM, lock, take_step
from hotline.tickets.rulebook import setting

NOT_THE_FILE = frozenset(
    {"archive", "outbox", "inbox", "access_log", "summons", "unmask_grant", "look_alarm", "guess_outcome"}
)
"""Tables with a ticket's number that are no part of its file: what follows, who looked, what a department owes for
more than the case, and what is only counted."""
LEFT_OUT = frozenset({"file_key"})
NOT_YET = "该件或其并入件尚有未了事项，暂不归档。"


@dataclass(frozen=True)
class Candidate:
    """A ticket whose time has come, with its place in the list."""

    ticket_no: int
    closed_at: datetime


def candidates(limit: int, after: Candidate | None = None) -> Sequence[Candidate]:
    """The next tickets that ended long enough ago, without open alarm and with nothing left to follow."""
    before = clock.now() - timedelta(days=setting("archive_after_days"))
    query = select(Ticket.ticket_no, Ticket.closed_at).where(
        text(TO_ARCHIVE), Ticket.closed_at <= before, ~Ticket.alarm_open, ~_unfinished(Ticket.ticket_no)
    )
    if after:
        query = query.where(tuple_(Ticket.closed_at, Ticket.ticket_no) > (after.closed_at, after.ticket_no))
    rows = session().execute(query.order_by(Ticket.closed_at, Ticket.ticket_no).limit(limit))
    return [Candidate(row.ticket_no, row.closed_at) for row in rows]


def family(ticket_no: int) -> list[int]:
    """The ticket and all that were merged into it, directly or by way of another follower."""
    tree = select(Ticket.ticket_no).where(Ticket.ticket_no == ticket_no).cte(recursive=True)
    follows = (Ticket.master_no == tree.c.ticket_no) & (Ticket.master_no != Ticket.ticket_no)
    tree = tree.union(select(Ticket.ticket_no).where(follows, Ticket.state == State.MERGED))
    return sorted(session().execute(select(tree.c.ticket_no)).scalars())


def file_keys(numbers: Sequence[int]) -> dict[str, int]:
    """Where the photos, papers and recordings of these tickets lie, each with its ticket's number."""
    kept = [
        select(column, table.ticket_no).where(table.ticket_no.in_(numbers), column != "")
        for table, column in (
            (Attachment, Attachment.storage_key), (Attachment, Attachment.clean_key), (Recording, Recording.storage_key)
        )
    ]  # fmt: skip
    return {key: number for key, number in session().execute(union(*kept))}


def archive(numbers: Sequence[int], sums: Mapping[str, str]) -> None:
    """Archive a master with its followers, all or none; `sums` are those of their files.

    Raises `IllegalStep` when something happened since they were chosen.
    """
    tickets = [lock(session().get_one(Ticket, number)) for number in sorted(numbers)]
    busy = session().execute(select(_unfinished(Ticket.ticket_no)).where(Ticket.ticket_no.in_(numbers))).scalars()
    ready = all(one.state in ENDED and not one.alarm_open for one in tickets) and not any(busy)
    keys = file_keys(numbers)
    if not ready or set(keys) != set(sums):
        raise IllegalStep(NOT_YET)
    for ticket in tickets:
        take_step(ticket, Step.ARCHIVE, SYSTEM)
        files = {key: sums[key] for key, owner in keys.items() if owner == ticket.ticket_no}
        parts = {"tables": table_sums(ticket.ticket_no), "files": files}
        day = clock.city_day(ticket.closed_at or clock.now())
        session().add(
            Archive(
                ticket_no=ticket.ticket_no, archived_at=clock.now(), sha256=sum_of_parts(parts), parts=parts,
                retention_until=date(day.year + setting("archive_keep_years"), 12, 31),
            )
        )  # fmt: skip


def differences(kept: Archive, tables: Mapping[str, Any], sums: Mapping[str, str]) -> list[str]:
    """What of an archived file is no longer as it was: names of tables and files, `archive` for the sums themselves."""
    found = [name for name, part in kept.parts["tables"].items() if tables.get(name) != part]
    found += [key for key, value in kept.parts["files"].items() if sums.get(key) != value]
    return found + (["archive"] if sum_of_parts(kept.parts) != kept.sha256 else [])


def table_sums(ticket_no: int, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """For every table of the file its columns, number of rows and sum; with `kept`, of those columns and tables."""
    return {
        table.name: _sum_of_rows(table, ticket_no, kept and kept[table.name]["columns"])
        for table in file_tables()
        if kept is None or table.name in kept
    }


def sum_of_parts(parts: Mapping[str, Any]) -> bytes:
    """The sum over the whole file."""
    return hashlib.sha256(canonical(parts)).digest()


def canonical(value: Any) -> bytes:
    """One way to write the same values: sorted names, UTC times, bytes as hexadecimal."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def rows_of(table: Rows, ticket_no: int, columns: Sequence[str] | None = None) -> tuple[list[str], list[list[Any]]]:
    """The columns of a table, by name, and the ticket's rows in the order of their key."""
    wanted = [one for one in table.c if one.name not in LEFT_OUT and (columns is None or one.name in columns)]
    query = select(*wanted).where(table.c.ticket_no == ticket_no).order_by(*table.primary_key)
    return [one.name for one in wanted], [list(row) for row in session().execute(query)]


def file_tables() -> Iterator[Rows]:
    """The tables that make a ticket's file: every one that names it."""
    return (one for one in Table.metadata.sorted_tables if "ticket_no" in one.c and one.name not in NOT_THE_FILE)


def _sum_of_rows(table: Rows, ticket_no: int, columns: Sequence[str] | None) -> dict[str, Any]:
    names, rows = rows_of(table, ticket_no, columns)
    return {"columns": names, "rows": len(rows), "sha256": hashlib.sha256(canonical(rows)).hexdigest()}


def _unfinished(number: Any) -> ColumnElement[bool]:
    return exists(select(OutboxRow.id).where(OutboxRow.ticket_no == number))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
