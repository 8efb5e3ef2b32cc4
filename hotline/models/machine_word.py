"""What the classifier said of a ticket and what people made of it, and the models that said it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, JsonList, Moment, RowId, Table, Words


class MachineGuess(Table):
    """Guesses and routes of one reading, kept beside the dispatcher's choice for training.

    `guesses`: [{matter_code, probability, evidence}]; `routes`: [{department, matter, probability, reason, …}];
    `parts`: [{text, matter, department, probability}] when the text seems to hold several demands, else [].
    `decision`: automatic, to_dispatcher (not sure enough), or barred (a rule forbids it however sure).
    """

    __tablename__ = "machine_guess"
    __table_args__ = (
        Index("ix_machine_guess_ticket_no", "ticket_no", "id"),
        Index("ix_machine_guess_guessed_at", "guessed_at"),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    model_version: Mapped[Code]
    content_version: Mapped[int]
    guesses: Mapped[JsonList]
    routes: Mapped[JsonList]
    parts: Mapped[JsonList] = mapped_column(default=list, server_default=text("'[]'"))
    decision: Mapped[Code]
    why: Mapped[Words]
    guessed_at: Mapped[Moment]
    chosen_department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    chosen_at: Mapped[datetime | None]


class ModelVersion(Table):
    """A trained model: its card, the hash of its file and the seal that lets a worker load it."""

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[Code] = mapped_column(unique=True)
    card: Mapped[Json]
    sha256: Mapped[Words]
    seal: Mapped[Words]
    storage_key: Mapped[Words]
    active: Mapped[bool]
    created_at: Mapped[Moment]
