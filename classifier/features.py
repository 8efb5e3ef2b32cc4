"""Turn texts into numbers: the transformers of the model's pipeline."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix, hstack

from classifier.character_pairs import CharacterPairs
from classifier.normalise import mask, normalise

LONGEST_TEXT = 2000  # characters; what follows says nothing new, and time stays bounded
BEGINNING = 20  # characters
BEGINNING_WEIGHT = 0.7  # measured on letters: .5 and 1 are a little worse
PRIOR_AT_LAST = 0.27  # the prior's share where labels abound
HALF_FADED = 60  # labels a class at which half of what may fade has faded
_MARK = re.compile(r"〔(?:电话|证件|车牌|银行卡|姓名|邮箱)〕")
_NUMBER = re.compile(r"\d+")
_SILENT = re.compile(r"[^\u3400-\u9fffA-Za-z0-9]+")


def clean(text: str) -> str:
    """What the model reads: normalised, shortened, in lower case, numbers as 0, other signs as one space."""
    text = mask(normalise(text[: 2 * LONGEST_TEXT]))[:LONGEST_TEXT]
    return _SILENT.sub(" ", _NUMBER.sub("0", _MARK.sub(" ", text))).strip().lower()


class Scores(Protocol):
    """Gives a row of scores for each cleaned text."""

    matters: tuple[str, ...]

    def transform(self, cleaned: Sequence[str]) -> csr_matrix: ...


class TextFeatures:
    """Character pairs, beside what other knowledge (`prior`) says of the text and, if asked for, the pairs of its
    beginning once more: letters begin with a title.

    Single characters and pairs measured better than words for short demands; triples and words beside them
    added nothing that lasts. The prior's weight falls as labels come: with 20 a label it is nearly whole,
    with 300 it is at its least.
    """

    beginning_: CharacterPairs | None = None

    def __init__(self, min_df: int = 1, prior: Scores | None = None, beginnings: bool = False) -> None:
        self.min_df = min_df
        self.prior = prior
        self.beginnings = beginnings

    def fit(self, cleaned: Sequence[str], labels: Sequence[str]) -> "TextFeatures":
        self.pairs_ = CharacterPairs(self.min_df).fit(cleaned)
        each = len(labels) / len(set(labels))
        if self.beginnings:
            self.beginning_ = CharacterPairs(self.min_df).fit(_beginnings(cleaned))
        self.prior_weight_ = PRIOR_AT_LAST + (1 - PRIOR_AT_LAST) / (1 + (each / HALF_FADED) ** 2)
        return self

    def transform(self, cleaned: Sequence[str]) -> csr_matrix:
        """Cleaned texts → sparse (texts, pairs and what stands beside them)."""
        parts = [self.pairs_.transform(cleaned)]
        if self.prior is not None:
            parts.append(self.prior.transform(cleaned) * self.prior_weight_)
        if self.beginning_ is not None:
            parts.append(self.beginning_.transform(_beginnings(cleaned)) * BEGINNING_WEIGHT)
        return hstack(parts, format="csr") if len(parts) > 1 else parts[0]

    def prior_scores(self, features: csr_matrix) -> np.ndarray:
        """What the prior said of texts that were transformed: (texts, matters)."""
        begin = len(self.pairs_.vocabulary_)
        many = len(self.prior.matters) if self.prior is not None else 0
        return features[:, begin : begin + many].toarray() / self.prior_weight_


def _beginnings(cleaned: Sequence[str]) -> list[str]:
    return [text[:BEGINNING] for text in cleaned]
