"""Files that belong to a ticket: sealed in the storage, described here without their given names."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Moment, RowId, Sealed, Table


class Attachment(Table):
    """A photo or paper. `clean_key` is the copy without camera data that departments see."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    side: Mapped[Code]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    name_sealed: Mapped[Sealed]
    content_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    storage_key: Mapped[str] = mapped_column(String(128))
    clean_key: Mapped[str] = mapped_column(String(128), default="")
    added_at: Mapped[Moment]
