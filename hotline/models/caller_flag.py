"""The mark of a number that disturbs the hotline (骚扰标记): with a reason, approved by a second person, for a time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Moment, Number, RowId, Sealed, Table, Words


class CallerFlag(Table):
    """Asked for by one person, granted or not by another; in force from the decision until `until`, or until it is
    lifted. No number stands here, only its keyed hash."""

    __tablename__ = "caller_flag"
    __table_args__ = (
        Index("ix_caller_flag_phone_hash", "phone_hash", "id"),
        Index("ix_caller_flag_undecided", "id", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[RowId]
    phone_hash: Mapped[Sealed]
    heard_in: Mapped[Number]
    reason: Mapped[Words]
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[Moment]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
