"""The classifier: which label a text has, how sure that is, and which words say so."""

import contextlib
import hashlib
import io
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from classifier.compare import compare
from classifier.features import Scores, TextFeatures, clean
from classifier.label_names import LabelNames
from classifier.language_net import LanguageNet, reading_once
from classifier.starter import made_of
from classifier.training_data import LabelledTexts, TrainingDataError, described_matters, written_examples
from classifier.word_cutting import cut
from classifier.word_pieces import pretrained

FOLDS = 3
NET_FOLDS = 4  # the language network is taught once: on all but the fourth that tells how sure to be
FEWEST_TO_CHOOSE = 2000  # default; from so many texts of a city on, held-out guesses say whether beginnings help
EVIDENCE_WORDS = 4
STARTER_MIN_DF = 3  # rarer pairs doubled the file and changed no figure
SHARPNESS = 10  # default; how fast the share of the labels behind the best falls with their margins
UNCHECKED = {"assume_finite": True, "skip_parameter_validation": True}  # checks took a quarter of one text's time
SECOND_AT_MOST = 0.99  # of the best: equal shares would let the order of the labels decide



class Trained(NamedTuple):
    """The parts that give margins: of features by a linear SVM, and what names and the language network add."""

    features: TextFeatures
    svm: LinearSVC
    names: LabelNames | None
    net: LanguageNet | None

    def margins(self, cleaned: Sequence[str]) -> np.ndarray:
        """(texts, labels) for cleaned texts."""
        found = self.features.transform(cleaned)
        margins = found @ self.svm.coef_.T + self.svm.intercept_
        margins = margins if margins.shape[1] > 1 else np.hstack([-margins, margins])
        if self.names is not None:
            margins = margins + self.names.margins(self.features.prior_scores(found))
        return margins if self.net is None else margins + self.net.margins(cleaned, self.svm.classes_)


class HeldOut(NamedTuple):
    """Texts a model had not seen, one row each: its place, the shape of its margins, its best guess, the told label."""

    places: np.ndarray
    shapes: np.ndarray
    best: np.ndarray
    truth: np.ndarray


class ModelFileError(ValueError):
    """The bytes are not a classifier of this program; carries a Chinese sentence."""


@dataclass(frozen=True)
class Guess:
    """A label, the calibrated probability that it is the right one (0–1), and the words that speak for it."""

    label: str
    probability: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class ModelCard:
    """What a model is made of; `version` is drawn from the training texts."""

    version: str
    created_for: str
    n_texts: int
    labels: tuple[str, ...]
    figures: tuple[tuple[str, float], ...]


class Classifier:
    """Characters and what is known besides, a linear SVM, and a logistic curve on margins it had not seen."""

    card: ModelCard
    _names: LabelNames | None = None
    _net: LanguageNet | None = None

    def __init__(
        self,
        min_df: int = 1,
        says_nothing: str | None = None,
        prior: Scores | None = None,
        folds_used: int = FOLDS,
        embeddings: bool = False,
    ) -> None:
        """`says_nothing`: a label that is learned but never guessed: empty talk leaves no sure guess.
        `prior`: what is known beside these labels, such as `prior.matter_scores()`. `folds_used`: how many of the
        folds teach how sure to be; with many texts one is enough and saves half the time. `embeddings`: a
        language network learns the labels too, of one fold only; slow, and the extra must be installed wherever the
        model is used."""
        self.min_df = min_df
        self.folds_used = 1 if embeddings else folds_used
        self.embeddings = embeddings
        self.prior = prior
        self.says_nothing = says_nothing

    def fit(
        self, texts: Sequence[str], labels: Sequence[str], created_for: str = "", written: int = 0
    ) -> "Classifier":
        """Train on texts and labels of the same length; needs two labels at least (else TrainingDataError).
        `created_for` is noted on the card. The first `written` texts are our own: they are taught, but whether
        beginnings count once more the city's texts alone decide."""
        cleaned = [clean(text) for text in texts]
        known = np.array(labels)
        if len(set(labels)) < 2:
            raise TrainingDataError("至少要有两种不同的标注，才能训练。")
        with reading_once(cleaned) if self.embeddings else contextlib.nullcontext():
            self._calibrate(self._chosen(cleaned, known, written))
            self._features, self._svm, self._names, self._net = self._train(cleaned, known, self._net)
        self.card = self._describe(cleaned, known, created_for)
        return self

    def guess(self, texts: Iterable[str], top: int = 3) -> list[tuple[Guess, ...]]:
        """For each text its likeliest labels, best first; a text without a word gives ()."""
        cleaned = [clean(text) for text in texts]
        if not cleaned:
            return []
        probabilities = self.probabilities(cleaned)
        return [
            self._best(text, row, top) if text else ()
            for text, row in zip(cleaned, probabilities, strict=True)
        ]

    def likeliest(self, texts: Sequence[str], top: int) -> list[list[tuple[str, float]]]:
        """Labels and probabilities as `guess` gives them, without evidence: for many texts at once."""
        found = []
        for row in self.probabilities([clean(text) for text in texts]):
            found.append([(str(self._svm.classes_[i]), float(row[i])) for i in self._order(row, top)])
        return found

    def probabilities(self, cleaned: Sequence[str]) -> np.ndarray:
        """(texts, labels) for texts that went through `features.clean`; each row sums to 1 at most."""
        with config_context(**UNCHECKED):
            margins = Trained(self._features, self._svm, self._names, self._net).margins(cleaned)
            return _spread(margins, self._curve.predict_proba(_shape_of(margins))[:, 1])

    def threshold_for(self, precision: float) -> float:
        """The lowest probability above which held-out guesses reached this precision; above 1 if none."""
        sure, right = self._held_out
        order = np.argsort(-sure, kind="stable")
        reached = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision)
        return float(sure[order][reached[-1]]) if len(reached) else 1.01

    def to_bytes(self) -> bytes:
        """The whole model for a file; equal training gives equal bytes."""
        buffer = io.BytesIO()
        joblib.dump(self, buffer, compress=("zlib", 6))
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "Classifier":
        """The model back. The bytes are a pickle: the caller must have checked their signature before.

        Raises ModelFileError for anything that is not such a model, and EmbeddingsMissingError for one with a
        language network where the extra is not installed.
        """
        try:
            model = joblib.load(io.BytesIO(data))
        except Exception as damage:  # damaged pickles raise anything
            raise ModelFileError("模型文件已损坏，无法读取。") from damage
        if not isinstance(model, Classifier):
            raise ModelFileError("这不是本系统的分类模型文件。")
        if model.embeddings:
            pretrained()
        return model

    def _train(self, cleaned: Sequence[str], known: np.ndarray, net: LanguageNet | None = None) -> Trained:
        try:
            features = TextFeatures(self.min_df, self.prior, self._beginnings).fit(cleaned, known)
        except ValueError as nothing:  # no character stands in `min_df` of them
            raise TrainingDataError("文本太少或太不相同，没有可以学的字词；请多给一些标注文本。") from nothing
        svm = LinearSVC(C=0.7, random_state=0).fit(features.transform(cleaned), known)
        svm.coef_ = svm.coef_.astype(np.float32)
        if self.embeddings and net is None:
            net = LanguageNet().fit(cleaned, known)
        if self.prior is None:
            return Trained(features, svm, None, net)
        cases = dict(zip(map(str, svm.classes_), np.unique(known, return_counts=True)[1].tolist(), strict=True))
        return Trained(features, svm, LabelNames(cases, self.prior.matters), net)

    def _chosen(self, cleaned: Sequence[str], known: np.ndarray, written: int) -> HeldOut:
        """Guesses on held-out folds; a city's many texts tell whether their beginnings should count once more.
        With the language network they never do: it reads them as it is."""
        self._beginnings = False
        plain = self._held_out_guesses(cleaned, known)
        if self.embeddings or len(known) - written < FEWEST_TO_CHOOSE:
            return plain
        self._beginnings = True
        twice = self._held_out_guesses(cleaned, known)
        own = plain.places >= written
        three = (of[own].tolist() for of in (plain.truth, plain.best, twice.best))
        self._beginnings = compare(*three).verdict == "won"
        return twice if self._beginnings else plain

    def _held_out_guesses(self, cleaned: Sequence[str], known: np.ndarray) -> HeldOut:
        """What models that had not seen them guess for the texts of `folds_used` folds."""
        parts, labels = [], np.unique(known)
        most = int(np.unique(known, return_counts=True)[1].max())
        if most == 1:
            raise TrainingDataError("每个标注都只有一条文本，无法训练；至少一个标注要有两条。")
        folds = _folds(known, min(NET_FOLDS if self.embeddings else FOLDS, most))
        for train, held_out in islice(folds, self.folds_used):
            trained = self._train([cleaned[i] for i in train], known[train])
            self._net = trained.net
            found = np.full((len(held_out), len(labels)), -np.inf)  # a label of one case may be missing in a fold
            found[:, np.searchsorted(labels, trained.svm.classes_)] = trained.margins([cleaned[i] for i in held_out])
            parts.append((held_out, _shape_of(found), labels[found.argmax(axis=1)], known[held_out]))
        return HeldOut(*map(np.concatenate, zip(*parts, strict=True)))

    def _calibrate(self, held_out: HeldOut) -> None:
        """The curve from the shape of margins to the probability that the best guess is right."""
        hits = held_out.best == held_out.truth
        # One imagined hit and one miss: a few texts, all guessed right, are no proof of certainty.
        middle = np.tile(held_out.shapes.mean(axis=0), (2, 1))
        self._curve = LogisticRegression(C=1, max_iter=1000).fit(
            np.vstack([held_out.shapes, middle]), np.append(hits, [True, False])
        )
        self._held_out = (self._curve.predict_proba(held_out.shapes)[:, 1].astype(np.float32), hits)

    def _describe(self, cleaned: Sequence[str], known: np.ndarray, created_for: str) -> ModelCard:
        content = "\n".join(f"{label}\t{text}" for text, label in zip(cleaned, known, strict=True))
        return ModelCard(
            version=hashlib.sha256(content.encode()).hexdigest()[:12],
            created_for=created_for,
            n_texts=len(cleaned),
            labels=tuple(map(str, self._svm.classes_)),
            figures=(("held_out_top1", round(float(self._held_out[1].mean()), 4)),),
        )

    def _best(self, text: str, probabilities: np.ndarray, top: int) -> tuple[Guess, ...]:
        labels = self._svm.classes_
        order = self._order(probabilities, top)
        words = list(dict.fromkeys(cut(text.replace(" ", "，"))))  # no word across a pause
        weights = self._weights(words, order)
        return tuple(
            Guess(str(labels[i]), float(probabilities[i]), _speaking(words, column))
            for i, column in zip(order, weights.T, strict=True)
        )

    def _order(self, probabilities: np.ndarray, top: int) -> list[int]:
        """The places of the likeliest labels that say something."""
        order = np.argsort(-probabilities, kind="stable")[: top + 1]
        return [i for i in order if self._svm.classes_[i] != self.says_nothing][:top]

    def _weights(self, words: Sequence[str], places: Sequence[int]) -> np.ndarray:
        """What each word adds to the margins of the labels at `places`: (words, places)."""
        if not words:
            return np.zeros((0, len(places)))
        coef = self._svm.coef_ if len(self._svm.coef_) > 1 else np.vstack([-self._svm.coef_, self._svm.coef_])
        with config_context(**UNCHECKED):
            pairs = self._features.pairs_.transform(words)
        used, at = np.unique(pairs.indices, return_inverse=True)
        narrow = csr_matrix((pairs.data, at, pairs.indptr), shape=(len(words), len(used)))
        return narrow @ coef[np.ix_(places, used)].T


def starter_model() -> Classifier:
    """The model of a city's first day; trained once for this code and these examples, then kept beside Python's
    packages, where only who may change the code may write."""
    kept = Path(sys.prefix) / f"starter-{made_of()}.model"
    with contextlib.suppress(OSError, ModelFileError):
        return Classifier.from_bytes(kept.read_bytes())
    model = train_starter()
    draft = kept.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        draft.write_bytes(model.to_bytes())
        draft.rename(kept)
    return model


def train_starter(embeddings: bool = False) -> Classifier:
    """Train on our written examples and the descriptions of the matters, about 10 CPU-seconds; with the language
    network 15 minutes."""
    return train_matters("starter", LabelledTexts((), ()), embeddings)


def train_matters(created_for: str, own: LabelledTexts, embeddings: bool = False) -> Classifier:
    """Train on what we wrote and on a city's own cases, labelled with matters."""
    written = (written_examples(), described_matters())
    texts = [text for one in (*written, own) for text in one.texts]
    labels = [label for one in (*written, own) for label in one.labels]
    model = Classifier(min_df=STARTER_MIN_DF, says_nothing="1899", folds_used=1, embeddings=embeddings)
    return model.fit(texts, labels, created_for, len(texts) - len(own))


def _folds(known: np.ndarray, many: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(train, held out) of each fold that leaves two labels to learn: of two labels one may have a single case."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # rare labels are no news
        folds = list(StratifiedKFold(many, shuffle=True, random_state=0).split(known, known))
    yield from (fold for fold in folds if len(set(known[fold[0]])) > 1)


def _speaking(words: Sequence[str], weights: np.ndarray) -> tuple[str, ...]:
    """The words of the highest positive weights, in the order of the text."""
    best = np.argsort(-weights, kind="stable")[:EVIDENCE_WORDS]
    return tuple(words[i] for i in sorted(best) if weights[i] > 0)


def _shape_of(margins: np.ndarray) -> np.ndarray:
    """What tells a sure guess from a doubtful one: the best margin, its lead over the second, and its label."""
    best = np.sort(margins, axis=1)[:, -2:]
    label = np.eye(margins.shape[1])[margins.argmax(axis=1)]
    return np.column_stack([best[:, 1], best[:, 1] - best[:, 0], label])


def _spread(margins: np.ndarray, best: np.ndarray) -> np.ndarray:
    """`best` for the highest margin of each row; what is left goes to the others by their margins.

    Every other label gets less than the best has, so that the order of the margins stays.
    """
    top = margins.argmax(axis=1)
    rows = np.arange(len(margins))
    others = margins.copy()
    others[rows, top] = -np.inf
    shares = softmax(SHARPNESS * others, axis=1)
    ceiling = SECOND_AT_MOST * best / np.maximum(shares.max(axis=1), 1e-9)
    spread = shares * np.minimum(1 - best, ceiling)[:, None]
    spread[rows, top] = best
    return spread
