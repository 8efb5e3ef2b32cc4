"""What the pages of the knowledge base get: versions of entries as plain values with names and marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import EntryVersion, Staff
from hotline.models.words import EntryState
from hotline.people.accounts import Person
from hotline.tickets.entries import is_expired
from hotline.tickets.rulebook import rules
from hotline.web.marking import marked
from hotline.web.shown import unit_name

LEVELS = {
    EntryState.PUBLISHED: "ok", EntryState.TO_APPROVE: "warn", EntryState.UNPUBLISHED: "bad",
    EntryState.REJECTED: "bad",
}  # fmt: skip


@dataclass(frozen=True)
class EntryShown:
    """One version as lists and pages show it; `snippet` pieces are True where a word looked for stands."""

    entry_id: int
    version: int
    title: str
    question: str
    answer: str
    snippet: Sequence[tuple[str, bool]]
    keywords: Sequence[str]
    department: str
    source: str
    valid_from: date
    valid_to: date | None
    updated_on: date
    expired: bool
    state_label: str
    state_level: str
    edited_by: str
    approved_by: str


@dataclass(frozen=True)
class VersionShown:
    """One line of an entry's history; its label says why it was rejected or unpublished."""

    version: int
    at: datetime
    who: str
    state_label: str


@dataclass(frozen=True)
class WaitingShown:
    """One version that waits for a second person; `own`: this reader wrote it and can't approve it."""

    entry_id: int
    version: int
    title: str
    department: str
    who: str
    at: datetime
    own: bool


def entries_shown(rows: Sequence[EntryVersion], terms: Sequence[str] = ()) -> list[EntryShown]:
    """Versions as shown, with the words looked for marked in their answers."""
    names = staff_names(rows)
    return [
        EntryShown(
            entry_id=row.entry_id, version=row.version, title=row.title, question="；".join(row.similar_questions),
            answer="\n\n".join(filter(None, [row.answer_short, row.answer_full])),
            snippet=marked(f"{row.answer_short} {row.answer_full}", terms), keywords=row.keywords,
            department=unit_name(row.owner_id), source=row.basis, valid_from=row.valid_from, valid_to=row.valid_to,
            updated_on=clock.city_day(row.decided_at or row.written_at), expired=is_expired(row),
            state_label=row.state.label, state_level=LEVELS.get(row.state, ""),
            edited_by=names[row.author_id], approved_by=names.get(row.approver_id or 0, ""),
        )
        for row in rows
    ]  # fmt: skip


def versions_shown(rows: Sequence[EntryVersion]) -> list[VersionShown]:
    """The history of an entry."""
    names = staff_names(rows)
    return [
        VersionShown(row.version, row.written_at, names[row.author_id], history_words(row)) for row in rows
    ]


def history_words(row: EntryVersion) -> str:
    """The state, and why where somebody had to say why."""
    why = row.unpublished_why or (row.approver_note if row.state is EntryState.REJECTED else "")
    return f"{row.state.label}：{why}" if why else row.state.label


def waiting_shown(rows: Sequence[EntryVersion], person: Person) -> list[WaitingShown]:
    """The list of what waits."""
    names = staff_names(rows)
    return [
        WaitingShown(
            row.entry_id, row.version, row.title, unit_name(row.owner_id), names[row.author_id], row.written_at,
            row.author_id == person.id,
        )
        for row in rows
    ]  # fmt: skip


def form_of(row: EntryVersion) -> dict[str, str]:
    """A version as its form has it."""
    codes = {number: code for code, number in rules().departments.items()}
    return {
        "title": row.title, "question": "；".join(row.similar_questions), "answer": row.answer_short,
        "details": row.answer_full, "keywords": " ".join(row.keywords), "department": codes.get(row.owner_id, ""),
        "source": row.basis, "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
    }  # fmt: skip


def staff_names(rows: Sequence[EntryVersion]) -> dict[int, str]:
    """The names of authors and approvers, in one statement."""
    ids = {row.author_id for row in rows} | {row.approver_id for row in rows if row.approver_id}
    return dict(session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids))).all())
