"""The consultation meeting (会商) about a return: who was invited, what they think, the minutes and the ruling."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.consultation_words import Outcome
from hotline.models.table import Moment, RowId, Table, Words


class Consultation(Table):
    """One meeting about one request to return, unless it was cancelled; the columns after those are the ruling."""

    __tablename__ = "consultation"
    __table_args__ = (
        Index("ix_consultation_ticket_no", "ticket_no", "id"),
        Index("ix_consultation_open", "id", postgresql_where=text("ruled_at IS NULL")),
        Index("ix_consultation_asked_id", "asked_id", unique=True, postgresql_where=text("cancelled_at IS NULL")),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    asked_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("asked.id"))
    called_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    called_at: Mapped[Moment]
    meets_at: Mapped[Moment]
    question: Mapped[Words]
    cancelled_at: Mapped[datetime | None]
    cancelled_why: Mapped[Words] = mapped_column(default="", server_default="")
    outcome: Mapped[Outcome | None]
    minutes: Mapped[Words] = mapped_column(default="")
    ruled_department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    ruled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ruled_at: Mapped[datetime | None]
    duty_row_id: Mapped[int | None] = mapped_column(ForeignKey("duty_row.id"))


class InvitedUnit(Table):
    """One unit invited to a meeting, and the opinion it wrote before."""

    __tablename__ = "invited_unit"
    __table_args__ = (
        Index("ix_invited_unit_department_id", "department_id", "consultation_id"),
        Index("ix_invited_unit_consultation_id", "consultation_id", "department_id", unique=True),
        Index("ix_invited_unit_ticket_no", "ticket_no"),
    )

    id: Mapped[RowId]
    consultation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("consultation.id"))
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    opinion: Mapped[Words] = mapped_column(default="")
    opinion_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    opinion_at: Mapped[datetime | None]
