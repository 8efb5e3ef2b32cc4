"""Search: the entries that answer a query, best first, for one reader on one day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge_base.entry import Entry, Visibility
from knowledge_base.search_index import SearchIndex, weigh_query

LONGEST_EXCERPT = 80
_SENTENCE = re.compile(r"[^。；！？]+[。；！？]?")


@dataclass(frozen=True)
class Scope:
    """Who asks and when: `on` None stands for any day, `region` empty for the whole city.

    Entries not in force are left out unless `with_expired` (domain.md §10: "not offered unless asked").
    """

    on: date | None
    region: str = ""
    visibility: Visibility = Visibility.PUBLIC
    with_expired: bool = False

    def admits(self, entry: Entry) -> bool:
        """Whether this reader may see the entry."""
        in_time = self.on is None or entry.in_force(self.on) or self._once(entry, self.on)
        in_place = not self.region or entry.applies_in(self.region)
        return in_time and in_place and entry.visibility <= self.visibility

    def _once(self, entry: Entry, on: date) -> bool:
        return self.with_expired and entry.valid_from <= on


@dataclass(frozen=True)
class Hit:
    """An entry found: its score, the query's words that found it (strongest first), a piece of its answer."""

    entry: Entry
    score: float
    words: tuple[str, ...]
    excerpt: str


Hits = tuple[Hit, ...]


def search(index: SearchIndex, query: str, scope: Scope, limit: int = 10) -> Hits:
    """At most `limit` hits, best first; () for an empty query or when nothing fits."""
    found = index.scores(weigh_query(query))
    admitted = [(sum(terms.values()), at) for at, terms in found.items() if scope.admits(index.entries[at])]
    best = sorted(admitted, key=lambda each: (-each[0], each[1]))[:limit]
    return tuple(_hit(index.entries[at], score, found[at]) for score, at in best)


def _hit(entry: Entry, score: float, terms: dict[str, float]) -> Hit:
    strongest = sorted(terms, key=lambda term: (-terms[term], term))
    words = tuple(term for term in strongest if not term.startswith(" "))
    return Hit(entry, round(score, 3), words, _excerpt(entry, words or [term.strip() for term in strongest]))


def _excerpt(entry: Entry, words: Sequence[str]) -> str:
    """The sentence of the answer with the most of these words."""
    sentences = _SENTENCE.findall(entry.answer_short + entry.answer_full) or [entry.answer_short]
    best = max(sentences, key=lambda sentence: sum(word in sentence.lower() for word in words))
    return best if len(best) <= LONGEST_EXCERPT else best[: LONGEST_EXCERPT - 1] + "…"
