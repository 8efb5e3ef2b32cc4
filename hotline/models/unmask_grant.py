"""The right of one named person to see who is behind one ticket: asked for, granted for a time, counted, withdrawn."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Moment, RowId, Table, Words
from hotline.models.words import Decision


class UnmaskGrant(Table):
    """One request and its decision; it holds while its share is open, from `valid_from` for `looks` looks."""

    __tablename__ = "unmask_grant"
    __table_args__ = (
        Index("ix_unmask_grant_ticket_no", "ticket_no", "id"),
        Index("ix_unmask_grant_pending", "id", postgresql_where=text("decision = 'pending'")),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    assignment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Words]
    asked_at: Mapped[Moment]
    decision: Mapped[Decision] = mapped_column(default=Decision.PENDING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[Words] = mapped_column(default="")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(SmallInteger, default=0)
    used: Mapped[int] = mapped_column(SmallInteger, default=0)
    withdrawn_at: Mapped[datetime | None]
