"""The archive (归档): what a ticket's whole file weighed when it became read-only."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Json, Moment, Table


class Archive(Table):
    """One row an archived ticket, never changed (trigger). `sha256` is over `parts` as canonical JSON.

    `parts`: {tables: {name: {columns, rows, sha256}}, files: {storage key: sha256 of the sealed bytes}}; the columns
    are named, so that a column added later changes no sum.
    """

    __tablename__ = "archive"

    ticket_no: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ticket.ticket_no"), primary_key=True, autoincrement=False
    )
    archived_at: Mapped[Moment]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    parts: Mapped[Json]
    retention_until: Mapped[date]
