"""Urging and supervision (催办、督办) with the department's answers, and the ledger of interviews and notices."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.reminder_words import ReminderKind, SummonsKind, SupervisionReason
from hotline.models.table import JsonList, Moment, RowId, Table, Words
from hotline.models.words import Role


class Reminder(Table):
    """One department pressed once on one ticket, answered in its own limit. `times` counts what a citizen's
    urging anew added to it; `with_units` are all departments of a joint supervision; `clock_id` is the limit that
    brought it about."""

    __tablename__ = "reminder"
    __table_args__ = (
        Index("ix_reminder_ticket_no", "ticket_no", "id"),
        Index("ix_reminder_asked_at", "asked_at"),
        Index("ix_reminder_open", "due_at", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_reminder_open_department", "department_id", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    clock_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clock.id"))
    kind: Mapped[ReminderKind]
    reason: Mapped[SupervisionReason | None]
    by_role: Mapped[Role]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[Words] = mapped_column(default="")
    with_units: Mapped[JsonList] = mapped_column(default=list)
    times: Mapped[int] = mapped_column(SmallInteger, default=1)
    asked_at: Mapped[Moment]
    due_at: Mapped[Moment]
    answer: Mapped[Words] = mapped_column(default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]


class Summons(Table):
    """挂牌, 约谈 or 通报 of a department for a ticket: proposed, taken up by a supervisor or dropped, followed up."""

    __tablename__ = "summons"
    __table_args__ = (
        Index("ix_summons_ticket_no", "ticket_no", "id"),
        Index("ix_summons_open", "id", postgresql_where=text("done_at IS NULL")),
        Index("ix_summons_open_department", "department_id", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    clock_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clock.id"))
    kind: Mapped[SummonsKind]
    reason: Mapped[Words]
    proposed_at: Mapped[Moment]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_up_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_up_at: Mapped[datetime | None]
    held_on: Mapped[date | None]
    persons: Mapped[Words] = mapped_column(default="")
    commitments: Mapped[Words] = mapped_column(default="")
    follow_up_on: Mapped[date | None]
    outcome: Mapped[Words] = mapped_column(default="")
    done_at: Mapped[datetime | None]
