"""What leaves the house: messages to people, and messages to other platforms, each with its fate."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, RowId, Table, Words


class Message(Table):
    """A text message to a requester or a duty phone. `params` holds no identity; the number is read at
    sending."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    template: Mapped[Code]
    params: Mapped[Json]
    idempotency_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[Code]
    carrier_ref: Mapped[Words] = mapped_column(default="")
    problem: Mapped[Words] = mapped_column(default="")
    created_at: Mapped[Moment]
    sent_at: Mapped[datetime | None]


class Partner(Table):
    """Another platform that signs its messages: API partners and police platforms. Secrets are sealed."""

    __tablename__ = "partner"

    platform: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[Words]
    kind: Mapped[Code]
    api_key_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    url: Mapped[Words] = mapped_column(default="")
    created_at: Mapped[Moment]
    ended_at: Mapped[datetime | None]


class PartnerMessage(Table):
    """One message of ours to another platform and its answer; the body is built again at each try."""

    __tablename__ = "partner_message"
    __table_args__ = (Index("ix_partner_message_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    platform: Mapped[str] = mapped_column(String(32), ForeignKey("partner.platform"))
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    kind: Mapped[Code]
    number: Mapped[str] = mapped_column(String(64))
    data: Mapped[Json]
    state: Mapped[Code]
    problem: Mapped[Words] = mapped_column(default="")
    created_at: Mapped[Moment]
    tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
