"""Reads tickets with the active model: a whole batch at once, then each result becomes its ticket's
guesses."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from sqlalchemy import select

from hotline import clock
from hotline.background.likeness import note_likeness
from hotline.database import session
from hotline.errors import NotConfigured
from hotline.gateways.model_files import content_of, put_file, seal_of
from hotline.models import ModelVersion, OutboxRow, Ticket
from hotline.models.words import State
from hotline.tickets.dispatch import Reading, classify
from hotline.tickets.find import by_number
from hotline.tickets.grouping import note_group
from routing.case import MatterGuess
from routing.several_demands import ReadPart, parts_of

TOP = 12
OF_BEFORE = "模型 {} 由另一版本的系统训练，现在读不了，请在“分类模型”页启用另一个，或重新训练。"


@dataclass
class Loaded:
    """The model a worker holds; read once, replaced when another version is made active."""

    version: str
    classifier: object


def read_batch(rows: Sequence[OutboxRow]) -> Mapping[int, Reading]:
    """The readings of all tickets of a batch that are still to be dispatched, by ticket number."""
    query = select(Ticket.ticket_no, Ticket.text, Ticket.content_version).where(
        Ticket.ticket_no.in_([row.ticket_no for row in rows]), Ticket.state == State.TO_DISPATCH
    )
    found = session().execute(query).all()
    readings = read_texts([text for _, text, _ in found])
    return {
        no: replace(reading, content_version=version)
        for (no, _, version), reading in zip(found, readings, strict=True)
    }


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
    """Read the model's file, check hash and seal, and only then open it. Raises `NotConfigured`, whatever is wrong."""
    from classifier.model import Classifier, ModelFileError  # scikit-learn: workers and commands only
    from classifier.word_pieces import EmbeddingsMissingError

    content = content_of(row)
    try:
        return Classifier.from_bytes(content)
    except ModelFileError as damage:
        raise NotConfigured(OF_BEFORE.format(row.version)) from damage
    except EmbeddingsMissingError as missing:
        raise NotConfigured(f"模型 {row.version} 用到语言网络。{missing}") from missing


def keep_model(classifier: object, version: str, card: dict[str, Any]) -> ModelVersion:
    """Store a trained model with its seal; `activate_model` puts it to use."""
    content: bytes = classifier.to_bytes()  # type: ignore[attr-defined]
    key = f"models/{version}"
    put_file(key, content)
    row = ModelVersion(
        version=version, card=card, sha256=hashlib.sha256(content).hexdigest(), seal=seal_of(content),
        storage_key=key, active=False, created_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row
