"""Finds several demands in one text: cuts it into its parts, and says which of them surely go to different units."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from classifier.normalise import excerpt, normalise
from routing.case import Case, MatterGuess
from routing.choose import choose_department, find_place
from routing.duty_list import DutyList
from routing.places import Gazetteer

SURE = 0.6
SURE_UNMARKED = 0.95
"""How sure a part's unit must be, after a word that begins another demand and after a mere full stop (default)."""
DOUBTFUL = 0.15
"""From this probability on a unit is in doubt for a part, and no other part's unit may be the same (default)."""
SHORTEST_PART = 6
MOST_PARTS = 6

_BEGINS = (
    r"(?:^|(?<=[。；;，,\s：:]))(?:[（(]?\d{1,2}[)）、.．](?!\d)|第?[一二三四五六][、，,是]|[（(][一二三四五六][)）]|"
    r"第[一二三四五六](?:件事|个问题|个|点)[，,：:]?)"
)
_ANOTHER = (
    r"(?<=[。；;！!？?，,\s])(?:另外|此外|另有|另[，,]|还有(?:一件事|一个(?:事|问题))?|再(?:一个|有|者)(?:就是)?|顺便|同时(?=反映|[，,])|"
    r"还(?:想|要)(?:问|反映|咨询)|其次)"
)
_MARK = re.compile(f"{_BEGINS}|{_ANOTHER}")
_SENTENCE = re.compile(r"(?<=[。！!？?；;])")


@dataclass(frozen=True)
class Part:
    """A piece of a text that may be a demand of its own; `marked` when words begin it such as 另外 or 第二."""

    text: str
    marked: bool


@dataclass(frozen=True)
class ReadPart:
    """A part and the classifier's guesses of what it is about."""

    part: Part
    guesses: tuple[MatterGuess, ...]


@dataclass(frozen=True)
class Demanded:
    """One of several demands in a text: its words, its matter, and the unit that would lead it."""

    text: str
    matter_code: str
    unit: str
    probability: float


def parts_of(text: str) -> tuple[Part, ...]:
    """The pieces of a text, () when there are not at least two long enough to be demands.

    Cut where words begin another demand; a text without such words is cut into its sentences.
    """
    told = normalise(excerpt(text))
    marks = list(_MARK.finditer(told))
    begins, ends = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), len(told)]
    pieces = long_enough(told[begin:end] for begin, end in zip(begins, ends, strict=True))
    if len(pieces) > 1:
        return tuple(Part(piece, marked=True) for piece in pieces)
    pieces = long_enough(_SENTENCE.split(told))
    return tuple(Part(piece, marked=False) for piece in pieces) if len(pieces) > 1 else ()


def long_enough(pieces: Iterable[str]) -> list[str]:
    """The pieces that may say something, without the signs around them."""
    bare = (piece.strip(" ，,：:、") for piece in pieces)
    return [piece for piece in bare if len(piece) >= SHORTEST_PART][:MOST_PARTS]


def several_demands(
    case: Case, read: Sequence[ReadPart], duty_list: DutyList, gazetteer: Gazetteer
) -> tuple[Demanded, ...]:
    """The parts of the text that surely go to different leading units by the duty list; () when it is one demand.

    The place is the whole text's. A unit that every part may concern, if only as a helper, keeps them together.
    """
    located = find_place(case, gazetteer) if read else None
    place = f"{located.district}{located.street}{located.name}" if located else ""
    found: dict[str, Demanded] = {}
    concerned: list[set[str]] = []
    for one in read:
        part = replace(case, text=one.part.text, place=place, guesses=one.guesses)
        routes = choose_department(part, duty_list, gazetteer)
        if not routes or routes[0].probability < (SURE if one.part.marked else SURE_UNMARKED):
            continue
        best = routes[0]
        concerned.append({best.lead, *best.co_units, *(r.lead for r in routes if r.probability >= DOUBTFUL)})
        if best.lead not in found or found[best.lead].probability < best.probability:
            found[best.lead] = Demanded(one.part.text, best.matter_code, best.lead, best.probability)
    return tuple(found.values()) if len(found) > 1 and not set.intersection(*concerned) else ()
