"""The trained classifiers: which there are, and which one the workers use."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from classifier.starter import FORMAT
from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, NotFound
from hotline.models import DispatchThreshold, ModelVersion, OutboxRow, Ticket
from hotline.models.words import ClosingReason, Confidentiality, RequestType
from hotline.tickets.lifecycle import put

MOST = 50
FEWEST_CASES = 200
"""Confirmed cases from which training makes sense (default)."""
TOO_FEW = "市民已评价结案、可供学习的工单只有{}件，不足{}件。"
VERDICTS = {"won": "胜出", "lost": "落后", "same": "未见差别"}


def trained_models() -> Sequence[ModelVersion]:
    """The newest first."""
    query = select(ModelVersion).order_by(ModelVersion.id.desc()).limit(MOST)
    return session().execute(query).scalars().all()


def confirmed() -> tuple[ColumnElement[bool], ...]:
    """Which tickets may be learned from: closed by the requester's own review, no test, no report, nothing
    confidential: few people may read those, and a model would be one reader more."""
    return (
        Ticket.closing_reason == ClosingReason.REVIEWED,
        Ticket.matter_code != "",
        Ticket.is_test.is_(False),
        Ticket.request_type != RequestType.REPORT,
        Ticket.confidentiality == Confidentiality.OPEN,
    )


def ask_for_training() -> None:
    """Have a worker train a challenger; nothing more when one already waits. Raises `BadInput` when there is
    too little to learn from."""
    found = session().execute(select(func.count()).where(*confirmed())).scalar_one()
    if found < FEWEST_CASES:
        raise BadInput(TOO_FEW.format(found, FEWEST_CASES))
    if not training_state():
        put("train_model", None, {}, at=clock.now())


def training_state() -> str:
    """What a training is doing, in words; empty when there is none."""
    waiting = select(OutboxRow.claimed_until).where(OutboxRow.kind == "train_model", OutboxRow.dead_at.is_(None))
    row = session().execute(waiting.limit(1)).first()
    if row is None:
        return ""
    until = row.claimed_until
    return "正在训练" if until and until > clock.now() else "等待训练"


def readable(row: ModelVersion) -> bool:
    """Whether this version of the desk can load the model."""
    return bool(row.card.get("format") == FORMAT)


def activate_model(version: str) -> None:
    """Workers load it before their next batch. Raises `NotFound`, and `BadInput` for one this version cannot read."""
    wanted = select(ModelVersion).where(ModelVersion.version == version).with_for_update()
    row = session().execute(wanted).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个模型。")
    if not readable(row):
        raise BadInput(f"模型 {version} 由旧版本系统训练，不能启用，请重新训练。")
    session().execute(update(ModelVersion).values(active=ModelVersion.version == version))
    session().execute(delete(DispatchThreshold))  # another model's sureness means something else


def comparison_words(card: Mapping[str, Any]) -> str:
    """How a challenger did beside the model that was in use when it was trained."""
    found = card.get("compared")
    if found is None:
        judged = card.get("judged")
        return "" if judged is None else f"较新的工单只有{judged}件，不足以比较"
    chance = "不足0.1%" if found["chance"] < 0.001 else f"{found['chance']:.1%}"
    return (
        f"{VERDICTS[found['verdict']]}：在较新的{found['n']}件上判对{found['challenger']}件，"
        f"“{found['with']}”判对{found['champion']}件"
        f"（两者相同而差异出于偶然的可能为{chance}）"
    )
