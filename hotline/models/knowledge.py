"""Knowledge entries and their versions: an answer cites entry and version, and a version never changes."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, JsonList, Moment, Table, Words
from hotline.models.words import EntryState


class KnowledgeEntry(Table):
    """What stays the same over the versions: the number. `current` is the published version, None when
    there is none."""

    __tablename__ = "knowledge_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    current: Mapped[int | None]
    hits: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]


class EntryVersion(Table):
    """One wording and its owner. Author and approver differ (two-person rule, domain.md §10; a CHECK in the
    migration)."""

    __tablename__ = "entry_version"
    __table_args__ = (
        UniqueConstraint("entry_id", "version"),
        Index("ix_entry_version_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("knowledge_entry.id"))
    version: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    state: Mapped[EntryState]
    title: Mapped[Words]
    similar_questions: Mapped[JsonList]
    answer_short: Mapped[Words]
    answer_full: Mapped[Words]
    basis: Mapped[Words]
    matter_code: Mapped[Code]
    region: Mapped[Code] = mapped_column(default="")
    audience: Mapped[Code] = mapped_column(default="")
    visibility: Mapped[Code] = mapped_column(default="public")
    keywords: Mapped[JsonList]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    review_by: Mapped[date | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approver_note: Mapped[Words] = mapped_column(default="")
    written_at: Mapped[Moment]
    decided_at: Mapped[datetime | None]
    unpublished_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    unpublished_at: Mapped[datetime | None]
    unpublished_why: Mapped[Words] = mapped_column(default="")
