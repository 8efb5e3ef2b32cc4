"""Hears what a person must look at: threats, officials, children, epidemics, poisoned food, lost money, the media."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from classifier.normalise import KEPT, excerpt, normalise
from routing.case import MatterGuess
from routing.pair_weights import DEMANDS, DOUBT, SENTENCE_END, folded, parts_of, read_weights
from routing.urgency import urgency_of

WORDS = Path(__file__).parent / "data" / "sensitive_words.csv"
ALARM, CONFIDENTIAL, ROUTE_UP = "alarm", "confidential", "route_up"


@dataclass(frozen=True)
class Tier:
    """A kind of sensitive matter, its Chinese, and what the desk does with it; never a refusal (domain.md §13)."""

    code: str
    label: str
    action: str


TIERS: Mapping[str, Tier] = {
    tier.code: tier
    for tier in (
        Tier("emergency", "紧急险情", ALARM),
        Tier("stability_threat", "涉稳扬言", ALARM),
        Tier("food_poisoning", "疑似群体食物中毒", ALARM),
        Tier("officials_discipline", "涉公职人员", CONFIDENTIAL),
        Tier("minors", "涉未成年人", ROUTE_UP),
        Tier("public_health", "公共卫生", ROUTE_UP),
        Tier("capital_risk", "资金风险", ROUTE_UP),
        Tier("media", "媒体关注", ROUTE_UP),
    )
}


HEARD_TIERS = tuple(code for code in TIERS if code != "emergency")
"""Those that written demands have taught; an emergency is heard by dangers.py."""
MATTERS: Mapping[str, str] = {
    "1706": "stability_threat", "1803": "officials_discipline", "1004": "minors", "1106": "minors",
    "1403": "capital_risk",
}  # fmt: skip
"""Matters that are sensitive by themselves: the classifier knows them in words that no list foresees."""
LIKELY = 0.2
"""From this probability on, that of all matters of a tier together, a person looks (default; of 2,837 real demands 18,
about half of them rightly)."""


NOTE, DOUBT_OF_A_NOTE = 15, 1.5
"""In a text of fewer characters one word weighs much, and listed words hear the plain ones (default; chosen on written
near-misses: of 174 unseen cases as many are heard as without)."""


@dataclass(frozen=True)
class Sensitive:
    """A tier heard in a text, and the words that spoke for it."""

    tier: Tier
    words: tuple[str, ...]


@dataclass(frozen=True)
class Sign:
    """Words of a tier, and words of the same sentence that silence them."""

    tier: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


def sensitive_in(text: str, guesses: Iterable[MatterGuess] = (), listed: bool = False) -> tuple[Sensitive, ...]:
    """Every tier heard in the text, by listed words, by what written demands have taught or by its likely matters, the
    gravest first. Recall before precision: the price is a person's look. `listed`: by listed words only, for what is no
    demand by itself, such as a title or a place."""
    urgency = urgency_of(text)
    heard: dict[str, list[str]] = {"emergency": list(urgency.words)} if urgency.grade == "emergency" else {}
    for code, likely in tiers_of(guesses).items():
        if sum(guess.probability for guess in likely) >= LIKELY:
            heard.setdefault(code, []).extend(likely[0].evidence)
    for sentence in SENTENCE_END.split(normalise(excerpt(text))):
        for sign in signs():
            match = sign.words.search(sentence)
            if match and not (sign.unless and sign.unless.search(sentence)):
                heard.setdefault(sign.tier, []).append(match[0])
    for code, words in () if listed else taught_tiers(text).items():
        heard.setdefault(code, list(words))
    return tuple(
        Sensitive(tier, tuple(dict.fromkeys(heard[code]))) for code, tier in TIERS.items() if code in heard
    )


@lru_cache(maxsize=KEPT)
def taught_tiers(text: str) -> Mapping[str, Sequence[str]]:
    """The tiers that the pairs of a text tell of, the whole or one of its parts, and the words that were loudest."""
    told, weights = folded(excerpt(text)), read_weights(DEMANDS)
    heard: dict[str, Sequence[str]] = {}
    for part, doubt in [(told, DOUBT_OF_A_NOTE * (len(told) < NOTE)), *((part, DOUBT) for part in parts_of(told))]:
        for tier, loudness in weights.sums(part, HEARD_TIERS).items():
            if loudness >= doubt and tier not in heard:
                heard[tier] = weights.words(part, tier)
    return heard


def tiers_of(guesses: Iterable[MatterGuess]) -> Mapping[str, list[MatterGuess]]:
    """The guesses of matters that are sensitive by themselves, by tier, the likeliest first."""
    found: dict[str, list[MatterGuess]] = {}
    for guess in sorted(guesses, key=lambda one: -one.probability):
        if guess.matter_code in MATTERS:
            found.setdefault(MATTERS[guess.matter_code], []).append(guess)
    return found


@lru_cache(maxsize=1)
def signs() -> tuple[Sign, ...]:
    """The rows of data/sensitive_words.csv."""
    with WORDS.open(encoding="utf-8", newline="") as lines:
        return tuple(sign_of(row) for row in csv.DictReader(lines))


def sign_of(row: Mapping[str, str]) -> Sign:
    """One row of the table: patterns of normalised text."""
    unless = re.compile(row["unless"]) if row["unless"] else None
    return Sign(TIERS[row["tier"]].code, re.compile(row["words"]), unless)
