"""Finds knowledge entries for a reader: lists by state, words looked for, one entry with its versions.

Looking for words is done in SQL with pairs of characters and not on the lane `now`: it also finds drafts and
unpublished entries, a two-character word is exactly one pair, and it works while Redis is dead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, or_, select, true

from classifier.normalise import normalise
from hotline import clock
from hotline.database import session
from hotline.errors import NotFound
from hotline.models import Department, EntryVersion, KnowledgeEntry, Reply
from hotline.models.words import EntryState, Role
from hotline.people.accounts import Person
from hotline.tickets.entries import NO_ENTRY, WRITERS

PAGE = 30
MOST_PAIRS = 24
TITLE_COUNTS = 3
EXPIRED = "expired"
AGENT_ROLES = frozenset({Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.CALLBACK_AGENT}) | WRITERS
"""Who reads what is for agents only; departments and administrators read what is public or internal."""
ONCE_PUBLISHED = (EntryState.PUBLISHED, EntryState.REPLACED, EntryState.UNPUBLISHED)
ASKING = re.compile("请问|怎么办|怎么|怎样|如何|什么|哪里|哪些|多少|几点|需要|可以|办理|[的了吗呢啊]")
"""Words of asking say nothing of the matter; they count only where nothing else was typed."""
WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


@dataclass(frozen=True)
class EntryQuery:
    """What a list shows: words looked for ("" = all), a state ("" = as offered), ids below `after`."""

    person: Person
    words: str = ""
    state: str = ""
    after: int | None = None


def search_terms(words: str) -> tuple[str, ...]:
    """What a text must hold to be found: Latin words and numbers whole, Chinese as pairs of characters."""
    folded = normalise(words).lower()
    pieces = WORD.findall(ASKING.sub(" ", folded)) or WORD.findall(folded)
    pieces = [piece for piece in pieces if len(piece) > 1] or pieces
    terms: list[str] = []
    for piece in pieces:
        whole = piece.isascii() or len(piece) == 1
        terms += [piece] if whole else [left + right for left, right in pairwise(piece)]
    return tuple(dict.fromkeys(terms))[:MOST_PAIRS]


def find_entries(wanted: EntryQuery) -> tuple[Sequence[EntryVersion], int | None]:
    """One page, best or newest first, and the key of the next page (None: no more, or sorted by words)."""
    query = _in_state(wanted).where(readable(wanted.person))
    terms = search_terms(wanted.words)
    if wanted.words:
        score, found = _score(terms)
        query = query.join(Department, Department.id == EntryVersion.owner_id).where(found)
        query = query.order_by(score.desc())
    if wanted.after:
        query = query.where(EntryVersion.id < wanted.after)
    rows = list(session().execute(query.order_by(EntryVersion.id.desc()).limit(PAGE + 1)).scalars())
    more = len(rows) > PAGE and not wanted.words
    return rows[:PAGE], rows[PAGE - 1].id if more else None


def entry_version(entry_id: int, version: int | None, person: Person) -> EntryVersion:
    """A version this person may read; None stands for the published or else the newest. Raises `NotFound`."""
    query = _versions(entry_id, person)
    if version is not None:
        query = query.where(EntryVersion.version == version)
    published = EntryVersion.version == KnowledgeEntry.current
    query = query.order_by(func.coalesce(published, False).desc(), EntryVersion.version.desc()).limit(1)
    row = session().execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(NO_ENTRY)
    return row


def newest_version(entry_id: int, person: Person) -> EntryVersion:
    """What an editor goes on from. Raises `NotFound`."""
    query = _versions(entry_id, person).order_by(EntryVersion.version.desc()).limit(1)
    row = session().execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(NO_ENTRY)
    return row


def versions_of(entry_id: int, person: Person) -> Sequence[EntryVersion]:
    """The versions this person may read, newest first."""
    return (
        session().execute(_versions(entry_id, person).order_by(EntryVersion.version.desc())).scalars().all()
    )


def waiting() -> Sequence[EntryVersion]:
    """What waits for a second person, oldest first."""
    query = select(EntryVersion).where(EntryVersion.state == EntryState.TO_APPROVE).order_by(EntryVersion.id)
    return session().execute(query.limit(PAGE)).scalars().all()


def how_many_wait() -> int:
    """How many versions wait for a second person."""
    query = select(func.count()).where(EntryVersion.state == EntryState.TO_APPROVE)
    return session().execute(query).scalar_one()


def times_cited(entry_id: int) -> int:
    """How many answers cite the entry, whichever version."""
    return session().execute(select(func.count()).where(Reply.entry_id == entry_id)).scalar_one()


def readable(person: Person) -> ColumnElement[bool]:
    """Which versions a person may read: writers all, others what was published and is meant for them."""
    if person.has(*WRITERS):
        return true()
    kinds = ("public", "internal", "agent") if person.has(*AGENT_ROLES) else ("public", "internal")
    once = EntryVersion.state.in_(ONCE_PUBLISHED) & EntryVersion.approver_id.is_not(None)
    return once & EntryVersion.visibility.in_(kinds)


def _versions(entry_id: int, person: Person) -> Select[EntryVersion]:
    joined = select(EntryVersion).join(KnowledgeEntry, KnowledgeEntry.id == EntryVersion.entry_id)
    return joined.where(EntryVersion.entry_id == entry_id, readable(person))


def _in_state(wanted: EntryQuery) -> Select[EntryVersion]:
    """The versions in a state, one an entry; "" is the published one, for writers else the newest."""
    query = select(EntryVersion).join(KnowledgeEntry, KnowledgeEntry.id == EntryVersion.entry_id)
    today = clock.city_day(clock.now())
    over = func.coalesce(EntryVersion.valid_to < today, False)
    current = EntryVersion.version == KnowledgeEntry.current
    if wanted.state == EXPIRED:
        return query.where(current, over)
    if wanted.state == EntryState.PUBLISHED:
        return query.where(current, ~over)
    if wanted.state == EntryState.UNPUBLISHED:
        return query.where(EntryVersion.state == EntryState.UNPUBLISHED, KnowledgeEntry.current.is_(None))
    if wanted.state:
        return query.where(EntryVersion.state == wanted.state)
    if not wanted.person.has(*WRITERS):
        return query.where(current, ~over, EntryVersion.valid_from <= today)
    other = EntryVersion.__table__.alias()
    newest = select(func.max(other.c.version)).where(other.c.entry_id == KnowledgeEntry.id).scalar_subquery()
    return query.where(EntryVersion.version == func.coalesce(KnowledgeEntry.current, newest))


def _score(terms: Sequence[str]) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """How well a version fits, and whether it fits at all: at least half of the terms stand in it."""
    rest = func.concat_ws(
        " ", cast(EntryVersion.similar_questions, Text), cast(EntryVersion.keywords, Text),
        EntryVersion.answer_short, EntryVersion.answer_full, Department.name,
    )  # fmt: skip
    in_title = [EntryVersion.title.icontains(term, autoescape=True) for term in terms]
    in_rest = [rest.icontains(term, autoescape=True) for term in terms]
    score = sum((case((one, TITLE_COUNTS), else_=0) for one in in_title), start=case((true(), 0), else_=0))
    score = sum((case((one, 1), else_=0) for one in in_rest), start=score)
    held = sum(
        (case((or_(one, other), 1), else_=0) for one, other in zip(in_title, in_rest, strict=True)),
        start=case((true(), 0), else_=0),
    )
    return score, held >= max(1, (len(terms) + 1) // 2)
