"""The assignment: one department's share of a ticket in one round, exactly one of a round is the lead."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, false, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Moment, RowId, Table, Words
from hotline.models.ticket import NO_DEADLINE
from hotline.models.words import AssignmentState


class Assignment(Table):
    """Moved only by `take_step()`; while the lead one is open the ticket's state equals its state.

    `until` is the limit that whoever made a helping share set for all of it, `late` that the lead submitted without
    it; `deadline` is the nearest running duty of this share alone, begun at `deadline_since`.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_ticket_no", "ticket_no", "round"),
        Index("ix_assignment_department_id", "department_id", "id"),
        Index(
            "ix_assignment_helping", "department_id", "deadline", "id",
            postgresql_where=text("ended_at IS NULL AND NOT is_lead"),
        ),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    round: Mapped[int] = mapped_column(SmallInteger)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    is_lead: Mapped[bool]
    state: Mapped[AssignmentState]
    state_before: Mapped[AssignmentState | None]
    duty_row_id: Mapped[int | None] = mapped_column(ForeignKey("duty_row.id"))
    reason: Mapped[Words] = mapped_column(default="")
    dispatched_at: Mapped[Moment]
    signed_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    by_ruling: Mapped[bool] = mapped_column(default=False)
    until: Mapped[datetime | None]
    deadline: Mapped[Moment] = mapped_column(default=NO_DEADLINE, server_default="9000-01-01 00:00:00+00")
    deadline_since: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False, server_default=false())


class Contact(Table):
    """One try of a department to speak with the requester; its note is sealed like the requester's words."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    tried_at: Mapped[Moment]
    reached: Mapped[bool]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Reply(Table):
    """What a department answered in one assignment: the four parts of requirement 15 (ux)."""

    __tablename__ = "reply"
    __table_args__ = (Index("ix_reply_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    contacted: Mapped[bool]
    contact_note: Mapped[Words] = mapped_column(default="")
    fact_true: Mapped[bool | None]
    facts: Mapped[Words]
    handling: Mapped[Words]
    public_reply: Mapped[Words]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("knowledge_entry.id"))
    entry_version: Mapped[int | None]
    written_at: Mapped[Moment]
