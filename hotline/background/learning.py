"""Learning from closed cases: a challenger is trained beside the model in use and judged on newer cases.

What a matter is, the unit that handled it has accepted; what department follows from it, the duty list says, so that
a history that pushed work onto streets is never learned as right. Reports and confidential cases are
never read: few people may, and a model would be one reader more.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from classifier.starter import FORMAT, made_of
from hotline import clock
from hotline.background.reading import active_model, keep_model
from hotline.database import session, transaction
from hotline.errors import NotConfigured
from hotline.models import ModelVersion, OutboxRow, Ticket
from hotline.supervision.trained_models import (
    FEWEST_CASES,
    activate_model,
    ask_for_training,
    readable,
    teachable,
)
from hotline.tickets.rulebook import setting

MOST_CASES = 20_000
"""The newest so many are read, so that training stays within minutes (default)."""
JUDGED_SHARE = 0.2
LONGEST = timedelta(minutes=15)
"""A training is another worker's to begin again only after this (default; 14,000 cases took 51 CPU-seconds)."""
LONGEST_WITH_NETWORK = timedelta(hours=2)
"""The same with the language network (default; 12,000 texts took 9 minutes on two quiet cores, 23 on busy ones)."""
FEWEST_JUDGED = 50
"""Fewer newer cases can't tell two models apart (default)."""


@dataclass(frozen=True)
class Case:
    """A closed case: its masked text, the matter that stood at its end, and its number."""

    ticket_no: int
    text: str
    matter: str


@dataclass(frozen=True)
class Lesson:
    """What a training is made from; `champion` is the model in use, `known` the newest case it was taught; `network`:
    the language network learns, too."""

    cases: Sequence[Case]
    champion: Any
    champion_version: str
    known: int
    network: bool = False


@dataclass(frozen=True)
class Pupil:
    """A trained challenger with its card."""

    model: Any
    card: dict[str, Any]


def closed_cases() -> list[Case]:
    """The newest cases that may be learned from, oldest first."""
    query = select(Ticket.ticket_no, Ticket.text, Ticket.matter_code).where(*teachable())
    rows = session().execute(query.order_by(Ticket.ticket_no.desc()).limit(MOST_CASES)).all()
    return [Case(*row) for row in reversed(rows)]


def prepare(asked: OutboxRow | None = None) -> Lesson | None:
    """Read the cases and the model in use; None when there is too little to learn from."""
    cases, network = closed_cases(), setting("language_network")
    if len(cases) < FEWEST_CASES:
        return None
    if asked is not None and network:
        asked.claimed_until = clock.now() + LONGEST_WITH_NETWORK
    row, champion = model_in_use(), None
    with contextlib.suppress(NotConfigured):  # none, or one whose file is gone: then there is nothing to compare with
        champion = active_model().classifier
    known = int(row.card.get("until", 0)) if row else 0
    return Lesson(cases, champion, row.version if row else "", known, network)


def train(lesson: Lesson) -> Pupil:
    """Teach the older cases and judge on the newer ones, which neither model has seen. No transaction is open."""
    from classifier.model import train_matters
    from classifier.training_data import LabelledTexts, without_hint

    cut_at = round(len(lesson.cases) * (1 - JUDGED_SHARE))
    taught, newer = lesson.cases[:cut_at], [case for case in lesson.cases[cut_at:] if case.ticket_no > lesson.known]
    own = LabelledTexts(tuple(without_hint(case.text) for case in taught), tuple(case.matter for case in taught))
    with needed_tools():
        model = train_matters("desk", own, lesson.network)
    card: dict[str, Any] = {"kind": "desk", "format": FORMAT, "cases": len(taught), "n_texts": model.card.n_texts}
    card |= {"since": str(taught[0].ticket_no), "until": str(taught[-1].ticket_no), "network": lesson.network}
    return Pupil(model, card | judged(model, lesson, newer))


@contextlib.contextmanager
def needed_tools() -> Iterator[None]:
    """Turn what the language network lacks into a sentence for people."""
    from classifier.word_pieces import EmbeddingsMissingError

    try:
        yield
    except EmbeddingsMissingError as missing:
        raise NotConfigured(str(missing)) from missing


def judged(model: Any, lesson: Lesson, newer: Sequence[Case]) -> dict[str, Any]:
    """Figures on newer cases, and the comparison with the model in use when there are enough of them."""
    from classifier.compare import by_label, compare, confusions
    from classifier.training_data import without_hint

    if len(newer) < FEWEST_JUDGED:
        return {"judged": len(newer)}
    texts, truth = [without_hint(case.text) for case in newer], [case.matter for case in newer]
    threes = [[label for label, _ in row] for row in model.likeliest(texts, 3)]
    best = [row[0] if row else "" for row in threes]
    figures: dict[str, Any] = {
        "judged": len(newer),
        "top1": sum(map(str.__eq__, best, truth)) / len(newer),
        "top3": sum(label in three for label, three in zip(truth, threes, strict=True)) / len(newer),
        "confusions": confusions(truth, best),
        "labels": by_label(truth, best),
    }
    if lesson.champion is not None:
        other = [row[0][0] if row else "" for row in lesson.champion.likeliest(texts, 1)]
        found = compare(truth, other, best)
        figures["compared"] = asdict(found) | {"with": lesson.champion_version, "verdict": found.verdict}
    return figures


def keep(pupil: Pupil) -> ModelVersion:
    """Keep the challenger; it is used at once only when it won and the city lets the rule decide."""
    version = f"desk-{clock.in_city(clock.now()):%Y%m%d-%H%M%S}"
    row = keep_model(pupil.model, version, pupil.card)
    if beat_the_one_in_use(pupil.card) and setting("promote_better_models"):
        activate_model(version)
    return row


def beat_the_one_in_use(card: Mapping[str, Any]) -> bool:
    """Whether it won against the model that is in use now: another may have been put to use while it was trained."""
    found, now = card.get("compared", {}), model_in_use()
    return found.get("verdict") == "won" and now is not None and found["with"] == now.version


def model_in_use() -> ModelVersion | None:
    """The row of the active model."""
    return session().execute(select(ModelVersion).where(ModelVersion.active)).scalar_one_or_none()


def record(_: OutboxRow, pupil: Pupil | None) -> None:
    """Keep what was trained, in the outbox's own transaction."""
    if pupil is not None:
        keep(pupil)


def train_at_night() -> None:
    """Ask for a training when enough cases were closed since the last one, whatever their numbers: a case that took
    long is news, and one that was only judged on is none."""
    with transaction() as current:
        ours = select(func.max(ModelVersion.created_at)).where(ModelVersion.card["kind"].astext == "desk")
        last = current.execute(ours).scalar_one()
        new = teachable() if last is None else (*teachable(), Ticket.closed_at > last)
        if current.execute(select(func.count()).where(*new)).scalar_one() >= FEWEST_CASES:
            ask_for_training()


def keep_starter_model(always: bool = False) -> None:
    """Take the starter model when no other can be used, or `always`; then with the language network if the city wants
    it, which takes as long as any training with it."""
    with transaction():
        needed, network = always or not usable_model(), always and setting("language_network")
    if needed:
        from classifier.model import starter_model, train_starter

        with needed_tools():
            model = train_starter(embeddings=True) if network else starter_model()
        card = {"kind": "starter", "made_of": made_of(), "format": FORMAT, "network": network}
        version = f"starter-{clock.in_city(clock.now()):%Y%m%d-%H%M%S}"
        with transaction():
            keep_model(model, version, card)
            activate_model(version)


def usable_model() -> bool:
    """Whether the model in use can be read by this version, and if it is a starter model, is the present one or was
    taught with the language network."""
    row = model_in_use()
    if row is None or not readable(row):
        return False
    card = row.card
    return bool(card.get("kind") != "starter" or card.get("network") or card.get("made_of") == made_of())
