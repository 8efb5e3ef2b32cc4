"""The three-way call (三方通话): who spoke with whom, from when to when, and who takes the case (domain.md §8.3)."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.emergency_words import AgreedOwner
from hotline.models.table import JsonList, Moment, RowId, Table, Words


class ThreeWayCall(Table):
    """One call; `parties` holds for each its name and the city's times it joined and left, as typed."""

    __tablename__ = "three_way_call"
    __table_args__ = (Index("ix_three_way_call_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[Moment]
    parties: Mapped[JsonList]
    owner: Mapped[AgreedOwner]
    words: Mapped[Words]
