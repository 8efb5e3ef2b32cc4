"""What the pictures of the classifier are drawn from: how it learns, what its certainty is worth, what it mixes up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from classifier.evaluate_guesses import BINS, Judged, judge, sent
from classifier.features import Scores
from classifier.model import Classifier
from classifier.training_data import LabelledTexts

SIZES = (200, 500, 1000, 2000, 4000, 8000)
FEWEST = 2  # cases of a label; one alone cannot stand on both sides of a fold
STEPS = 200  # points of the coverage curve


@dataclass(frozen=True)
class Learned:
    """Top-1 and macro-F1 on the same test texts after so many training cases."""

    n: int
    top1: float
    macro_f1: float


@dataclass(frozen=True)
class Bin:
    """The guesses of one tenth of certainty: how many, how sure on the average, what share of them right."""

    n: int
    sure: float
    right: float


@dataclass(frozen=True)
class LabelFigures:
    """How well one label is found among `n` texts that have it."""

    label: str
    n: int
    precision: float
    recall: float


def learning_curve(train: LabelledTexts, test: LabelledTexts, prior: Scores | None) -> Iterator[Learned]:
    """Trains on the newest 200, 500, … cases and on all; `prior` as `Classifier` takes it."""
    for size in [*(size for size in SIZES if size < len(train)), len(train)]:
        newest = without_lone_labels(train.pick(range(len(train) - size, len(train))))
        judged = judge(Classifier(min_df=2, prior=prior).fit(newest.texts, newest.labels), test)
        macro = f1_score(judged.truth, judged.best, average="macro", zero_division=0)
        yield Learned(size, float(judged.right.mean()), float(macro))


def without_lone_labels(cases: LabelledTexts) -> LabelledTexts:
    """The cases whose label occurs often enough to be taught and tested."""
    times = Counter(cases.labels)
    return cases.pick([i for i, label in enumerate(cases.labels) if times[label] >= FEWEST])


def reliability(judged: Judged) -> list[Bin]:
    """The ten equal bins of the calibration error; those without a guess are left out."""
    places = np.minimum((judged.sure * BINS).astype(int), BINS - 1)
    inside = [places == i for i in range(BINS)]
    return [
        Bin(int(one.sum()), float(judged.sure[one].mean()), float(judged.right[one].mean()))
        for one in inside
        if one.any()
    ]


def coverage_curve(judged: Judged) -> list[tuple[float, float]]:
    """(share sent, share of those right) for thresholds from the surest guess down to none."""
    thresholds = np.unique(np.quantile(judged.sure, np.linspace(0, 1, STEPS)))
    return [sent(judged, threshold) for threshold in thresholds[::-1]]


def label_figures(judged: Judged) -> list[LabelFigures]:
    """Precision and recall of every label that occurs in the test, commonest first."""
    labels = [label for label, _ in Counter(judged.truth.tolist()).most_common()]
    precision, recall, _, n = precision_recall_fscore_support(
        judged.truth, judged.best, labels=labels, zero_division=0
    )
    return [LabelFigures(*row) for row in zip(labels, n.tolist(), precision.tolist(), recall.tolist(), strict=True)]


def confusion_shares(judged: Judged, labels: Sequence[str]) -> np.ndarray:
    """A row a label: which share of its texts was guessed as which of `labels`; guesses of others are missing."""
    counts = confusion_matrix(judged.truth, judged.best, labels=list(labels))
    return counts / np.array([[(judged.truth == label).sum()] for label in labels])
