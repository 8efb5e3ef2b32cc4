"""python -m routing.learn_dangers: learns from the written emergencies what danger sounds like, and writes the
weights that dangers.py reads. About a minute."""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from classifier.training_data import written_examples
from routing.dangers import LINES, WEIGHTS, bare_words
from routing.pair_weights import DOUBT, folded, parts_of

DATA = Path(__file__).parent / "data"
KEPT = 6_000  # characters and pairs; twice as many changed no figure
HEARD = 0.96
"""Share of the emergencies written for this to be heard when they are held out (default)."""
AFAR = ("12", "17")  # classes of matters whose written examples may tell of present danger
STRENGTH = 5.0


@dataclass(frozen=True)
class Told:
    """Folded texts, the line of each ("" for no danger), and whether it was written for this."""

    texts: list[str]
    lines: np.ndarray
    written: np.ndarray

    def pick(self, places: np.ndarray) -> "Told":
        return Told([self.texts[i] for i in places], self.lines[places], self.written[places])


@dataclass(frozen=True)
class Ear:
    """A trained scorer: which pairs it knows and what they say."""

    pairs: TfidfVectorizer
    danger: LogisticRegression

    def loudness(self, texts: Sequence[str]) -> np.ndarray:
        """One score a text: the loudest of the whole and of its parts."""
        scores = self.danger.decision_function(self.pairs.transform(texts))
        parts = [(i, part) for i, text in enumerate(texts) for part in (*parts_of(text), *bare_words(text))]
        if parts:
            found = self.danger.decision_function(self.pairs.transform([part for _, part in parts])) - DOUBT
            np.maximum.at(scores, [i for i, _ in parts], found)
        return scores


def read_told() -> Told:
    """What was written for this, and the examples of ordinary matters."""
    files = [*sorted((DATA / "dangers").glob("*.csv")), DATA / "urgency_cases.csv", DATA / "empty_text_cases.csv"]
    found: dict[str, tuple[str, bool]] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found.setdefault(folded(row["text"]), (row.get("line", ""), file.parent.name == "dangers"))
    examples = written_examples()
    for text, matter in zip(examples.texts, examples.labels, strict=True):
        if matter[:2] not in AFAR:
            found.setdefault(folded(text), ("", False))
    return Told(list(found), np.array([line for line, _ in found.values()]), np.array([w for _, w in found.values()]))


def train(told: Told) -> Ear:
    """Learn which pairs matter, then what they say. Every part of a text without danger has none either."""
    calm = [
        part for text, line in zip(told.texts, told.lines, strict=True) if not line
        for part in (*parts_of(text), *bare_words(text))
    ]  # fmt: skip
    texts, danger = told.texts + calm, np.append(told.lines != "", np.zeros(len(calm), dtype=bool))
    every = vectorizer().fit(texts)
    first = LogisticRegression(C=STRENGTH, max_iter=300).fit(every.transform(texts), danger)
    best = np.argsort(-np.abs(first.coef_[0]), kind="stable")[:KEPT]
    pairs = vectorizer(sorted(every.get_feature_names_out()[best])).fit(texts)
    return Ear(pairs, LogisticRegression(C=STRENGTH, max_iter=300).fit(pairs.transform(texts), danger))


def vectorizer(vocabulary: list[str] | None = None) -> TfidfVectorizer:
    """Characters and pairs, counted as pair_weights.py counts them."""
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2, lowercase=False, vocabulary=vocabulary
    )


def threshold(told: Told) -> float:
    """The score that HEARD of the emergencies written for this reach when they were not learned from."""
    scores = np.zeros(len(told.texts))
    for known, held_out in StratifiedKFold(5, shuffle=True, random_state=0).split(told.texts, told.lines != ""):
        scores[held_out] = train(told.pick(known)).loudness(told.pick(held_out).texts)
    return float(np.quantile(scores[(told.lines != "") & told.written], 1 - HEARD))


def learn(out: Path = WEIGHTS) -> int:
    """Train on all that is written and write the weights in thousandths; returns how many rows."""
    told = read_told()
    ear = train(told)
    danger = np.flatnonzero(told.lines != "")
    lines = LogisticRegression(C=STRENGTH, max_iter=300).fit(
        ear.pairs.transform([told.texts[i] for i in danger]), told.lines[danger]
    )
    rows = zip(
        ["", *ear.pairs.get_feature_names_out()],
        [0, *ear.pairs.idf_],
        [ear.danger.intercept_[0] - threshold(told), *ear.danger.coef_[0]],
        *(np.append(lines.intercept_[i], lines.coef_[i]) for i in range(len(LINES))),
        strict=True,
    )
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["pair", "rarity", "danger", *LINES])
        writer.writerows([pair, *(round(float(number) * 1000) for number in numbers)] for pair, *numbers in rows)
    return len(ear.pairs.vocabulary_) + 1


def main() -> None:
    """The command."""
    argparse.ArgumentParser(prog="python -m routing.learn_dangers", description=__doc__).parse_args()
    print(f"写入{learn()}行：{WEIGHTS}")


if __name__ == "__main__":
    main()
