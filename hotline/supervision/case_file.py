"""A ticket's whole file (案卷) as a zip: every table that names it, photos, recordings, and a manifest of sums.

Without a reason to see identity it is masked: sealed words are opened with marks for numbers and the requester's
name, and what can't be masked (a voice, the photos of a confidential requester) is left out and named.
"""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import DeskError
from hotline.models import Archive, Attachment, Recording, Requester, Ticket
from hotline.models.words import Confidentiality
from hotline.people.accounts import Person
from hotline.sealing import FileRing
from hotline.tickets import identity
from hotline.tickets.archiving import canonical, file_tables, rows_of

NEVER = frozenset({"phone_hash", "token_hash", "token_sealed"})
"""Keys and fingerprints: nothing of the case, and nobody's to take away."""
SEALED = "_sealed"
VOICE = "录音可辨认诉求人，未查看身份时不导出"
PICTURE = "保密件的诉求人照片，未查看身份时不导出"

OpenStored = Callable[[str], bytes]


@dataclass(frozen=True)
class Stored:
    """One stored file: its name in the zip, its storage key, and why it stays out (empty: it goes in)."""

    name: str
    key: str
    kept_out: str


@dataclass(frozen=True)
class CaseFile:
    """What was read of a ticket in one transaction; the stored files are opened afterwards."""

    head: Mapping[str, Any]
    tables: Mapping[str, bytes]
    stored: tuple[Stored, ...]
    ring: FileRing


def read_case_file(ticket: Ticket, taker: Person, *, identity_shown: bool) -> CaseFile:
    """The file as it stands, for this person."""
    requester = session().get_one(Requester, ticket.ticket_no)
    head = {
        "ticket_no": ticket.ticket_no, "state": ticket.state, "exported_at": clock.now(), "exported_by": taker.username,
        "identity": "shown" if identity_shown else "masked", "archive": _archive_of(ticket.ticket_no),
    }  # fmt: skip
    tables = {
        table.name: canonical(_readable(rows_of(table, ticket.ticket_no), requester, identity_shown))
        for table in file_tables()
        if table.name != Requester.__tablename__
    }
    tables[Requester.__tablename__] = canonical(_requester(requester, identity_shown))
    return CaseFile(head, tables, _stored(ticket, identity_shown), identity.file_ring(requester))


def write_zip(case: CaseFile, open_stored: OpenStored, file: IO[bytes]) -> None:
    """Write the zip; a stored file that is lost is named in the manifest and stops nothing."""
    contents: list[dict[str, Any]] = []
    left_out = [{"name": one.name, "why": one.kept_out} for one in case.stored if one.kept_out]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:

        def add(name: str, content: bytes) -> None:
            made.writestr(name, content)
            contents.append({"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})

        for name, content in case.tables.items():
            add(f"tables/{name}.json", content)
        for one in case.stored:
            if one.kept_out:
                continue
            try:
                add(one.name, case.ring.open_bytes(open_stored(one.key)))
            except DeskError as problem:
                left_out.append({"name": one.name, "why": problem.sentence})
        made.writestr("manifest.json", canonical({**case.head, "contents": contents, "left_out": left_out}))


def _archive_of(ticket_no: int) -> dict[str, Any] | None:
    kept = session().get(Archive, ticket_no)
    if kept is None:
        return None
    sums = {"sha256": kept.sha256, "parts": kept.parts}
    return {"archived_at": kept.archived_at, "retention_until": kept.retention_until, **sums}


def _readable(found: tuple[list[str], list[list[Any]]], requester: Requester, shown: bool) -> list[dict[str, Any]]:
    names, rows = found
    return [
        {
            name.removesuffix(SEALED): _opened(value, requester, shown) if name.endswith(SEALED) else value
            for name, value in zip(names, row, strict=True)
            if name not in NEVER
        }
        for row in rows
    ]


def _opened(sealed: bytes | None, requester: Requester, shown: bool) -> str | None:
    if sealed is None:
        return None
    words = identity.file_ring(requester).open(sealed)
    return words if shown else identity.without_identity(requester.ticket_no, words)


def _requester(requester: Requester, shown: bool) -> dict[str, Any]:
    """In clear, or name and number as screens show them; the masked words stand in the ticket."""
    who = vars(identity.open_requester(requester)) if shown else identity.masked(requester)
    return {**who, "kind": requester.kind, "labels": requester.labels, "named": requester.named}


def _stored(ticket: Ticket, shown: bool) -> tuple[Stored, ...]:
    of_ticket = Attachment.ticket_no == ticket.ticket_no, Attachment.clean_key != ""
    hidden = not shown and ticket.confidentiality is not Confidentiality.OPEN
    papers = [
        Stored(
            f"files/{one.id}.{one.content_type.rpartition('/')[2]}", one.clean_key,
            PICTURE if hidden and one.side == "citizen" else "",
        )
        for one in session().execute(select(Attachment).where(*of_ticket).order_by(Attachment.id)).scalars()
    ]  # fmt: skip
    kept = Recording.ticket_no == ticket.ticket_no, Recording.state == "kept"
    sounds = [
        Stored(f"recordings/{one.recording_id}.wav", one.storage_key, "" if shown else VOICE)
        for one in session().execute(select(Recording).where(*kept).order_by(Recording.made_at)).scalars()
    ]
    return (*papers, *sounds)
