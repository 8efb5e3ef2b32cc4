"""What our own written examples say of a text: one score a matter, as features for a city's own model."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from classifier.character_pairs import CharacterPairs
from classifier.features import clean
from classifier.training_data import written_examples

MIN_DF = 4  # rarer pairs changed no figure and doubled the size


class MatterScores:
    """A linear SVM over the written examples; its scores carry to a city what nobody has labelled there."""

    def fit(self, texts: Sequence[str], matters: Sequence[str]) -> "MatterScores":
        """Train on cleaned texts and their matters."""
        self._pairs = CharacterPairs(MIN_DF)
        svm = LinearSVC(C=0.5, random_state=0).fit(self._pairs.fit_transform(texts), matters)
        self.matters = tuple(map(str, svm.classes_))
        self._weights, self._bias = svm.coef_.T.astype(np.float32), svm.intercept_.astype(np.float32)
        return self

    def transform(self, cleaned: Sequence[str]) -> csr_matrix:
        """(texts, matters): 1 on the edge of a matter's margin, 0 far outside."""
        margins = self._pairs.transform(cleaned) @ self._weights + self._bias
        return csr_matrix(np.clip(margins + 1, 0, None), dtype=np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_weights": self._weights.astype(np.float16)}  # half the file, the same figures

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state | {"_weights": state["_weights"].astype(np.float32)}


@lru_cache(maxsize=1)
def matter_scores() -> MatterScores:
    """Trained once a process, about 2 CPU-seconds."""
    examples = written_examples()
    return MatterScores().fit([clean(text) for text in examples.texts], examples.labels)
