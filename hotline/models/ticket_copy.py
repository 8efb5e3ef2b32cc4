"""A copy (抄送): a ticket that a unit reads because it went straight to a unit below it."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Moment, Table


class TicketCopy(Table):
    """One reader of one ticket, once however often it is dispatched (domain.md §5.3, dispatch rule)."""

    __tablename__ = "ticket_copy"
    __table_args__ = (Index("ix_ticket_copy_department_id", "department_id", "ticket_no"),)

    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    copied_at: Mapped[Moment]
