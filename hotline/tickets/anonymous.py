"""Anonymous demands (匿名): who speaks without a name is kept without one, not even sealed (domain.md §3.5, §12)."""

from collections.abc import Iterable
from dataclasses import replace

from classifier.normalise import mask, normalise
from classifier.self_naming import hide_self
from hotline.models.words import Confidentiality
from hotline.tickets.demand import Demand


def nameless(demand: Demand) -> Demand:
    """The demand with nobody in it where the requester asked for that: no name, number or company, marks in words."""
    if demand.confidentiality is not Confidentiality.ANONYMOUS:
        return demand
    names = tuple(filter(None, (demand.name, demand.company)))
    text, place, title = (unnamed(words, names) for words in (demand.text, demand.place, demand.title))
    return replace(
        demand, name="", phone="", calling="", company="", credit_code="", named=False,
        text=text, place=place, title=title,
    )  # fmt: skip


def unnamed(words: str, names: Iterable[str] = ()) -> str:
    """Free words without what tells who speaks: their name, home and accounts, numbers, and each of `names`."""
    return mask(hide_self("\n".join(map(normalise, words.splitlines()))).strip(), names)


def level_of(anonymous: object, confidential: object) -> Confidentiality:
    """The level a form asks for: who wants to be nobody is asked nothing more."""
    if anonymous:
        return Confidentiality.ANONYMOUS
    return Confidentiality.CONFIDENTIAL if confidential else Confidentiality.OPEN
