"""Clocks: one row for every limit that runs, or ran, on a ticket or an assignment."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.models.reminder_words import Rung
from hotline.models.table import Moment, RowId, Table
from hotline.models.ticket import Ticket
from hotline.models.words import ClockKind

_WAITS = "next_rung_at IS NOT NULL AND stopped_at IS NULL AND met_at IS NULL"
TO_CLIMB = f"kind <> 'sign' AND {_WAITS}"
"""The limits with a rung of the ladder to come."""
UNSIGNED = f"kind = 'sign' AND {_WAITS}"
"""The limits to sign whose end nobody has been told of."""


class Clock(Table):
    """`due_at` is half-open: overdue when now ≥ due_at. It changes only by extension, calendar revision,
    redispatch, approved suspension or change of type, each a journal row (domain.md §18, I4). `day_hours` is what a
    working day was reckoned as for a utility with 24-hour duty, empty by the calendar.
    `rung` is the last rung of the ladder taken for it, `next_rung_at` when the next one is due; `told_at` when the
    duty officer was told that an alarm ran out."""

    __tablename__ = "clock"
    __table_args__ = (
        Index("ix_clock_ticket_no", "ticket_no", "id"),
        Index(
            "ix_clock_running", "due_at", "id", postgresql_where=text("stopped_at IS NULL AND met_at IS NULL")
        ),
        Index(
            "ix_clock_provisional",
            "id",
            postgresql_where=text("provisional AND stopped_at IS NULL AND met_at IS NULL"),
        ),
        Index(
            "ix_clock_alarm", "due_at",
            postgresql_where=text("kind = 'alarm' AND met_at IS NULL AND stopped_at IS NULL AND told_at IS NULL"),
        ),
        Index(
            "ix_clock_handle_decided",
            text("least(due_at, met_at, stopped_at)"),
            postgresql_where=text("kind = 'handle'"),
        ),
        Index("ix_clock_next_rung", "next_rung_at", "id", postgresql_where=text(TO_CLIMB)),
        Index("ix_clock_unsigned", "next_rung_at", "id", postgresql_where=text(UNSIGNED)),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    ticket: Mapped[Ticket] = relationship(lazy="raise")  # inserted after its ticket in one flush
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    department_id: Mapped[int | None]
    kind: Mapped[ClockKind]
    started_at: Mapped[Moment]
    due_at: Mapped[Moment]
    original_due_at: Mapped[Moment]
    limit_id: Mapped[int | None]
    limit_version: Mapped[int]
    calendar_version: Mapped[int]
    provisional: Mapped[bool]
    day_hours: Mapped[int | None] = mapped_column(SmallInteger)
    stopped_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    rung: Mapped[Rung | None]
    next_rung_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
