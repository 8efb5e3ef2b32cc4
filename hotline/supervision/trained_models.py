"""The trained classifiers: which there are, and which one the workers use."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from classifier.starter import FORMAT
from hotline import clock
from hotline.database import note_lane, session
from hotline.errors import BadInput, NotFound
from hotline.models import Assignment, DispatchThreshold, ModelVersion, OutboxRow, Ticket
from hotline.models.words import ClosingReason, Confidentiality, RequestType
from hotline.tickets.lifecycle import put
from hotline.tickets.reactions import DESK_LANE

MOST = 50
ONE_AT_A_TIME = 20_260_003
"""The advisory lock of all that changes which model is in use."""
FEWEST_CASES = 200
"""Cases from which training makes sense (default)."""
HANDLED = (
    ClosingReason.REVIEWED, ClosingReason.BAD_REVIEW_STANDING, ClosingReason.INVITATION_EXPIRED,
    ClosingReason.UNREACHED, ClosingReason.NO_CONTACT,
)  # fmt: skip
"""Endings of cases that a unit has accepted and handled, or the hotline has answered."""
TOO_FEW = "已办理归档、可供学习的工单只有{}件，不足{}件。"
USED, CLEARED = "used", "cleared"
"""Marks on a card: it was in use once; its file was removed, for nobody went back to it."""
VERDICTS = {"won": "胜出", "lost": "落后", "same": "未见差别"}


def trained_models() -> Sequence[ModelVersion]:
    """The newest first; the one in use is among them, however old."""
    query = select(ModelVersion).order_by(ModelVersion.id.desc())
    newest = session().execute(query.limit(MOST)).scalars().all()
    older = query.where(ModelVersion.active, ModelVersion.id < newest[-1].id) if newest else query.limit(0)
    return [*newest, *session().execute(older).scalars()]


def teachable() -> tuple[ColumnElement[bool], ...]:
    """Which tickets may be learned from: closed after they were handled, reviewed or not, no test, no report, nothing
    confidential: few people may read those, and a model would be one reader more. Nor a returned case that went to
    another unit without a row of the duty list: its matter is still the one that led to the wrong unit."""
    without_row = exists().where(
        Assignment.ticket_no == Ticket.ticket_no, Assignment.round == Ticket.round, Assignment.is_lead,
        Assignment.duty_row_id.is_(None),
    )  # fmt: skip
    return (
        Ticket.closing_reason.in_(HANDLED),
        Ticket.matter_code != "",
        Ticket.is_test.is_(False),
        Ticket.request_type != RequestType.REPORT,
        Ticket.confidentiality == Confidentiality.OPEN,
        (Ticket.returns == 0) | ~without_row,
    )


def ask_for_training() -> None:
    """Have a worker train a challenger; nothing more when one already waits. Raises `BadInput` when there is
    too little to learn from."""
    one_at_a_time()
    some = select(Ticket.ticket_no).where(*teachable()).limit(FEWEST_CASES).subquery()
    found = session().execute(select(func.count()).select_from(some)).scalar_one()
    if found < FEWEST_CASES:
        raise BadInput(TOO_FEW.format(found, FEWEST_CASES))
    if not training_state():
        put("train_model", None, {}, at=clock.now())


def one_at_a_time() -> None:
    """Who asks for a training or changes the model in use waits for whoever is just doing so."""
    session().execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


def training_state() -> str:
    """What a training is doing, in words; empty when there is none."""
    waiting = select(OutboxRow.claimed_until).where(OutboxRow.kind == "train_model", OutboxRow.dead_at.is_(None))
    row = session().execute(waiting.limit(1)).first()
    if row is None:
        return ""
    until = row.claimed_until
    if not until or until <= clock.now():
        return "等待训练"
    return f"正在训练（如中途中断，{clock.in_city(until):%H:%M} 后自动重新开始）"


def training_problem() -> str:
    """Why the last training did not end, as long as none has ended since; else empty."""
    last = select(func.max(ModelVersion.created_at)).scalar_subquery()
    since = OutboxRow.dead_at.is_(None) | (OutboxRow.dead_at > last)
    failed = select(OutboxRow.problem, OutboxRow.dead_at).where(OutboxRow.kind == "train_model", since)
    row = session().execute(failed.order_by(OutboxRow.id.desc()).limit(1)).first()
    if row is None or not row.problem:
        return ""
    return f"上次训练没有完成（{row.problem}），{'已不再重试，可重新训练' if row.dead_at else '将自动重试'}。"


def readable(row: ModelVersion) -> bool:
    """Whether this version of the desk can load the model, and its file was kept."""
    return bool(row.card.get("format") == FORMAT and not row.card.get(CLEARED))


def model_named(version: str) -> ModelVersion:
    """The model of this version. Raises `NotFound`, and `BadInput` for one this version of the desk cannot read or
    whose file was removed."""
    found = session().execute(select(ModelVersion).where(ModelVersion.version == version)).scalar_one_or_none()
    if found is None:
        raise NotFound("没有这个模型。")
    if found.card.get(CLEARED):
        raise BadInput(f"模型 {version} 久未使用，文件已清理，不能启用。")
    if not readable(found):
        raise BadInput(f"模型 {version} 由旧版本系统训练，不能启用，请重新训练。")
    return found


def activate_model(version: str) -> None:
    """Workers load it before their next batch; what was given up for want of a model is tried again. Raises as
    `model_named` does."""
    one_at_a_time()
    row = model_named(version)
    row.card = row.card | {USED: True}
    session().execute(update(ModelVersion).values(active=ModelVersion.version == version))
    session().execute(delete(DispatchThreshold))  # another model's sureness means something else
    given_up = update(OutboxRow).where(OutboxRow.kind == "classify", OutboxRow.dead_at.is_not(None))
    session().execute(given_up.values(dead_at=None, attempts=0, claimed_until=None, not_before=clock.now()))
    note_lane(DESK_LANE)


def comparison_words(card: Mapping[str, Any]) -> str:
    """How a challenger did beside the model that was in use when it was trained."""
    found = card.get("compared")
    if found is None:
        judged = card.get("judged")
        if judged is None:
            return ""
        return "训练时没有可用的模型，未作比较" if "top1" in card else f"较新的工单只有{judged}件，不足以比较"
    chance = "不足0.1%" if found["chance"] < 0.001 else f"{found['chance']:.1%}"
    return (
        f"{VERDICTS[found['verdict']]}：在较新的{found['n']}件上判对{found['challenger']}件，"
        f"“{found['with']}”判对{found['champion']}件"
        f"（两者相同而差异出于偶然的可能为{chance}）"
    )
