"""What the desk keeps about itself: who looked at identity, which processes live, which work ran when."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, RowId, Table, Words
from hotline.models.words import Role


class AccessLog(Table):
    """Looking at identity, originals, recordings, and every export; append-only by trigger (domain.md
    §12)."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_ticket_no", "ticket_no"),
        Index("ix_access_log_staff_id", "staff_id", "id"),
        Index("ix_access_log_staff_at", "staff_id", "at"),
    )

    id: Mapped[RowId]
    staff_id: Mapped[int]
    role: Mapped[Role]
    department_id: Mapped[int | None]
    ticket_no: Mapped[int | None] = mapped_column(BigInteger)
    what: Mapped[Code]
    reason: Mapped[Words]
    at: Mapped[Moment]


class Heartbeat(Table):
    """One row a living process; /healthz reads them."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(String(96), primary_key=True)
    kind: Mapped[Code]
    started_at: Mapped[Moment]
    beat_at: Mapped[Moment]
    data: Mapped[Json]


class CronRun(Table):
    """When each piece of periodic work last ran, so that a missed run is made up for."""

    __tablename__ = "cron_run"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    due_at: Mapped[Moment]
    ran_at: Mapped[datetime | None]
    problem: Mapped[Words] = mapped_column(default="")
