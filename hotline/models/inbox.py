"""The inbox: every outside message is remembered with its answer, so that it may come twice."""

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Json, Moment, Table


class InboxRow(Table):
    """Same platform, key and body → the same answer; the answer holds no identity."""

    __tablename__ = "inbox"

    platform: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[Json]
    ticket_no: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[Moment]


class TicketAlias(Table):
    """A number another platform gives a ticket (JJDBH is unique only within one police platform)."""

    __tablename__ = "ticket_alias"
    __table_args__ = (Index("ix_ticket_alias_ticket_no", "ticket_no"),)

    platform: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_no: Mapped[int] = mapped_column(BigInteger)
    given_at: Mapped[Moment]
