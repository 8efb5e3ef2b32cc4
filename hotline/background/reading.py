"""Reads tickets with the active model: a whole batch at once, then each result becomes its ticket's
guesses."""

import hashlib
import hmac
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from hotline import clock
from hotline.background.likeness import note_likeness
from hotline.config import Config
from hotline.database import session
from hotline.errors import NotConfigured
from hotline.gateways.storage import Storage, open_storage
from hotline.models import ModelVersion, OutboxRow, Ticket
from hotline.models.words import State
from hotline.tickets.dispatch import Reading, classify
from hotline.tickets.find import by_number
from hotline.tickets.grouping import note_group
from hotline.tickets.identity import keys
from routing.case import MatterGuess
from routing.several_demands import ReadPart, parts_of

TOP = 12


@dataclass
class Loaded:
    """The model a worker holds; read once, replaced when another version is made active."""

    version: str
    classifier: object


def read_batch(rows: Sequence[OutboxRow]) -> Mapping[int, Reading]:
    """The readings of all tickets of a batch that are still to be dispatched, by ticket number."""
    query = select(Ticket.ticket_no, Ticket.text).where(
        Ticket.ticket_no.in_([row.ticket_no for row in rows]), Ticket.state == State.TO_DISPATCH
    )
    found = session().execute(query).all()
    return dict(zip((no for no, _ in found), read_texts([text for _, text in found]), strict=True))


def apply_reading(row: OutboxRow, readings: Mapping[int, Reading]) -> None:
    """Keep the reading and decide, nothing for a ticket that has moved on; then see which it is like."""
    if row.ticket_no in readings:
        classify(row.ticket_no, readings[row.ticket_no])
    ticket = by_number(row.ticket_no)
    if ticket.state is not State.ARCHIVED:
        note_likeness(ticket)


def join_group(row: OutboxRow) -> None:
    """See who else tells the same as the ticket that was read."""
    ticket = by_number(row.ticket_no)
    if ticket.state is not State.ARCHIVED:
        note_group(ticket)


def spot_of(row: OutboxRow) -> tuple[str, ...]:
    """What a ticket shares with its group."""
    ticket = by_number(row.ticket_no)
    return ticket.matter_code, ticket.place_name, ticket.area_code


def read_texts(texts: Sequence[str]) -> list[Reading]:
    """One reading a text with the active model."""
    if not texts:
        return []
    model = active_model()
    found = model.classifier.guess(texts, top=TOP)  # type: ignore[attr-defined]
    return [
        Reading(model.version, tuple(MatterGuess(g.label, g.probability, g.evidence) for g in guesses), parts)
        for guesses, parts in zip(found, read_parts(texts, model.classifier), strict=True)
    ]


def read_parts(texts: Sequence[str], classifier: Any) -> list[tuple[ReadPart, ...]]:
    """What each part of each text is about, all parts at once; () for a text of one part."""
    cut = [parts_of(text) for text in texts]
    every = [part for parts in cut for part in parts]
    guessed = iter(classifier.likeliest([part.text for part in every], TOP) if every else ())
    return [
        tuple(ReadPart(part, tuple(MatterGuess(*one) for one in next(guessed))) for part in parts) for parts in cut
    ]


def active_model() -> Loaded:
    """The active model, loaded when it changed. A file without our seal is never unpickled."""
    row = session().execute(select(ModelVersion).where(ModelVersion.active)).scalar_one_or_none()
    if row is None:
        raise NotConfigured("尚无可用的分类模型，请运行 hotline train。")
    held: Loaded | None = current_app.extensions.get("hotline-model")
    if held is None or held.version != row.version:
        held = Loaded(row.version, load_model(row))
        current_app.extensions["hotline-model"] = held
    return held


def load_model(row: ModelVersion) -> object:
    """Read the model's file, check hash and seal, and only then open it."""
    from classifier.model import Classifier  # scikit-learn: workers and commands only

    with storage().get(row.storage_key) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != row.sha256 or not hmac.compare_digest(seal_of(content), row.seal):
        raise NotConfigured(f"模型文件 {row.version} 的签名不符，拒绝加载。")
    return Classifier.from_bytes(content)


def keep_model(classifier: object, version: str, card: dict[str, Any], active: bool = True) -> ModelVersion:
    """Store a trained model with its seal; make it the one in use unless it is to wait for a decision."""
    content: bytes = classifier.to_bytes()  # type: ignore[attr-defined]
    key = f"models/{version}"
    storage().put(key, io.BytesIO(content), hashlib.sha256(content).hexdigest())
    if active:
        session().execute(update(ModelVersion).values(active=False))
    row = ModelVersion(
        version=version, card=card, sha256=hashlib.sha256(content).hexdigest(), seal=seal_of(content),
        storage_key=key, active=active, created_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def seal_of(content: bytes) -> str:
    """Our HMAC over a model's file."""
    return hmac.new(keys().model, content, hashlib.sha256).hexdigest()


def storage() -> Storage:
    """The storage of this installation."""
    config: Config = current_app.extensions["hotline-config"]
    return open_storage(config.storage_place)
