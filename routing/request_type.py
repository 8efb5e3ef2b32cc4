"""Reads from a citizen's words what kind of demand it is (domain.md §3.3); pure, for the web uses it."""

from dataclasses import dataclass

from classifier.normalise import excerpt, normalise
from routing.empty_text import says_nothing
from routing.request_type_words import RULES, TypeRule


@dataclass(frozen=True)
class ReadType:
    """The type's code and the words that told it, "" where none speaks."""

    kind: str
    words: str = ""


def request_type_of(text: str) -> ReadType:
    """The type of a demand: the first rule that fits, `help` where none speaks (default)."""
    told = normalise(excerpt(text))
    if says_nothing(told):
        return ReadType("invalid")
    for rule in RULES:
        found = heard(rule, told)
        if found:
            return ReadType(rule.kind, found)
    return ReadType("help")


def heard(rule: TypeRule, told: str) -> str:
    """The words of the text that speak for a rule, "" when none does or others silence them."""
    if rule.short and len(told) > rule.short:
        return ""
    match = rule.words.search(told)
    return match[0] if match and not (rule.unless and rule.unless.search(told)) else ""
