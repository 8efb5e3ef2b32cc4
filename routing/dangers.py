"""Hears danger in a text: a score from what written emergencies and near-misses have taught (see learn_dangers.py)."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

from classifier.normalise import normalise

WEIGHTS = Path(__file__).parent / "data" / "danger_weights.csv"
LINES = ("110", "119", "120", "122")
LONGEST, ITS_END = 8_000, 2_000  # characters read of a very long text: its beginning and its end
SHORT = 40  # a text up to here is one thought
WINDOW = 50
FEW = 15  # a shorter sentence is read together with the next
DOUBT = 0.5  # a part of a text says less than the whole: measured, false alarms fall by a fifth
SHOWN = 3  # words shown as the reason
_CLAUSE = re.compile("[^。！？!?；;，,\n]*[。！？!?；;，,\n]+|[^。！？!?；;，,\n]+")
_SETTLED = re.compile(
    "(?:问题|事情|这事|现在|目前|都|全)*(?:已经?)?(?:解决|修好|办好|处理好|弄好|好|恢复|不[吵漏堵响停臭用]|不需要)[了完啦]*"
    "[。！!，,谢您你]*"
)
"""So short a word of thanks says little to weights that longer texts have taught."""
_NUMBER = re.compile(r"\d+")
_SENTENCE = re.compile("[^。！？!?\n]+[。！？!?\n]*")
_WAY = "(?:大道|小区|花园|家园|广场|大厦|公园|水库|隧道|国道|省道|路|街|巷|苑)"
_ADDRESS = re.compile(
    f"[\u4e00-\u9fff]{{0,6}}?(?:[\u4e00-\u9fff]{_WAY})?(?:0(?:号楼|号院|号|栋|幢|座|期|单元|层|楼|室|弄|组|-0)?)+"
    f"|[\u4e00-\u9fff]{{2,6}}?{_WAY}"
)
"""Where something is says nothing of danger, but weighs in a note of a few words."""


@dataclass(frozen=True)
class Weight:
    """What one or two characters say: how rare they are, whether there is danger, and whose line it is."""

    rarity: float
    danger: float
    lines: tuple[float, ...]


@dataclass(frozen=True)
class Danger:
    """The line to transfer to, and the words that spoke loudest."""

    line: str
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def weights() -> dict[str, Weight]:
    """By character or pair; "" holds what is added once."""
    with WEIGHTS.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        found = ((pair, [int(number) / 1000 for number in numbers]) for pair, *numbers in rows)
        return {pair: Weight(one[0], one[1], tuple(one[2:])) for pair, one in found}


def hear(text: str) -> Danger | None:
    """The danger a text tells of, None when it tells of none (domain.md §8.1, detector; recall before precision).

    The whole text is heard and each of its parts: a danger told in one clause of a long complaint, or in one word
    after an address, must not drown in it. Of a very long text the beginning and the end are read, so that the time
    stays bounded.
    """
    told = folded(text)
    if _SETTLED.fullmatch(told):
        return None
    parts = [(told, 0.0), *((part, DOUBT) for part in (*parts_of(told), *bare_words(told)))]
    loudness, loudest = max((danger_of(part) - doubt, part) for part, doubt in parts)
    return Danger(line_of(loudest), words_of(loudest)) if loudness >= 0 else None


def folded(text: str) -> str:
    """One spelling, numbers as 0, not longer than what is read."""
    return _NUMBER.sub("0", normalise(shortened(text))).lower()


def shortened(text: str) -> str:
    """Beginning and end of a very long text, the whole of any other."""
    return text if len(text) <= LONGEST + ITS_END else f"{text[:LONGEST]}\n{text[-ITS_END:]}"


def parts_of(told: str) -> Iterator[str]:
    """Some clauses at a time, ending with a sentence where they can; nothing for a short text."""
    if len(told) <= SHORT:
        return
    pieces = [""]
    for clause in _CLAUSE.findall(told):
        piece = pieces[-1]
        if piece and (len(piece) + len(clause) > WINDOW or (len(piece) > FEW and piece[-1] not in "，,")):
            pieces.append("")
        pieces[-1] += clause
    if len(pieces[-1]) <= FEW and pieces[-2:][0].endswith(("，", ",")):
        pieces[-2:] = ["".join(pieces[-2:])]
    yield from pieces if len(pieces) > 1 else ()


def bare_words(told: str) -> Iterator[str]:
    """A short text and its sentences, each with and without its address; nothing for others."""
    if len(told) > SHORT:
        return
    for piece in dict.fromkeys((told, *_SENTENCE.findall(told))):
        for words in dict.fromkeys((piece, _ADDRESS.sub("", piece))):
            if len(words) > 1 and words != told:
                yield words


def values(told: str) -> dict[str, float]:
    """The known characters and pairs of a text: log of how often, times how rare, scaled to length 1."""
    known = weights()
    counted = Counter(chain(told, map("".join, pairwise(told))))
    raw = {pair: (1 + math.log(times)) * known[pair].rarity for pair, times in counted.items() if pair in known}
    length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
    return {pair: value / length for pair, value in raw.items()}


def danger_of(told: str) -> float:
    """How far above (or below) the threshold of an alarm."""
    known = weights()
    return known[""].danger + sum(value * known[pair].danger for pair, value in values(told).items())


def line_of(told: str) -> str:
    """The emergency line the words belong to (domain.md §8.1)."""
    known, found = weights(), values(told)
    sums = [
        known[""].lines[i] + sum(value * known[pair].lines[i] for pair, value in found.items())
        for i in range(len(LINES))
    ]
    return LINES[sums.index(max(sums))]


def words_of(told: str) -> tuple[str, ...]:
    """The pieces that spoke loudest, in the order of the text, what touches put together; else its beginning."""
    known, found = weights(), values(told)
    speaking = [pair for pair in found if len(pair) == 2 and pair.isalpha() and known[pair].danger > 0]
    loudest = sorted(speaking, key=lambda pair: -found[pair] * known[pair].danger)[:SHOWN]
    places = {at for pair in loudest for at in (told.find(pair), told.find(pair) + 1)}
    pieces = "".join(sign if at in places else "\n" for at, sign in enumerate(told))
    return tuple(dict.fromkeys(pieces.split())) or (told[:WINDOW],)
