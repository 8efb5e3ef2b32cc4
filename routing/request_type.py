"""Reads from a citizen's words what kind of demand it is (domain.md §3.3): by weights that written demands have taught
(see learn_demands.py); pure, for the web uses it."""

import math
import re
from dataclasses import dataclass

from classifier.normalise import excerpt, normalise
from routing.empty_text import says_nothing
from routing.pair_weights import DEMANDS, SENTENCE_END, folded, read_weights

KINDS = (
    "consultation", "help", "complaint", "report", "suggestion", "guidance", "praise", "withdrawn", "invalid",
    "harassment",
)  # fmt: skip
SAYS_SO = re.compile(
    "(?<!不是)(?<!没有)(?<!被)(?:举报|检举|揭发)(?!电话|热线|人员|信箱|中心|奖|途径|方式|平台|了|过|的那)|(?:实名|匿名)反映|"
    "不要?透露.{0,6}(?:我|身份)|(?:别|千万别|不要)说(?:出)?是我|别(?:让|告诉).{0,6}知道是我"
)
"""Who calls it a report, or asks not to be named, tells one (domain.md §3.3, §3.5)."""
ASKS_HOW = re.compile("[？?吗么呢]$|怎么|怎样|如何|哪里|哪儿|什么|请问|咨询|想问|多少")
ORDINARY = ("help", "complaint", "consultation")
ENOUGH = 1000
"""Characters by which the type is told (default); who says that it is a report is heard in all of a text."""
LIKELY = 0.35
"""How sure another type than these must be (default; chosen with unseen cases and real texts in view): .3 and .4 read
the unseen ones the same, without it a fifth more of real texts are reports."""


@dataclass(frozen=True)
class ReadType:
    """The type's code, the words that told it loudest ("" where none does), and how sure that is (0–1)."""

    kind: str
    words: str = ""
    probability: float = 1.0


def request_type_of(text: str) -> ReadType:
    """The type of a demand (default; the agent or the dispatcher may change it)."""
    whole = normalise(excerpt(text))
    for sentence in SENTENCE_END.split(whole):
        said = SAYS_SO.search(sentence)
        if said and not ASKS_HOW.search(sentence):
            return ReadType("report", said[0])
    if says_nothing(whole):
        return ReadType("invalid")
    told, weights = folded(text[:ENOUGH]), read_weights(DEMANDS)
    sums = weights.sums(told, KINDS)
    all_sums = sum(math.exp(one) for one in sums.values())
    sure = {kind: math.exp(one) / all_sums for kind, one in sums.items()}
    best = max(KINDS, key=lambda kind: sure[kind])
    kind = best if best in ORDINARY or sure[best] >= LIKELY else max(ORDINARY, key=lambda one: sure[one])
    return ReadType(kind, "、".join(weights.words(told, kind)), round(sure[kind], 4))
