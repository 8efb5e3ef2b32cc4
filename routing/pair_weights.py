"""What characters and pairs of them say of a text, by tables that written texts have taught (see learn_dangers.py and
learn_demands.py); pure Python, for the web adds them up."""

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from operator import add, mul
from pathlib import Path

from classifier.normalise import KEPT, normalise

DEMANDS = Path(__file__).parent / "data" / "demand_weights.csv"
"""What request types and sensitive tiers sound like."""
LONGEST, ITS_END = 8_000, 2_000  # characters read of a very long text: its beginning and its end
SHORT = 40  # a text up to here is one thought
WINDOW = 50
FEW = 15  # a shorter sentence is read together with the next
DOUBT = 0.5  # a part of a text says less than the whole: measured, false alarms fall by a fifth
SHOWN = 3  # words shown as the reason
SENTENCE_END = re.compile("[。！？!?；;\n]+")
_CLAUSE = re.compile("[^。！？!?；;，,\n]*[。！？!?；;，,\n]+|[^。！？!?；;，,\n]+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class PairWeights:
    """By character or pair: how rare it is, then what it says for each of `columns`; "" holds what is added once."""

    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]

    def sum_of(self, told: str, column: str) -> float:
        """What a text says for one column."""
        return self.sums(told, (column,))[column]

    def sums(self, told: str, columns: tuple[str, ...]) -> dict[str, float]:
        """What a text says for each of some columns that stand together in the table."""
        first = self.columns.index(columns[0]) + 1
        cut, (values, length) = slice(first, first + len(columns)), values_of(self, told)
        weights = list(zip(*map(self.rows.__getitem__, values), strict=True))[cut] or [()] * len(columns)
        said = (sum(map(mul, values.values(), one)) / length for one in weights)
        return dict(zip(columns, map(add, said, self.rows[""][cut]), strict=True))

    def words(self, told: str, column: str) -> tuple[str, ...]:
        """The pieces that spoke loudest for a column, in the order of the text, what touches put together."""
        at, found = self.columns.index(column) + 1, values_of(self, told)[0]
        speaking = [pair for pair in found if len(pair) == 2 and pair.isalpha() and self.rows[pair][at] > 0]
        loudest = sorted(speaking, key=lambda pair: -found[pair] * self.rows[pair][at])[:SHOWN]
        places = {at for pair in loudest for at in (told.find(pair), told.find(pair) + 1)}
        return tuple(dict.fromkeys("".join(s if i in places else "\n" for i, s in enumerate(told)).split()))


@lru_cache(maxsize=4)
def values_of(weights: PairWeights, told: str) -> tuple[Mapping[str, float], float]:
    """The known characters and pairs of a text, log of how often times how rare, and by what to divide them so that
    their length is 1; kept a moment, for several ask of the same text."""
    rows, counted = weights.rows, Counter(chain(told, map("".join, pairwise(told))))
    found = {
        pair: rows[pair][0] if times == 1 else (1 + math.log(times)) * rows[pair][0]
        for pair, times in counted.items() if pair in rows
    }  # fmt: skip
    return found, math.sqrt(sum(map(mul, found.values(), found.values()))) or 1.0


@lru_cache(maxsize=4)
def read_weights(path: Path) -> PairWeights:
    """The table of a file: pair, rarity and a weight a column, in thousandths. Equal numbers are one in memory: a web
    process holds a tenth of them."""
    known: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        _, _, *columns = next(rows)
        told = {pair: tuple(known.setdefault(one, int(one) / 1000) for one in numbers) for pair, *numbers in rows}
        return PairWeights(tuple(columns), told)


@lru_cache(maxsize=KEPT)
def folded(text: str) -> str:
    """One spelling, numbers as 0, not longer than what is read."""
    return _NUMBER.sub("0", normalise(shortened(text))).lower()


def shortened(text: str) -> str:
    """Beginning and end of a very long text, the whole of any other."""
    return text if len(text) <= LONGEST + ITS_END else f"{text[:LONGEST]}\n{text[-ITS_END:]}"


@lru_cache(maxsize=KEPT)
def parts_of(told: str) -> tuple[str, ...]:
    """Some clauses at a time, ending with a sentence where they can; nothing for a short text."""
    if len(told) <= SHORT:
        return ()
    pieces = [""]
    for clause in _CLAUSE.findall(told):
        piece = pieces[-1]
        if piece and (len(piece) + len(clause) > WINDOW or (len(piece) > FEW and piece[-1] not in "，,")):
            pieces.append("")
        pieces[-1] += clause
    if len(pieces[-1]) <= FEW and pieces[-2:][0].endswith(("，", ",")):
        pieces[-2:] = ["".join(pieces[-2:])]
    return tuple(pieces) if len(pieces) > 1 else ()
