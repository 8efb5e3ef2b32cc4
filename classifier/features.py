"""Turn texts into numbers: the transformers of the model's pipeline."""

import re
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.keyword_rules import KeywordRules
from classifier.normalise import mask, normalise

LONGEST_TEXT = 2000  # characters; what follows says nothing new, and time stays bounded
_MARK = re.compile(r"〔(?:电话|证件|车牌|银行卡|姓名|邮箱)〕")
_NUMBER = re.compile(r"\d+")
_SILENT = re.compile(r"[^\u3400-\u9fffA-Za-z0-9]+")


def clean(text: str) -> str:
    """What the model reads: normalised, shortened, in lower case, numbers as 0, other signs as one space."""
    text = mask(normalise(text[: 2 * LONGEST_TEXT]))[:LONGEST_TEXT]
    return _SILENT.sub(" ", _NUMBER.sub("0", _MARK.sub(" ", text))).strip().lower()


class TextFeatures(TransformerMixin, BaseEstimator):
    """Character pairs beside the scores of the keyword rules; training decides how far to trust each.

    Single characters and pairs measured better than words for short demands.
    """

    def __init__(self, min_df: int = 1, rule_weight: float = 0.5) -> None:
        self.min_df = min_df
        self.rule_weight = rule_weight

    def fit(self, cleaned: Sequence[str], labels: object = None) -> "TextFeatures":  # noqa: ARG002
        self.characters_ = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, 2),
            sublinear_tf=True,
            min_df=self.min_df,
            lowercase=False,
            dtype=np.float32,
        ).fit(cleaned)
        self.rules_ = KeywordRules().fit()
        return self

    def transform(self, cleaned: Sequence[str]) -> csr_matrix:
        """Cleaned texts → sparse (texts, character pairs and matters)."""
        scores = csr_matrix(self.rules_.decision_function(cleaned) * self.rule_weight)
        return hstack([self.characters_.transform(cleaned), scores], format="csr")
