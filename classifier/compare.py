"""Two models on the same texts: which is right more often, and whether chance alone would do that."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

CHANCE = 0.05  # default; a challenger must be better than that of luck


@dataclass(frozen=True)
class Comparison:
    """Of `n` texts: how many each got right, how many only one of them, and the exact McNemar probability
    (two-sided, 0–1) that equal models would differ so much."""

    n: int
    champion: int
    challenger: int
    only_champion: int
    only_challenger: int
    chance: float

    @property
    def verdict(self) -> str:
        """`won` or `lost` by the challenger, `same` where it may be luck."""
        if self.chance >= CHANCE:
            return "same"
        return "won" if self.only_challenger > self.only_champion else "lost"


def compare(truth: Sequence[str], champion: Sequence[str], challenger: Sequence[str]) -> Comparison:
    """Paired: only the texts on which one is right and the other wrong decide."""
    pairs = [(one == label, other == label) for label, one, other in zip(truth, champion, challenger, strict=True)]
    lost = sum(one and not other for one, other in pairs)
    won = sum(other and not one for one, other in pairs)
    chance = float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
    return Comparison(len(pairs), sum(one for one, _ in pairs), sum(other for _, other in pairs), lost, won, chance)


def confusions(truth: Sequence[str], best: Sequence[str], most: int = 10) -> list[tuple[str, str, int]]:
    """What is taken for what most often: (label, guessed label, times)."""
    wrong = Counter((label, guess) for label, guess in zip(truth, best, strict=True) if label != guess)
    return [
        (label, guess, times) for (label, guess), times in sorted(wrong.items(), key=lambda x: (-x[1], x[0]))[:most]
    ]


def by_label(truth: Sequence[str], best: Sequence[str]) -> list[tuple[str, int, int, int]]:
    """(label, texts, guessed, right) of every label that is told or guessed, the commonest first: right / texts is its
    recall, right / guessed its precision."""
    told, guessed = Counter(truth), Counter(best)
    right = Counter(label for label, guess in zip(truth, best, strict=True) if label == guess)
    labels = sorted(told.keys() | guessed.keys(), key=lambda label: (-told[label], label))
    return [(label, told[label], guessed[label], right[label]) for label in labels]
