"""An inverted index over entries: words and pairs of characters, each weighted by the field it stands in."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from classifier.normalise import normalise
from classifier.word_cutting import cut, cut_for_search
from knowledge_base.entry import Entry
from knowledge_base.synonyms import SYNONYMS

# Defaults, set on the demo city's entries (`python -m knowledge_base evaluate`).
SATURATION = 1.6
LENGTH_INFLUENCE = 0.75
PAIR_WEIGHT = 0.6
SYNONYM_WEIGHT = 0.6
TITLE, QUESTION, KEYWORD, SHORT, FULL = 3.0, 2.0, 2.0, 1.0, 0.4


def weigh(text: str) -> dict[str, float]:
    """The terms of a text with their weights: words count 1, pairs of neighbouring characters less.

    Pairs find what the cutter cut differently here and there; they carry a leading space to stay apart.
    """
    terms: dict[str, float] = defaultdict(float, Counter(cut_for_search(text)))
    for left, right in pairwise(normalise(text).lower()):
        if left.isalnum() and right.isalnum():
            terms[f" {left}{right}"] += PAIR_WEIGHT
    return terms


def weigh_query(text: str) -> dict[str, float]:
    """The terms of a query, each counted once, with the words that mean the same at a lower weight."""
    terms = {term: min(weight, 1.0) for term, weight in weigh(text).items()}
    folded = normalise(text)
    for group in SYNONYMS:
        if any(word in folded for word in group):
            for other in cut(" ".join(group)):
                terms[other] = max(terms.get(other, 0.0), SYNONYM_WEIGHT)
    return terms


@dataclass(frozen=True)
class SearchIndex:
    """Entries by position, and for each term the positions it stands at with its saturated weight there.

    It is built from the entries in memory and never stored: 10,000 entries take seconds.
    """

    entries: tuple[Entry, ...]
    postings: Mapping[str, Mapping[int, float]] = field(repr=False)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "SearchIndex":
        """Build the index."""
        entries = tuple(entries)
        terms = [_entry_terms(entry) for entry in entries]
        lengths = [sum(weights.values()) for weights in terms]
        usual = sum(lengths) / len(lengths) if lengths else 1.0
        postings: dict[str, dict[int, float]] = defaultdict(dict)
        for position, weights in enumerate(terms):
            norm = SATURATION * (1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * lengths[position] / usual)
            for term, weight in weights.items():
                postings[term][position] = weight * (SATURATION + 1) / (weight + norm)
        return cls(entries, dict(postings))

    def rarity(self, term: str) -> float:
        """How much a term tells: 1 when one entry holds it, near 0 when all do.

        BM25's idf as a share of the highest, so that scores mean the same in a small and in a large city.
        """
        holding = len(self.postings.get(term, ()))
        return self._idf(holding) / self._idf(1) if holding else 0.0

    def _idf(self, holding: int) -> float:
        return math.log(1 + (len(self.entries) - holding + 0.5) / (holding + 0.5))

    def scores(self, query: Mapping[str, float]) -> dict[int, dict[str, float]]:
        """For each position found: what each term of the query adds to its score."""
        found: dict[int, dict[str, float]] = defaultdict(dict)
        for term, weight in query.items():
            rarity = self.rarity(term)
            for position, strength in self.postings.get(term, {}).items():
                found[position][term] = weight * rarity * strength
        return found


def _entry_terms(entry: Entry) -> dict[str, float]:
    terms: dict[str, float] = defaultdict(float)
    questions = " ".join(entry.similar_questions)
    for text, importance in (
        (entry.title, TITLE),
        (questions, QUESTION),
        (" ".join(entry.keywords), KEYWORD),
        (entry.answer_short, SHORT),
        (entry.answer_full, FULL),
    ):
        for term, weight in weigh(text).items():
            terms[term] += weight * importance
    return terms
