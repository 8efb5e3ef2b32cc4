"""Hears danger in a text: a score from what written emergencies and near-misses have taught (see learn_dangers.py)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from routing.pair_weights import DOUBT, SHORT, WINDOW, PairWeights, folded, parts_of, read_weights

WEIGHTS = Path(__file__).parent / "data" / "danger_weights.csv"
DANGER = "danger"
LINES = ("110", "119", "120", "122")
_SETTLED = re.compile(
    "(?:问题|事情|这事|现在|目前|都|全)*(?:已经?)?(?:解决|修好|办好|处理好|弄好|好|恢复|不[吵漏堵响停臭用]|不需要)[了完啦]*"
    "[。！!，,谢您你]*"
)
"""So short a word of thanks says little to weights that longer texts have taught."""
_SENTENCE = re.compile("[^。！？!?\n]+[。！？!?\n]*")
_WAY = "(?:大道|小区|花园|家园|广场|大厦|公园|水库|隧道|国道|省道|路|街|巷|苑)"
_ADDRESS = re.compile(
    f"[\u4e00-\u9fff]{{0,6}}?(?:[\u4e00-\u9fff]{_WAY})?(?:0(?:号楼|号院|号|栋|幢|座|期|单元|层|楼|室|弄|组|-0)?)+"
    f"|[\u4e00-\u9fff]{{2,6}}?{_WAY}"
)
"""Where something is says nothing of danger, but weighs in a note of a few words."""


@dataclass(frozen=True)
class Danger:
    """The line to transfer to, and the words that spoke loudest."""

    line: str
    words: tuple[str, ...]


def weights() -> PairWeights:
    """By character or pair: whether there is danger, and whose line it is."""
    return read_weights(WEIGHTS)


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


def bare_words(told: str) -> Iterator[str]:
    """A short text and its sentences, each with and without its address; nothing for others."""
    if len(told) > SHORT:
        return
    for piece in dict.fromkeys((told, *_SENTENCE.findall(told))):
        for words in dict.fromkeys((piece, _ADDRESS.sub("", piece))):
            if len(words) > 1 and words != told:
                yield words


def danger_of(told: str) -> float:
    """How far above (or below) the threshold of an alarm."""
    return weights().sum_of(told, DANGER)


def line_of(told: str) -> str:
    """The emergency line the words belong to (domain.md §8.1)."""
    sums = weights().sums(told, LINES)
    return max(LINES, key=lambda line: sums[line])


def words_of(told: str) -> tuple[str, ...]:
    """The pieces that spoke loudest; else the beginning."""
    return weights().words(told, DANGER) or (told[:WINDOW],)
