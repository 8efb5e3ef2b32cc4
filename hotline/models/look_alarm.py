"""Unusual looking that somebody else must answer for the one who looked."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.look_words import LookKind
from hotline.models.table import Moment, RowId, Table, Words


class LookAlarm(Table):
    """One kind of unusual looking of one person on one day, `count` so far; answered, the next look opens another."""

    __tablename__ = "look_alarm"
    __table_args__ = (
        Index(
            "ix_look_alarm_open", "staff_id", "day", "kind", unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[RowId]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    day: Mapped[date]
    kind: Mapped[LookKind]
    count: Mapped[int]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    raised_at: Mapped[Moment]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[Words] = mapped_column(default="")
