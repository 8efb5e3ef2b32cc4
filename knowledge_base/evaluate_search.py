"""Measures search on questions whose right entry is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge_base.entry import Entry
from knowledge_base.search import Scope, search
from knowledge_base.search_index import SearchIndex

RANKS = (1, 3, 5)
DEEPEST = 10


@dataclass(frozen=True)
class Question:
    """Words somebody might use, and the entry that answers them."""

    text: str
    entry_id: int


@dataclass(frozen=True)
class SearchQuality:
    """`hit_at[k]`: share of questions whose entry is among the first k; `mrr`: mean of 1/rank."""

    asked: int
    hit_at: Mapping[int, float]
    mrr: float
    missed: tuple[Question, ...]


def evaluate(index: SearchIndex, questions: Iterable[Question], scope: Scope) -> SearchQuality:
    """Ask every question and see at which rank its entry comes."""
    return _quality([(question, _rank(index, question, scope)) for question in questions])


def evaluate_held_out(entries: Sequence[Entry], scope: Scope) -> SearchQuality:
    """Ask each similar question of an index that doesn't know it: how well unseen wordings are found."""
    ranks = []
    for turn in range(max((len(entry.similar_questions) for entry in entries), default=0)):
        asked = [
            Question(e.similar_questions[turn], e.id) for e in entries if len(e.similar_questions) > turn
        ]
        index = SearchIndex.of(_without_question(entry, turn) for entry in entries)
        ranks += [(question, _rank(index, question, scope)) for question in asked]
    return _quality(ranks)


def _without_question(entry: Entry, turn: int) -> Entry:
    questions = entry.similar_questions
    return replace(entry, similar_questions=questions[:turn] + questions[turn + 1 :])


def _rank(index: SearchIndex, question: Question, scope: Scope) -> int:
    """1 for the first place, 0 when it isn't among the first ten."""
    ids = [hit.entry.id for hit in search(index, question.text, scope, limit=DEEPEST)]
    return ids.index(question.entry_id) + 1 if question.entry_id in ids else 0


def _quality(ranks: Sequence[tuple[Question, int]]) -> SearchQuality:
    asked = len(ranks)
    share = 1 / asked if asked else 0.0
    return SearchQuality(
        asked=asked,
        hit_at={k: sum(0 < rank <= k for _, rank in ranks) * share for k in RANKS},
        mrr=sum(1 / rank for _, rank in ranks if rank) * share,
        missed=tuple(question for question, rank in ranks if not 0 < rank <= RANKS[1]),
    )
