"""Nearly the same demand told again: how much of two texts is the same, whatever the order and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.character_pairs import CharacterPairs
from classifier.features import clean

SHINGLE = 3  # characters
NEARLY_THE_SAME = 0.6  # default; share of common shingles from which two demands are shown together


@dataclass(frozen=True)
class SimilarText:
    """A place in the given texts, and its likeness (0–1) to the one asked for."""

    place: int
    likeness: float


def likeness(one: str, other: str) -> float:
    """Common share of the character triples of both cleaned texts (Jaccard), 0–1; 0 for an empty one."""
    return _overlap(_shingles(one), _shingles(other))


def most_similar(
    text: str, others: Sequence[str], at_least: float = NEARLY_THE_SAME
) -> tuple[SimilarText, ...]:
    """Those of `others` that are nearly the same as `text`, likest first."""
    wanted = _shingles(text)
    found = (SimilarText(place, _overlap(wanted, _shingles(other))) for place, other in enumerate(others))
    return tuple(sorted((s for s in found if s.likeness >= at_least), key=lambda s: -s.likeness))


def nearest(text: str, others: Sequence[str], count: int = 3) -> tuple[SimilarText, ...]:
    """The `count` texts most like `text`, likest first: cosine of their character pairs, rare pairs weigh more.

    Unlike `most_similar` it finds what is about the same thing in other words; what has nothing in common is left out.
    """
    if not others:
        return ()
    pairs = CharacterPairs(min_df=1)
    told = pairs.fit_transform([clean(other) or " " for other in others])
    alike = (told @ pairs.transform([clean(text)]).T).toarray().ravel()
    best = sorted(range(len(others)), key=lambda place: -alike[place])[:count]
    return tuple(SimilarText(place, float(alike[place])) for place in best if alike[place] > 0)


def _shingles(text: str) -> frozenset[str]:
    letters = clean(text).replace(" ", "")
    return frozenset(letters[i : i + SHINGLE] for i in range(max(1, len(letters) - SHINGLE + 1)) if letters)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
