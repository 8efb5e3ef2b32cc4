"""python -m routing.learn_demands: learns from written demands what each request type and each sensitive tier sounds
like, and writes the weights that request_type.py and sensitive.py read. About a minute."""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from classifier.training_data import written_examples
from routing.learn_dangers import vectorizer
from routing.pair_weights import DEMANDS, folded, parts_of
from routing.request_type import KINDS
from routing.sensitive import HEARD_TIERS, MATTERS

DATA = Path(__file__).parent / "data"
WRITTEN = DATA / "demands"
KEPT = 8_000
HEARD = 0.77
"""Share of a tier's written cases to be heard when they are held out (default)."""
CUTS = 4
STRENGTH, STRENGTH_OF_TIERS = 5.0, 10.0


@dataclass(frozen=True)
class Demands:
    """Folded texts, the type of each ("" where nobody told), and which tiers it has: 1, 0, or -1 for who knows."""

    texts: list[str]
    kinds: np.ndarray
    tiers: np.ndarray


def read_demands() -> Demands:
    """What was written for this; and of the examples of ordinary matters, and of every part of a text without tier,
    that they have none."""
    found: dict[str, tuple[str, list[int]]] = {}
    for file in sorted(WRITTEN.glob("*.csv")):
        for row in _rows(file):
            found.setdefault(folded(row["text"]), (row["type"], _told(row["tiers"].split("|"))))
    for row in _rows(DATA / "sensitive_cases.csv"):
        found.setdefault(folded(row["text"]), ("", _told([row["tier"]])))
    for row in _rows(DATA / "empty_text_cases.csv"):
        if row["says"] == "nothing":
            found.setdefault(folded(row["text"]), ("invalid", _told([])))
    examples = written_examples()
    for text, matter in zip(examples.texts, examples.labels, strict=True):
        doubtful = [-1 if MATTERS.get(matter) == tier else 0 for tier in HEARD_TIERS]
        found.setdefault(folded(text), ("", doubtful))
    for text, (_, tiers) in list(found.items()):
        for part in parts_of(text) if not any(tiers) else ():
            found.setdefault(part, ("", tiers))
    kinds, tiers = zip(*found.values(), strict=True)
    return Demands(list(found), np.array(kinds), np.array(tiers))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _told(tiers: list[str]) -> list[int]:
    return [-1 if "?" in tiers else int(tier in tiers) for tier in HEARD_TIERS]


def learn_kinds(pairs: csr_matrix, kinds: np.ndarray) -> LogisticRegression:
    """Every type counts the same, however many were written."""
    return LogisticRegression(C=STRENGTH, max_iter=600, class_weight="balanced").fit(pairs, kinds)


def learn_tier(pairs: csr_matrix, told: np.ndarray) -> LogisticRegression:
    """Whether a text has the tier."""
    return LogisticRegression(C=STRENGTH_OF_TIERS, max_iter=600).fit(pairs, told)


def chosen_pairs(demands: Demands) -> TfidfVectorizer:
    """The pairs that say most for any type or tier."""
    every = vectorizer()
    pairs, typed = every.fit_transform(demands.texts), demands.kinds != ""
    weights = [learn_kinds(pairs[typed], demands.kinds[typed]).coef_]
    for tier in demands.tiers.T:
        known = tier >= 0
        weights.append(learn_tier(pairs[known], tier[known]).coef_)
    says = np.max([np.abs(one).max(axis=0) / np.abs(one).max() for one in weights], axis=0)
    best = np.argsort(-says, kind="stable")[:KEPT]
    return vectorizer(sorted(every.get_feature_names_out()[best])).fit(demands.texts)


def threshold(pairs: csr_matrix, told: np.ndarray) -> float:
    """The score that HEARD of the tier's cases reach when they were not learned from; a mean of several cuts into
    folds, for with one it is half luck: 24 calm sentences more moved what is held back by a fifth."""
    reached = []
    for cut in range(CUTS):
        scores = np.zeros(len(told))
        for known, held_out in StratifiedKFold(5, shuffle=True, random_state=cut).split(told, told):
            scores[held_out] = learn_tier(pairs[known], told[known]).decision_function(pairs[held_out])
        reached.append(np.quantile(scores[told == 1], 1 - HEARD))
    return float(np.mean(reached))


def learn(out: Path = DEMANDS) -> int:
    """Train on all that is written and write the weights in thousandths; returns how many rows."""
    demands = read_demands()
    every = chosen_pairs(demands)
    pairs, typed = every.transform(demands.texts), demands.kinds != ""
    types = learn_kinds(pairs[typed], demands.kinds[typed])
    order = [list(types.classes_).index(kind) for kind in KINDS]
    columns = [np.append(types.intercept_[i], types.coef_[i]) for i in order]
    for tier in demands.tiers.T:
        known = tier >= 0
        model = learn_tier(pairs[known], tier[known])
        columns.append(np.append(model.intercept_ - threshold(pairs[known], tier[known]), model.coef_[0]))
    names = ["", *every.get_feature_names_out()]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["pair", "rarity", *KINDS, *HEARD_TIERS])
        for name, *numbers in zip(names, [0, *every.idf_], *columns, strict=True):
            writer.writerow([name, *(round(float(number) * 1000) for number in numbers)])
    return len(names)


def main() -> None:
    """The command."""
    argparse.ArgumentParser(prog="python -m routing.learn_demands", description=__doc__).parse_args()
    print(f"写入{learn()}行：{DEMANDS}")


if __name__ == "__main__":
    main()
