"""How good guesses are: hits, balance over labels, honesty of the probabilities, share that can be sent."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score

from classifier.features import clean
from classifier.model import Classifier
from classifier.training_data import LabelledTexts

BINS = 10


@dataclass(frozen=True)
class Figures:
    """Shares between 0 and 1; milliseconds are for one text, with evidence, on a warm model."""

    n: int
    top1: float
    top3: float
    macro_f1: float
    ece: float
    coverage_at_95: float
    precision_at_95: float
    coverage_at_98: float
    precision_at_98: float
    p50_ms: float
    p99_ms: float
    texts_per_s: float
    model_mb: float


@dataclass(frozen=True)
class Judged:
    """One row a text: was the best guess right, how sure was it, stood the label among the first three."""

    truth: np.ndarray
    best: np.ndarray
    sure: np.ndarray
    in_three: np.ndarray

    @property
    def right(self) -> np.ndarray:
        return self.best == self.truth


def judge(model: Classifier, test: LabelledTexts) -> Judged:
    """The model's guesses beside the truth."""
    probabilities = model.probabilities([clean(text) for text in test.texts])
    labels = np.array(model.card.labels)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    truth = np.array(test.labels)
    return Judged(
        truth=truth,
        best=labels[order[:, 0]],
        sure=probabilities[np.arange(len(truth)), order[:, 0]],
        in_three=(labels[order] == truth[:, None]).any(axis=1),
    )


def evaluate(model: Classifier, test: LabelledTexts) -> Figures:
    """All figures of a model on texts it was not trained on; its thresholds are applied blind."""
    judged = judge(model, test)
    coverage_95, precision_95 = sent(judged, model.threshold_for(0.95))
    coverage_98, precision_98 = sent(judged, model.threshold_for(0.98))
    p50, p99 = _latency(model, test.texts[:300])
    return Figures(
        n=len(test),
        top1=float(judged.right.mean()),
        top3=float(judged.in_three.mean()),
        macro_f1=float(f1_score(judged.truth, judged.best, average="macro", zero_division=0)),
        ece=expected_calibration_error(judged.sure, judged.right),
        coverage_at_95=coverage_95,
        precision_at_95=precision_95,
        coverage_at_98=coverage_98,
        precision_at_98=precision_98,
        p50_ms=p50,
        p99_ms=p99,
        texts_per_s=_speed(model, test.texts),
        model_mb=len(model.to_bytes()) / 1e6,
    )


def sent(judged: Judged, threshold: float) -> tuple[float, float]:
    """(share of texts at or above the threshold, share of those that are right); precision 1 when none is."""
    above = judged.sure >= threshold
    return float(above.mean()), float(judged.right[above].mean()) if above.any() else 1.0


def expected_calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """Mean distance of confidence and truth over ten equal bins, weighted by their sizes."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(sure[places == i].mean() - right[places == i].mean()) * (places == i).mean()
        for i in range(BINS)
        if (places == i).any()
    ]
    return float(sum(gaps))


def _latency(model: Classifier, texts: Sequence[str]) -> tuple[float, float]:
    model.guess(texts[:1])
    taken = []
    for text in texts:
        started = time.perf_counter()
        model.guess([text])
        taken.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def _speed(model: Classifier, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    model.probabilities([clean(text) for text in texts])
    return len(texts) / (time.perf_counter() - started)
