"""Answers what the web asks on the lane `now`: departments and entries for a draft, entries for a query.

What was told is read from the ticket's copy without numbers and names, which every saving of a draft renews.
The index of published entries is held in memory and built again when something was published or unpublished.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from classifier.normalise import mask, normalise
from hotline import clock
from hotline.asking import (
    FoundEntries,
    FoundEntry,
    HeardUrgency,
    SuggestedDepartment,
    Suggestions,
    leave_answer,
    opened,
)
from hotline.background.reading import read_texts
from hotline.database import session
from hotline.errors import NotConfigured
from hotline.models import EntryVersion, KnowledgeEntry, Ticket
from hotline.tickets.dispatch import find_routes
from hotline.tickets.placing import told_place
from hotline.tickets.rulebook import rules
from knowledge_base.entry import Audience, Entry, Visibility
from knowledge_base.search import Hit, Hits, Scope, search
from knowledge_base.search_index import SearchIndex
from knowledge_base.suggest import suggest
from routing.case import MatterGuess, Route
from routing.urgency import urgency_of

MOST_DEPARTMENTS = 3
MOST_ENTRIES = 10


@dataclass(frozen=True)
class Held:
    """The index of one state of the knowledge base, and the day each entry was approved."""

    stamp: str | None
    index: SearchIndex
    approved_on: Mapping[int, date]


def answer_question(kind: str, ref: str, key: str) -> None:
    """The job: think, and leave the answer for whoever waits."""
    leave_answer(key, ANSWERS[kind](ref))


def suggest_departments(ref: str) -> Suggestions:
    """Up to three routes for a ticket or draft; guesses without a duty row where no row fits at all."""
    ticket = session().get_one(Ticket, int(ref))
    heard = urgency_of(ticket.text)
    urgency: HeardUrgency = {"grade": heard.grade, "words": list(heard.words), "line": heard.line}
    guesses: tuple[MatterGuess, ...] = ()
    with contextlib.suppress(NotConfigured):  # no model can be used: the danger is told all the same
        guesses = read_texts([ticket.text])[0].guesses if ticket.text else ()
    departments: list[SuggestedDepartment] = [_routed(route) for route in find_routes(ticket, guesses)]
    unrouted = [_unrouted(guess) for guess in guesses[:MOST_DEPARTMENTS]]
    return {"departments": departments or unrouted, "urgency": urgency}


def suggest_entries(ref: str) -> FoundEntries:
    """Up to three entries near enough to what was told; none is better than a poor one."""
    ticket = session().get_one(Ticket, int(ref))
    place = told_place(ticket)
    held = entry_index()
    scope = Scope(_today(), region=place.area if place else "", visibility=Visibility.AGENT)
    return found(held, suggest(held.index, ticket.text, scope))


def search_entries(ref: str) -> FoundEntries:
    """Up to ten entries for a query; `ref` is the query, sealed."""
    held = entry_index()
    scope = Scope(_today(), visibility=Visibility.AGENT)
    return found(held, search(held.index, mask(normalise(opened(ref))), scope, limit=MOST_ENTRIES))


ANSWERS: Mapping[str, Callable[[str], Suggestions | FoundEntries]] = {
    "departments": suggest_departments,
    "entries": suggest_entries,
    "search": search_entries,
}


def found(held: Held, hits: Hits) -> FoundEntries:
    """Hits as they are sent; all are in force, so none is expired (I16)."""
    return {"entries": [_found_entry(held, hit) for hit in hits]}


def entry_index() -> Held:
    """The index of what is published now."""
    held: Held | None = current_app.extensions.get("hotline-entries")
    each = func.concat(KnowledgeEntry.id, ":", KnowledgeEntry.current)
    listed = func.string_agg(each, aggregate_order_by(literal(","), KnowledgeEntry.id))
    published = select(func.md5(listed)).where(KnowledgeEntry.current.is_not(None))
    stamp = session().execute(published).scalar_one()
    if held is None or held.stamp != stamp:
        held = _read(stamp)
        current_app.extensions["hotline-entries"] = held
    return held


def _read(stamp: str | None) -> Held:
    current = EntryVersion.version == KnowledgeEntry.current
    query = select(EntryVersion).join(KnowledgeEntry, (KnowledgeEntry.id == EntryVersion.entry_id) & current)
    rows = session().execute(query.order_by(EntryVersion.entry_id)).scalars().all()
    approved_on = {row.entry_id: clock.city_day(row.decided_at or row.written_at) for row in rows}
    return Held(stamp, SearchIndex.of(map(entry_of, rows)), approved_on)


def entry_of(row: EntryVersion) -> Entry:
    """A version as the knowledge base knows it; its owner is the department's id."""
    same = ("version", "title", "answer_short", "answer_full", "basis", "matter_code", "region", "valid_from")
    return Entry(
        id=row.entry_id, owner=str(row.owner_id), similar_questions=tuple(row.similar_questions),
        keywords=tuple(row.keywords), audience=Audience(row.audience or Audience.ANYONE),
        visibility=Visibility[row.visibility.upper()], valid_to=row.valid_to, review_by=row.review_by,
        **{name: getattr(row, name) for name in same},
    )  # fmt: skip


def _routed(route: Route) -> SuggestedDepartment:
    return {
        "department": route.lead, "matter": route.matter_code, "probability": round(route.probability, 4),
        "evidence": list(route.evidence), "reason": route.reason,
        "duty_row": route.row.id if route.row.lead == route.lead else None,
        "direct": route.row.direct,
    }  # fmt: skip


def _unrouted(guess: MatterGuess) -> SuggestedDepartment:
    """What the matter seems to be, where the duty list names nobody for it."""
    return {
        "department": "", "matter": guess.matter_code, "probability": round(guess.probability, 4),
        "evidence": list(guess.evidence), "reason": "确责清单中没有对应的条目。", "duty_row": None,
        "direct": False,
    }  # fmt: skip


def _found_entry(held: Held, hit: Hit) -> FoundEntry:
    entry = hit.entry
    return {
        "id": entry.id, "version": entry.version, "title": entry.title, "answer_short": entry.answer_short,
        "excerpt": hit.excerpt, "words": list(hit.words), "source": entry.basis,
        "owner": rules().unit_names.get(int(entry.owner), ""),
        "date": held.approved_on[entry.id], "expired": False,
    }  # fmt: skip


def _today() -> date:
    return clock.city_day(clock.now())
