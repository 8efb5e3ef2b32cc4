"""The curves of the classifier count what they say, and the drawings are the same twice."""

from pathlib import Path

import numpy as np
import pytest

from bench.classifier_curves import (
    confusion_shares,
    coverage_curve,
    label_figures,
    learning_curve,
    reliability,
)
from bench.grouped_folds import groups_of
from classifier.evaluate_guesses import Judged
from classifier.training_data import LabelledTexts

pytestmark = pytest.mark.slow

TRUTH = np.array(["灯", "灯", "灯", "水", "水", "狗"])
BEST = np.array(["灯", "灯", "水", "水", "灯", "灯"])
SURE = np.array([0.95, 0.91, 0.52, 0.58, 1.0, 0.3])
JUDGED = Judged(TRUTH, BEST, SURE, TRUTH == BEST)


def test_bins_hold_every_guess_once_with_its_certainty_and_truth() -> None:
    low, middle, high = reliability(JUDGED)
    assert (low.n, low.right) == (1, 0)
    assert (middle.n, middle.sure, middle.right) == (2, pytest.approx(0.55), 0.5)
    assert (high.n, high.right) == (3, pytest.approx(2 / 3))


def test_coverage_runs_from_the_surest_guess_to_all() -> None:
    curve = coverage_curve(JUDGED)
    assert curve[0] == (pytest.approx(1 / 6), 0)
    assert curve[-1] == (1, pytest.approx(0.5))
    assert [share for share, _ in curve] == sorted(share for share, _ in curve)


def test_labels_are_counted_commonest_first() -> None:
    lamp, water, dog = label_figures(JUDGED)
    assert (lamp.label, lamp.n, lamp.precision, lamp.recall) == ("灯", 3, 0.5, pytest.approx(2 / 3))
    assert (water.label, water.n, water.precision, water.recall) == ("水", 2, 0.5, 0.5)
    assert (dog.n, dog.precision, dog.recall) == (1, 0, 0)


def test_a_row_of_confusions_is_a_share_of_all_texts_of_its_label() -> None:
    shares = confusion_shares(JUDGED, ["灯", "狗"])
    assert shares == pytest.approx(np.array([[2 / 3, 0], [1, 0]]))  # the lamp guessed as water stands in no column


def cases(n: int) -> LabelledTexts:
    words = {"灯": "路灯不亮", "水": "水管漏水", "狗": "遛狗不牵绳"}
    labels = tuple("灯水狗"[i % 3] for i in range(n))
    return LabelledTexts(tuple(f"{'东南西北'[i % 4]}街{words[one]}" for i, one in enumerate(labels)), labels)


def test_learning_is_shown_from_few_cases_to_all_even_with_a_label_told_once() -> None:
    rare = LabelledTexts((*cases(240).texts, "楼上高空抛物"), (*cases(240).labels, "楼"))
    points = list(learning_curve(rare, cases(30), None))
    assert [point.n for point in points] == [200, 241]
    assert points[-1].top1 == 1


def test_nearly_equal_texts_are_one_group_and_others_are_none() -> None:
    texts = ["金桂苑东侧工地夜里施工太吵", "金桂苑东侧工地夜里施工太吵了", "自来水发黄", "狗", "金桂苑东侧工地，夜里施工太吵了！！"]
    first, second, water, dog, third = groups_of(texts)
    assert first == second == third
    assert len({first, water, dog}) == 3


def test_pictures_are_small_and_the_same_twice(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="the extra `pictures` is not installed")
    from bench.draw_classifier import STYLE, draw_confusions, draw_reliability, keep

    for draw in (draw_reliability, draw_confusions):
        for name in ("one", "two"):
            with matplotlib.rc_context(STYLE):
                keep(draw(JUDGED), tmp_path / f"{name}.svg")
        assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
        assert len((tmp_path / "one.svg").read_bytes()) < 150_000
