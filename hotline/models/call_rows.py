"""The telephone's rows: calls, agents' seats, and the form an agent is filling in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.phone_words import CallState, SeatState
from hotline.models.table import Code, Json, Moment, Sealed, Table


class Call(Table):
    """One call, by the carrier's own id. The caller's number is in the ticket's requester, sealed.

    `since` is when the caller began to wait and stays when a seat misses the call: nobody loses their place.
    `priority` 0 is answered first (known as vulnerable), 2 last (marked as disturbing). `queue` is a special desk or
    the general one, `passed_on_at` when an agent passed the caller on to it. `agent_leg` is the carrier's id of the
    call to the agent's phone, `bridged_at` when the two were put together.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_waiting", "state", "since", postgresql_where=text("state IN ('queued', 'offering')")),
        Index("ix_call_ticket_no", "ticket_no"),
    )

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_no: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    state: Mapped[CallState]
    queue: Mapped[Code] = mapped_column(default="general")
    priority: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    agent_leg: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[Moment]
    since: Mapped[Moment]
    passed_on_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    bridged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    score: Mapped[int | None]
    missed_by: Mapped[Json] = mapped_column(default=dict)


class Recording(Table):
    """A recording or voicemail: fetched into our own storage, or missing and said so."""

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_call_id", "call_id"),)

    recording_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64))
    ticket_no: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("ticket.ticket_no"))
    kind: Mapped[Code]
    state: Mapped[Code]
    seconds: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str] = mapped_column(default="")
    made_at: Mapped[Moment]


class Seat(Table):
    """An agent's seat: presence is judged here, on the server, by its heartbeat.

    `next_state` is what the agent chose for after the call, and what an offline seat comes back to.
    `misses` counts missed calls since the agent last chose to be ready; the index lets one call ring one seat.
    """

    __tablename__ = "seat"
    __table_args__ = (
        Index("ix_seat_ready", "since", postgresql_where=text("state = 'ready'")),
        Index(
            "uq_seat_call_id", "call_id", unique=True,
            postgresql_where=text("state IN ('ringing', 'talking')"),
        ),
    )  # fmt: skip

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    state: Mapped[SeatState]
    since: Mapped[Moment]
    next_state: Mapped[SeatState]
    call_id: Mapped[str | None] = mapped_column(String(64))
    desk_phone: Mapped[str] = mapped_column(String(64), default="")
    misses: Mapped[int] = mapped_column(default=0)
    wrap_up_until: Mapped[datetime | None]
    heartbeat_at: Mapped[Moment]


class Draft(Table):
    """What an agent has typed so far, sealed with the ticket's file key."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_staff_id", "staff_id"),)

    ticket_no: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ticket.ticket_no"), primary_key=True, autoincrement=False
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    form_sealed: Mapped[Sealed]
    version: Mapped[int]
    saved_at: Mapped[Moment]
