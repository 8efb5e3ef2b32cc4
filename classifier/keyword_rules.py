"""Hand-written rules as an estimator: the cold start, an honest baseline, and features of the model."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from classifier.matters import DATA, load_matters


@dataclass(frozen=True)
class Rule:
    """All of `needs` must be found and `unless` not; the found words are the evidence."""

    matter_code: str
    needs: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    weight: float

    def hits(self, text: str) -> tuple[str, ...]:
        """The words that fulfil the rule, () when it does not hold."""
        found = [need.search(text) for need in self.needs]
        if not all(found) or (self.unless and self.unless.search(text)):
            return ()
        return tuple(match[0] for match in found if match)


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """data/keyword_rules.csv: matter_code, needs (alternatives by |, conditions by space), unless, weight."""
    with (DATA / "keyword_rules.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Rule(
                matter_code=row["matter_code"],
                needs=tuple(re.compile(need, re.I) for need in row["needs"].split()),
                unless=re.compile(row["unless"], re.I) if row["unless"] else None,
                weight=float(row["weight"] or 1),
            )
            for row in csv.DictReader(lines)
        )


class KeywordRules(ClassifierMixin, BaseEstimator):
    """Rules behind scikit-learn's interface; needs no labels, its classes are the matters."""

    def fit(self, texts: Iterable[str] = (), labels: object = None) -> "KeywordRules":  # noqa: ARG002
        self.classes_ = np.array([matter.code for matter in load_matters().values() if matter.is_leaf])
        self.rules_ = load_rules()  # kept inside, so that a stored model does not change with the file
        return self

    def decision_function(self, texts: Iterable[str]) -> np.ndarray:
        """Sum of the weights of the rules that hold, (texts, matters)."""
        column = {code: at for at, code in enumerate(self.classes_)}
        rows = []
        for text in texts:
            row = np.zeros(len(column), dtype=np.float32)
            for rule in self.rules_:
                if rule.hits(text):
                    row[column[rule.matter_code]] += rule.weight
            rows.append(row)
        return np.array(rows, dtype=np.float32).reshape(-1, len(column))

    def predict(self, texts: Iterable[str]) -> np.ndarray:
        """The matter with the highest score; 1899 (其他) where no rule holds."""
        scores = self.decision_function(texts)
        return np.where(scores.any(axis=1), self.classes_[scores.argmax(axis=1)], "1899")

    def evidence(self, text: str, matter_code: str) -> tuple[str, ...]:
        """The words in `text` that speak for this matter, each once, in the rules' order."""
        rules = (rule for rule in self.rules_ if rule.matter_code == matter_code)
        return tuple(dict.fromkeys(word for rule in rules for word in rule.hits(text)))
