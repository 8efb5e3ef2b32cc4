"""The requester (诉求人): what one person said this time, readable only with this row's key.

Everything personal of the case (these fields, the review's words, voice, photos, the draft) is sealed with
`file_key`; erasing the row makes all of it unreadable (spine.md: "nothing else holds identity").
"""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.models.table import Code, JsonList, Sealed, Table
from hotline.models.ticket import Ticket


class Requester(Table):
    """One row a ticket. `words_sealed` is JSON {content, place} as typed; `phone_hash` finds a person's
    tickets; `company_sealed` is JSON {company, credit_code} of an enterprise."""

    __tablename__ = "requester"
    __table_args__ = (Index("ix_requester_phone_hash", "phone_hash", text("ticket_no DESC")),)

    ticket_no: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ticket.ticket_no"), primary_key=True, autoincrement=False
    )
    ticket: Mapped[Ticket] = relationship(lazy="raise")  # inserted after its ticket in one flush
    file_key: Mapped[Sealed]
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    calling_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    company_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[Sealed]
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[Code] = mapped_column(default="person")
    labels: Mapped[JsonList] = mapped_column(default=list)
    named: Mapped[bool] = mapped_column(default=False)
