"""Keeps uploaded files: sealed with the case's own key, described in the database without their given
names."""

import hashlib
import io
import secrets
from collections.abc import Iterable
from typing import Protocol

from flask import current_app

from hotline import clock
from hotline.config import Config
from hotline.database import session
from hotline.gateways.storage import CHUNK, Storage, open_storage
from hotline.models import Attachment, Requester, Ticket
from hotline.models.words import Confidentiality
from hotline.tickets.identity import file_ring
from hotline.tickets.lifecycle import put


class SomeFile(Protocol):
    """An upload as the web reads it."""

    name: str
    content_type: str
    content: bytes


def storage() -> Storage:
    """The storage of this installation."""
    config: Config = current_app.extensions["hotline-config"]
    return open_storage(config.storage_place)


def keep_files(ticket_no: int, files: Iterable[SomeFile], side: str, staff_id: int | None = None) -> list[Attachment]:
    """Seal and store files of `side` citizen or department; cleaning camera data follows in the outbox."""
    kept: list[Attachment] = []
    ring = None
    for file in files:
        ring = ring or file_ring(session().get_one(Requester, ticket_no))
        nobody = session().get_one(Ticket, ticket_no).confidentiality is Confidentiality.ANONYMOUS
        key = f"files/{ticket_no}/{secrets.token_hex(12)}"
        store(key, ring.seal_bytes(file.content))
        row = Attachment(
            ticket_no=ticket_no, side=side, staff_id=staff_id, name_sealed=ring.seal("" if nobody else file.name),
            content_type=file.content_type, size=len(file.content),
            sha256=hashlib.sha256(file.content).digest(), storage_key=key, clean_key="", added_at=clock.now(),
        )  # fmt: skip
        session().add(row)
        session().flush()
        put("clean_photo", ticket_no, {"attachment": row.id}, at=clock.now())
        kept.append(row)
    return kept


def store(key: str, sealed: bytes) -> None:
    """Write sealed bytes to the storage."""
    storage().put(key, io.BytesIO(sealed), hashlib.sha256(sealed).hexdigest())


def sum_of(key: str) -> str:
    """The SHA-256 of the sealed bytes under a key. Raises `NoSuchFile`."""
    with storage().get(key) as file:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def open_file(row: Attachment, *, clean: bool) -> bytes:
    """The bytes again: the copy without camera data, or the original."""
    ring = file_ring(session().get_one(Requester, row.ticket_no))
    with storage().get(row.clean_key if clean else row.storage_key) as file:
        return ring.open_bytes(file.read())
