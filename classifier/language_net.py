"""The extra `embeddings`: a small language network whose upper layers learn a city's labels.

The lower layers stay as they came (`classifier.word_pieces`) and read each text once; jax teaches the upper ones,
numpy alone is enough to guess.
"""

import logging
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

from classifier.word_pieces import MISSING, EmbeddingsMissingError, Layer, pretrained

LOWER = 8  # layers that stay as they came; of 12
EPOCHS, AT_ONCE, FEWEST_STEPS = 3, 32, 300  # times each text is taught, texts a step, steps however few texts there are
RATE, HEAD_RATE = 3e-4, 10  # of learning, at its highest; the new head learns so many times as fast
WEIGHT = 0.15  # of a natural logarithm of probability, beside the margins of the SVM
WIDTHS = 16  # texts are filled up to a multiple of so many pieces
_ASIDE = 50  # batches whose texts are sorted by length together
_read_before: dict[str, np.ndarray] = {}
_log = logging.getLogger(__name__)


class LanguageNet:
    """Gives the logarithm of each label's probability."""

    def fit(self, cleaned: Sequence[str], labels: Sequence[str]) -> "LanguageNet":
        """Learn which label a text has; about 15 CPU-minutes for 10,000 texts that were read before."""
        self._labels, truth = np.unique(labels, return_inverse=True)
        net = pretrained()
        draw = np.random.default_rng(0)
        head = draw.normal(0, 0.02, (net.width, len(self._labels))).astype(np.float32)
        start = {"layers": net.layers[LOWER:], "head": head, "head_bias": np.zeros(len(self._labels), np.float32)}
        self._tuned = _taught(start, _readings(cleaned), truth, draw)
        return self

    def margins(self, cleaned: Sequence[str], labels: np.ndarray) -> np.ndarray:
        """(texts, labels): weighted logarithms of probabilities, to be added to the margins of these labels, which
        are sorted; one that was never taught has the row's least."""
        readings, found = _readings(cleaned), np.empty((len(cleaned), len(labels)))
        taught = np.searchsorted(labels, self._labels)

        def scores(places: np.ndarray) -> np.ndarray:
            return _scores(np, self._tuned, *_filled([readings[at] for at in places]))

        for places, part in _side_by_side(scores, [len(one) for one in readings]):
            shares = log_softmax(part, axis=1)
            found[places] = shares.min(axis=1, keepdims=True)
            found[np.ix_(places, taught)] = shares
        return WEIGHT * found

    def __getstate__(self) -> dict[str, Any]:
        return {"_labels": self._labels, "_tuned": _as(np.float16, self._tuned)}  # half the file, the same figures

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._labels, self._tuned = state["_labels"], _as(np.float32, state["_tuned"])


@contextmanager
def reading_once(cleaned: Sequence[str]) -> Iterator[None]:
    """What the lower layers make of these texts is kept until the end: folds and the last training ask again."""
    try:
        _tools()  # who lacks them shall not wait for the reading
        _log.info("语言网络：读 %d 条文本", len(cleaned))
        _read_before.update(zip(cleaned, _readings(cleaned), strict=True))
        yield
    finally:
        _read_before.clear()


def _readings(cleaned: Sequence[str]) -> list[np.ndarray]:
    """What the lower layers make of each text: (pieces, width), float16."""
    found = [_read_before.get(text) for text in cleaned]
    new = [at for at, one in enumerate(found) if one is None]
    pieces = [pretrained().pieces(cleaned[at]) for at in new]
    for places, read in _side_by_side(lambda places: _read([pieces[at] for at in places]), list(map(len, pieces))):
        for at, one in zip(places, read, strict=True):
            found[new[at]] = one
    return [one for one in found if one is not None]


def _read(pieces: Sequence[list[int]]) -> list[np.ndarray]:
    net, longest = pretrained(), max(map(len, pieces))
    numbers = np.array([one + [net.end] * (longest - len(one)) for one in pieces])
    heard = (np.arange(longest) < np.array([len(one) for one in pieces])[:, None]).astype(np.float32)
    signs = net.embedded(numbers)
    for layer in net.layers[:LOWER]:
        signs = _through(np, layer, signs, heard)
    return [one[: len(own)].astype(np.float16) for one, own in zip(signs, pieces, strict=True)]


def _taught(start: dict[str, Any], readings: Sequence[np.ndarray], truth: np.ndarray, draw: np.random.Generator) -> Any:
    """The upper layers and the head after training: AdamW, the rate rising for a while and falling in a cosine."""
    jax, optax = _tools()
    a_round = math.ceil(len(truth) / AT_ONCE)
    rounds = max(EPOCHS, math.ceil(FEWEST_STEPS / a_round))
    steps = rounds * a_round
    rate = optax.warmup_cosine_decay_schedule(0, RATE, steps // 16, steps)
    heads = {"layers": 1.0, "head": HEAD_RATE, "head_bias": HEAD_RATE}
    learn = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, b2=0.98, weight_decay=0.01))

    def loss(net: Any, signs: Any, heard: Any, right: Any) -> Any:
        scores = _scores(jax.numpy, net, signs, heard)
        return optax.softmax_cross_entropy_with_integer_labels(scores, right).mean()

    @jax.jit
    def step(net: Any, state: Any, *batch: Any) -> Any:
        change, state = learn.update(jax.grad(loss)(net, *batch), state, net)
        faster = {part: jax.tree.map(lambda x, by=heads[part]: by * x, tree) for part, tree in change.items()}
        return optax.apply_updates(net, faster), state

    net, state = start, learn.init(start)
    for done in range(rounds):
        _log.info("语言网络：学习第 %d 轮，共 %d 轮", done + 1, rounds)
        for places in _batches([len(one) for one in readings], draw):
            net, state = step(net, state, *_filled([readings[at] for at in places]), truth[places])
    return jax.tree.map(np.asarray, net)


def _tools() -> tuple[ModuleType, ModuleType]:
    """jax and optax, which only training needs: they take a second to load."""
    try:
        return import_module("jax"), import_module("optax")
    except ImportError as missing:
        raise EmbeddingsMissingError(MISSING) from missing


def _scores(xp: Any, net: Any, signs: Any, heard: Any) -> Any:
    """(texts, labels) before they are made probabilities; `xp` is numpy or jax.numpy."""
    for layer in net["layers"]:
        signs = _through(xp, layer, signs, heard)
    middle = (signs * heard[..., None]).sum(axis=1) / heard.sum(axis=1, keepdims=True)
    middle = middle / xp.sqrt((middle * middle).mean(axis=1, keepdims=True))
    return middle @ net["head"] + net["head_bias"]


def _through(xp: Any, layer: Layer, signs: Any, heard: Any) -> Any:
    """One layer: each piece looks at all pieces of its text, then is turned over by itself."""
    texts, places, width = signs.shape
    looked = (signs @ layer["look"] + layer["look_bias"]).reshape(texts, places, 3, pretrained().heads, -1)
    asked, offered, told = (looked[:, :, part].swapaxes(1, 2) for part in range(3))
    likeness = asked @ offered.swapaxes(2, 3) / math.sqrt(asked.shape[-1]) + (heard[:, None, None, :] - 1) * 1e9
    share = xp.exp(likeness - likeness.max(axis=-1, keepdims=True))
    said = (share / share.sum(axis=-1, keepdims=True) @ told).swapaxes(1, 2).reshape(texts, places, width)
    signs = _even(xp, signs + said @ layer["say"] + layer["say_bias"], layer["said_scale"], layer["said_bias"])
    wide = signs @ layer["widen"] + layer["widen_bias"]
    wide = wide * (0.5 + 0.5 * xp.tanh(0.7978846 * wide * (1 + 0.044715 * wide * wide)))
    return _even(xp, signs + wide @ layer["narrow"] + layer["narrow_bias"], layer["scale"], layer["bias"])


def _even(xp: Any, signs: Any, scale: Any, bias: Any) -> Any:
    signs = signs - signs.mean(axis=-1, keepdims=True)
    return signs / xp.sqrt((signs * signs).mean(axis=-1, keepdims=True) + 1e-12) * scale + bias


def _filled(readings: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Readings of several texts side by side, and which places are theirs: few widths, for each is compiled anew."""
    longest = WIDTHS * math.ceil(max(len(one) for one in readings) / WIDTHS)
    signs = np.zeros((len(readings), longest, readings[0].shape[1]), np.float32)
    heard = np.zeros((len(readings), longest), np.float32)
    for at, one in enumerate(readings):
        signs[at, : len(one)], heard[at, : len(one)] = one, 1
    return signs, heard


def _side_by_side(work: Callable[[np.ndarray], Any], lengths: Sequence[int]) -> Iterator[tuple[np.ndarray, Any]]:
    """Places of texts of about the same length and what `work` gives for them, a batch on every core: threads
    within one product of such small matrices would wait for each other."""
    batches = list(_batches(lengths))
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(batches, pool.map(work, batches), strict=True)


def _batches(lengths: Sequence[int], draw: np.random.Generator | None = None) -> Iterator[np.ndarray]:
    """Places of texts of about the same length; drawn anew each time if `draw` is given."""
    order = np.arange(len(lengths)) if draw is None else draw.permutation(len(lengths))
    found = []
    for start in range(0, len(order), _ASIDE * AT_ONCE):
        near = order[start : start + _ASIDE * AT_ONCE]
        near = near[np.argsort(np.array(lengths)[near], kind="stable")]
        found += [near[at : at + AT_ONCE] for at in range(0, len(near), AT_ONCE)]
    if draw is not None:
        draw.shuffle(found)
    yield from found


def _as(kind: Any, tuned: dict[str, Any]) -> dict[str, Any]:
    layers = [{name: part.astype(kind) for name, part in layer.items()} for layer in tuned["layers"]]
    return {"layers": layers, "head": tuned["head"].astype(kind), "head_bias": tuned["head_bias"].astype(kind)}
