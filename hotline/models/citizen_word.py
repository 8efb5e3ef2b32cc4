"""What only the requester's side can say: callbacks answered, invitations, reviews, and the bad-review
case."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Moment, RowId, Sealed, Table, Words
from hotline.models.words import Grade, Solved


class Callback(Table):
    """One try of the hotline to ask the requester (回访); the answers feed the three rates."""

    __tablename__ = "callback"
    __table_args__ = (Index("ix_callback_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    round: Mapped[int] = mapped_column(SmallInteger)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    tried_at: Mapped[Moment]
    half_day: Mapped[Code]
    connected: Mapped[bool]
    contacted: Mapped[bool | None]
    solved: Mapped[Solved | None]
    satisfied: Mapped[Grade | None]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Invitation(Table):
    """The right to review one round of one ticket: found by the hash of its token, spent by POST only."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_ticket_no", "ticket_no", "round"),
        Index("ix_invitation_token_hash", "token_hash"),
    )

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    round: Mapped[int] = mapped_column(SmallInteger)
    token_hash: Mapped[Sealed]
    token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    invited_at: Mapped[Moment]
    delivered_at: Mapped[datetime | None]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None]


class Review(Table):
    """The requester's own word (评价); nobody else can make one (domain.md §18, I11)."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    invitation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invitation.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    department_id: Mapped[int | None]
    grade: Mapped[Grade]
    solved: Mapped[Solved]
    reason_code: Mapped[Code] = mapped_column(default="")
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    evaluator_kind: Mapped[Code] = mapped_column(default="citizen")
    channel: Mapped[Code]
    given_at: Mapped[Moment]


class BadReviewCase(Table):
    """差评整改: opened by a bad review, contact due in one working day, verified outside the department."""

    __tablename__ = "bad_review_case"
    __table_args__ = (Index("ix_bad_review_case_ticket_no", "ticket_no", "id"),)

    id: Mapped[RowId]
    ticket_no: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    review_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("review.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    department_id: Mapped[int]
    opened_at: Mapped[Moment]
    contacted_at: Mapped[datetime | None]
    rectified_at: Mapped[datetime | None]
    handling: Mapped[Words] = mapped_column(default="")
    public_reply: Mapped[Words] = mapped_column(default="")
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    verdict: Mapped[Words] = mapped_column(default="")
