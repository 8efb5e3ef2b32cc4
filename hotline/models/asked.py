"""What departments ask the hotline: return, extension, suspension, termination, each with its decision."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, RowId, Table, Words
from hotline.models.words import AskKind, Decision


class Asked(Table):
    """One request. `new_due_at` is the date shown before sending an extension or the next date of a
    suspension, `resumed_at` when a suspension really ended; `days` is how many working days were asked for,
    `wanted` what a case should be called instead."""

    __tablename__ = "asked"
    __table_args__ = (
        Index("ix_asked_ticket_no", "ticket_no", "id"),
        Index("ix_asked_pending", "kind", "id", postgresql_where=text("decision = 'pending'")),
        Index(
            "ix_asked_suspended",
            "new_due_at",
            postgresql_where=text("kind = 'suspension' AND decision = 'granted' AND resumed_at IS NULL"),
        ),
    )

    id: Mapped[RowId]
    kind: Mapped[AskKind]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    assignment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason_code: Mapped[Code] = mapped_column(default="")
    reason: Mapped[Words]
    basis: Mapped[Words] = mapped_column(default="")
    plan: Mapped[Words] = mapped_column(default="", server_default="")
    proposed_department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    days: Mapped[int | None] = mapped_column(SmallInteger)
    wanted: Mapped[Json | None]
    new_due_at: Mapped[datetime | None]
    asked_at: Mapped[Moment]
    decision: Mapped[Decision] = mapped_column(default=Decision.PENDING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[Words] = mapped_column(default="")
    resumed_at: Mapped[datetime | None]
