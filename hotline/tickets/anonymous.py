"""Anonymous demands (匿名): who speaks without a name is kept without one, not even sealed (domain.md §3.5, §12)."""

import re
from collections.abc import Iterable
from dataclasses import replace

from classifier.normalise import mask, normalise
from classifier.self_naming import HIDDEN, hide_self
from hotline.models.words import Confidentiality
from hotline.tickets.demand import Demand

_N = "[0-9一二三四五六七八九十百零〇两]"
_DOOR = re.compile(
    rf"(?<=[栋幢座楼元门号层]) ?(?:{_N}{{1,5}} ?[室户房]|[0-9]{{3,5}}(?![0-9栋幢座号弄单米])"
    rf"|[一二三四五六七八九零〇]{{3,5}}(?!{_N}|[栋幢座号弄单米]))|(?<=[组队社]) ?{_N}{{1,4}} ?号"
    r"|(?<=[0-9])(?:[\-#][0-9]{1,4}){1,3}"
)
"""The part of an address that is one home; street, building and entrance stay, for the unit must find the place
(default)."""


def nameless(demand: Demand) -> Demand:
    """The demand with nobody in it where the requester asked for that: no name, number or company, marks in words."""
    if demand.confidentiality is not Confidentiality.ANONYMOUS:
        return demand
    names = tuple(filter(None, (demand.name, demand.company)))
    text, title, place = unnamed(demand.text, names), unnamed(demand.title, names), whereabouts(demand.place, names)
    return replace(
        demand, name="", phone="", calling="", company="", credit_code="", named=False,
        text=text, place=place, title=title,
    )  # fmt: skip


def unnamed(words: str, names: Iterable[str] = ()) -> str:
    """Free words without what tells who speaks: their name, home and accounts, numbers, and each of `names`."""
    return mask(hide_self("\n".join(map(normalise, words.splitlines()))).strip(), names)


def whereabouts(place: str, names: Iterable[str] = ()) -> str:
    """A place without whose home it is: which building, but no door."""
    return _DOOR.sub(HIDDEN, unnamed(place, names))


def level_of(anonymous: object, confidential: object) -> Confidentiality:
    """The level a form asks for: who wants to be nobody is asked nothing more."""
    if anonymous:
        return Confidentiality.ANONYMOUS
    return Confidentiality.CONFIDENTIAL if confidential else Confidentiality.OPEN
