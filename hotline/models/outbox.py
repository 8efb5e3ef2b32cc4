"""The outbox: what must follow a step, written in the step's own transaction; rq is only its doorbell."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, RowId, Table, Words


class OutboxRow(Table):
    """`ref` holds ids only. A row is claimed until `claimed_until`; `dead_at` marks one given up loudly."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_lane", "lane", "not_before", "id", postgresql_where=text("dead_at IS NULL")),
        Index("ix_outbox_dead", "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
    )

    id: Mapped[RowId]
    lane: Mapped[Code]
    kind: Mapped[Code]
    ticket_no: Mapped[int | None] = mapped_column(BigInteger)
    ref: Mapped[Json]
    created_at: Mapped[Moment]
    not_before: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    claimed_until: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    problem: Mapped[Words] = mapped_column(default="")
