"""Hears danger in a citizen's words before anything is saved: the grade, the words, the emergency line."""

import re
from dataclasses import dataclass

from classifier.normalise import normalise
from routing.urgency_words import CALM, NOW, TRIGGERS, Trigger

GRADES = ("emergency", "critical", "urgent", "normal")
SENTENCE_END = re.compile("[。！？!?；;\n]+")


@dataclass(frozen=True)
class Urgency:
    """How urgent a text is (domain.md §3.4): `line` is the number to transfer an emergency to, else None."""

    grade: str
    words: tuple[str, ...] = ()
    line: str | None = None


def urgency_of(text: str) -> Urgency:
    """The worst grade any sentence gives, with every word that spoke for it (domain.md §8.1).

    An alarm only: it never closes, refuses or dispatches anything by itself. Recall before precision.
    """
    heard: list[tuple[Trigger, str]] = []
    for sentence in SENTENCE_END.split(normalise(text)):
        heard += heard_in(sentence)
    if not heard:
        return Urgency("normal")
    worst = min((trigger.grade for trigger, _ in heard), key=GRADES.index)
    loudest = [(trigger.line, words) for trigger, words in heard if trigger.grade == worst]
    return Urgency(worst, tuple(dict.fromkeys(words for _, words in loudest)), most_named(loudest))


def heard_in(sentence: str) -> list[tuple[Trigger, str]]:
    """The triggers of one sentence and the words they matched."""
    calm = CALM.search(sentence) is not None and NOW.search(sentence) is None
    heard = []
    for trigger in TRIGGERS:
        match = None if calm and trigger.line else trigger.words.search(sentence)
        if match and not (trigger.unless and trigger.unless.search(sentence)):
            heard.append((trigger, match[0]))
    return heard


def most_named(loudest: list[tuple[str | None, str]]) -> str | None:
    """122 as soon as a crash is told, else the line most triggers name, among equals the first."""
    lines = [line for line, _ in loudest]
    return max(lines, key=lambda line: (line == "122", lines.count(line)))
