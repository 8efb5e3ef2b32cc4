"""The trained classifiers: which there are, and which one the workers use."""

from collections.abc import Sequence

from sqlalchemy import select, update

from hotline.database import session
from hotline.errors import NotFound
from hotline.models import ModelVersion

MOST = 50


def trained_models() -> Sequence[ModelVersion]:
    """The newest first."""
    query = select(ModelVersion).order_by(ModelVersion.id.desc()).limit(MOST)
    return session().execute(query).scalars().all()


def activate_model(version: str) -> None:
    """Workers load it before their next batch. Raises `NotFound`."""
    wanted = select(ModelVersion).where(ModelVersion.version == version).with_for_update()
    row = session().execute(wanted).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个模型。")
    session().execute(update(ModelVersion).values(active=ModelVersion.version == version))
