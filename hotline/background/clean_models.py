"""Removes the files of trained models that nobody will go back to; their cards stay."""

from sqlalchemy import select

from hotline.database import session, transaction
from hotline.gateways.model_files import storage
from hotline.models import ModelVersion
from hotline.supervision.trained_models import CLEARED, USED, one_at_a_time

KEPT = 10
"""The newest so many can be put to use, and besides them as many of those that were in use (default; a file has 8 to
21 MB, and a busy city trains one a night)."""


def clean_models() -> None:
    """Remove what is left over. Who dies half-way leaves a card whose file is missing, and the next night ends it."""
    with transaction():
        one_at_a_time()
        for row in left_over():
            storage().delete(row.storage_key)
            row.card = row.card | {CLEARED: True}


def left_over() -> list[ModelVersion]:
    """The desk's own models whose files may go: neither in use, nor among the newest, nor among the last that were."""
    ours = select(ModelVersion).where(ModelVersion.card["kind"].astext == "desk")
    rows = session().execute(ours.order_by(ModelVersion.id.desc())).scalars().all()
    once_used = [row for row in rows if row.card.get(USED)]
    kept = {*rows[:KEPT], *once_used[:KEPT]}
    return [row for row in rows if not row.active and row not in kept and not row.card.get(CLEARED)]
