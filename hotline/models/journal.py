"""The journal: one row for every step of every ticket, only ever added to; every rate is computed from it."""

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, Number, RowId, Table, Xid8
from hotline.models.words import Role, State, Step


class JournalEntry(Table):
    """Who did what from where to where, under which versions of the rules; `data` holds no identity.

    Readers of the feed go by (xact, id) below pg_snapshot_xmin: by id alone a late commit is missed.
    UPDATE, DELETE and TRUNCATE are refused by a trigger.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("ix_journal_entry_ticket_no", "ticket_no", "seq"),
        Index("ix_journal_entry_feed", "xact", "id"),
        Index("ix_journal_entry_step", "step", "occurred_at"),
    )

    id: Mapped[RowId]
    xact: Mapped[str] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    ticket_no: Mapped[Number]
    seq: Mapped[int]
    step: Mapped[Step]
    from_state: Mapped[State | None]
    to_state: Mapped[State]
    assignment_id: Mapped[int | None] = mapped_column(BigInteger)
    department_id: Mapped[int | None]
    round: Mapped[int] = mapped_column(SmallInteger)
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None]
    actor_role: Mapped[Role]
    actor_department_id: Mapped[int | None]
    occurred_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    data: Mapped[Json]
    versions: Mapped[Json]
