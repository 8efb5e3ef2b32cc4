"""The ticket (工单): what the desk remembers of one demand, without anybody's identity."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, JsonList, Moment, Number, Table, Words
from hotline.models.words import (
    ENDED,
    ClosingReason,
    Confidentiality,
    RequestType,
    Source,
    State,
    UrgencyGrade,
)

TICKET_SEQUENCE = Sequence("ticket_sequence", metadata=Table.metadata, data_type=BigInteger)
"""Never reset; ticket_no = day in Asia/Shanghai × 10⁸ + this (spine.md)."""

NO_DEADLINE = datetime(9000, 1, 1, tzinfo=UTC)
"""Sorts last and keeps the keyset of lists free of NULL."""

TO_ARCHIVE = "state IN ('closed', 'not_accepted', 'transferred', 'withdrawn')"
"""Ended, and archived some day; what was merged goes with its master."""
AGAIN = "(returns > 0 OR rehandles > 0 OR rectify_rounds > 0)"
"""Returned, worked on again or rectified at least once."""
_ENDED = ", ".join(f"'{state}'" for state in sorted(ENDED))


class Ticket(Table):
    """One demand. `text` and `place` are copies in which numbers and names are replaced by marks.

    `extract` is what companies read instead of `text` where nobody must be known.
    Times are aware; `deadline` is the nearest running duty, `NO_DEADLINE` when none runs, and `deadline_since`
    when that duty began; `priority` 0 is the most urgent; `called` holds the pairs of type and urgency it had since
    its first dispatch, whose limits stay (domain.md §18, I22);
    `place_name` is the spot of the gazetteer it is about; `told_by` counts the people of a ticket and of those merged
    into it; `unhappy_follower` marks a merged one whose requester reviewed the answer badly; `review_until` is when the
    last invitation to review runs out.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(f"state NOT IN ({_ENDED}) OR closing_reason IS NOT NULL", name="ended_with_reason"),
        Index(
            "ix_ticket_open_queue",
            "state",
            "priority",
            "deadline",
            "ticket_no",
            postgresql_where=text(f"state NOT IN ({_ENDED})"),
        ),
        Index(
            "ix_ticket_open_department",
            "department_id",
            "priority",
            "deadline",
            "ticket_no",
            postgresql_where=text(f"state NOT IN ({_ENDED})"),
        ),
        Index(
            "ix_ticket_open_deadline",
            "deadline",
            "ticket_no",
            postgresql_where=text(f"state NOT IN ({_ENDED})"),
        ),
        Index(
            "ix_ticket_alarm",
            "priority",
            "deadline",
            "ticket_no",
            postgresql_where=text(f"alarm_open AND state NOT IN ({_ENDED})"),
        ),
        Index("ix_ticket_any_alarm", "priority", "deadline", "ticket_no", postgresql_where=text("alarm_open")),
        Index("ix_ticket_follower", "master_no", postgresql_where=text("master_no <> ticket_no")),
        Index("ix_ticket_open_number", "ticket_no", postgresql_where=text(f"state NOT IN ({_ENDED})")),
        Index("ix_ticket_open_again", "ticket_no", postgresql_where=text(f"{AGAIN} AND state NOT IN ({_ENDED})")),
        Index("ix_ticket_review_until", "review_until", postgresql_where=text("state = 'to_evaluate'")),
        Index("ix_ticket_unhappy_follower", "ticket_no", postgresql_where=text("unhappy_follower")),
        Index("ix_ticket_place_name", "place_name", text("ticket_no DESC"), postgresql_where=text("place_name <> ''")),
        Index("ix_ticket_department", "department_id", text("ticket_no DESC")),
        Index("ix_ticket_transferred", "ticket_no", postgresql_where=text("state = 'transferred'")),
        Index("ix_ticket_to_archive", "closed_at", "ticket_no", postgresql_where=text(TO_ARCHIVE)),
    )

    ticket_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[State]
    source: Mapped[Source]
    request_type: Mapped[RequestType]
    urgency: Mapped[UrgencyGrade]
    priority: Mapped[int] = mapped_column(SmallInteger)
    confidentiality: Mapped[Confidentiality]
    title: Mapped[Words]
    text: Mapped[Words]
    place: Mapped[Words]
    extract: Mapped[Words] = mapped_column(default="", server_default="")
    area_code: Mapped[Code] = mapped_column(default="")
    place_name: Mapped[Words] = mapped_column(default="", server_default="")
    matter_code: Mapped[Code] = mapped_column(default="")
    tags: Mapped[JsonList] = mapped_column(default=list)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    respondent_department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    dispatcher_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    master_no: Mapped[Number]
    content_version: Mapped[int] = mapped_column(default=1)
    steps: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(SmallInteger, default=0)
    returns: Mapped[int] = mapped_column(SmallInteger, default=0)
    rehandles: Mapped[int] = mapped_column(SmallInteger, default=0)
    rectify_rounds: Mapped[int] = mapped_column(SmallInteger, default=0)
    reopens: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    called: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
    told_by: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    unhappy_follower: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    review_until: Mapped[datetime | None]
    has_contact: Mapped[bool]
    is_test: Mapped[bool] = mapped_column(default=False)
    counts_in_assessment: Mapped[bool] = mapped_column(default=True)
    alarm_open: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[Moment]
    deadline: Mapped[Moment] = mapped_column(default=NO_DEADLINE)
    deadline_since: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[ClosingReason | None]
