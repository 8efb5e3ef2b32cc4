"""The grid (网格): its cells, and what their workers are asked to do (domain.md §14)."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.grid_words import GridKind, GridResult
from hotline.models.table import Code, Json, JsonList, Moment, RowId, Table, Words


class GridCell(Table):
    """One cell of a street's grid; `department_id` is the street whose people walk it, `polygon` GeoJSON; ended
    it is no longer used, and kept for the tasks that name it."""

    __tablename__ = "grid_cell"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cell.id"))
    area: Mapped[Code] = mapped_column(default="")
    community: Mapped[Words] = mapped_column(default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    polygon: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    valid_to: Mapped[date | None]


class GridTask(Table):
    """What a cell's people are asked to do about a ticket, or what they found on patrol: then with the ticket made of
    it, if any. `staff_id` is who reported; `photos` are numbers of attachments."""

    __tablename__ = "grid_task"
    __table_args__ = (
        Index("ix_grid_task_ticket_no", "ticket_no", "id"),
        Index("ix_grid_task_open", "cell_id", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment.id"))
    cell_id: Mapped[int] = mapped_column(ForeignKey("grid_cell.id"))
    kind: Mapped[GridKind]
    words: Mapped[Words]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[Moment]
    due_at: Mapped[datetime | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    done_at: Mapped[datetime | None]
    result: Mapped[GridResult | None]
    report: Mapped[Words] = mapped_column(default="", server_default="")
    gps: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    photos: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
