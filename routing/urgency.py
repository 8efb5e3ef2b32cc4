"""How urgent a citizen's words are, before anything is saved: the grade, the words, the emergency line."""

from dataclasses import dataclass
from functools import lru_cache

from classifier.normalise import KEPT, normalise
from routing.dangers import hear
from routing.pair_weights import SENTENCE_END, shortened
from routing.urgency_words import TRIGGERS, Trigger

GRADES = ("emergency", "critical", "urgent", "normal")


@dataclass(frozen=True)
class Urgency:
    """How urgent a text is (domain.md §3.4): `line` is the number to transfer an emergency to, else None."""

    grade: str
    words: tuple[str, ...] = ()
    line: str | None = None


def urgency_of(text: str, *beside: str) -> Urgency:
    """An emergency when danger is heard (domain.md §8.1), else the worst grade any sentence's words give; the worst of
    the text and of what was told beside it: title, place.

    An alarm only: it never closes, refuses or dispatches anything by itself. Recall before precision.
    """
    return min((_heard(one) for one in (text, *beside)), key=lambda one: GRADES.index(one.grade))


@lru_cache(maxsize=KEPT)
def _heard(text: str) -> Urgency:
    danger = hear(text)
    if danger is not None:
        return Urgency("emergency", danger.words, danger.line)
    heard: list[tuple[Trigger, str]] = []
    for sentence in SENTENCE_END.split(normalise(shortened(text))):
        heard += heard_in(sentence)
    if not heard:
        return Urgency("normal")
    worst = min((trigger.grade for trigger, _ in heard), key=GRADES.index)
    return Urgency(worst, tuple(dict.fromkeys(words for trigger, words in heard if trigger.grade == worst)))


def heard_in(sentence: str) -> list[tuple[Trigger, str]]:
    """The triggers of one sentence and the words they matched."""
    heard = []
    for trigger in TRIGGERS:
        match = trigger.words.search(sentence)
        if match and not (trigger.unless and trigger.unless.search(sentence)):
            heard.append((trigger, match[0]))
    return heard
