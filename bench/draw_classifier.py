"""`python -m bench.draw_classifier --train F --test F --out FOLDER`: draws how good the guesses are, prints the tables.

Needs the extra `pictures`. The same files give the same pictures; the fonts of the machine are used.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.classifier_curves import (
    Learned,
    confusion_shares,
    coverage_curve,
    label_figures,
    learning_curve,
    reliability,
)
from classifier.compare import confusions
from classifier.evaluate_guesses import Judged, judge, sent
from classifier.model import Classifier, starter_model
from classifier.prior import matter_scores
from classifier.training_data import LabelledTexts, read_labelled
from routing.__main__ import GUESSES
from routing.duty_list import DutyList, read_duty_rows
from routing.evaluate_routes import evaluate_first_day, unplaced_cases
from routing.places import Gazetteer

COMMONEST = 20
MOST_CONFUSIONS = 15
SEEN = 0.04  # smaller shares stay white
WANTED = ((0.95, "o"), (0.98, "s"))
BLUE, ORANGE, GREY = "#1f5fa8", "#c8641b", "#777777"
STYLE = {
    "svg.hashsalt": "12345",
    "font.family": ["DejaVu Sans", "Noto Sans CJK SC"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the four pictures and print the two tables."""
    options = _parser().parse_args(arguments)
    train, test = (read_labelled(file, options.text, options.label) for file in (options.train, options.test))
    model = Classifier(min_df=2, prior=matter_scores()).fit(train.texts, train.labels)
    judged = judge(model, test)
    with mpl.rc_context(STYLE):
        first = first_day(options.duty_list, test) if options.duty_list else None
        keep(draw_learning(train, test, first), options.out / "classifier_learning.svg")
        keep(draw_reliability(judged), options.out / "classifier_reliability.svg")
        keep(draw_coverage(judged, model), options.out / "classifier_coverage.svg")
        keep(draw_confusions(judged), options.out / "classifier_confusions.svg")
    print_tables(judged)


def first_day(duty_list: Path, test: LabelledTexts) -> float:
    """Top-1 of the written examples and the duty list, without a label of the city."""
    rows = read_duty_rows(duty_list)
    on = max((row.valid_from for row in rows), default=date.min)
    cases = unplaced_cases(test.texts, starter_model().likeliest(test.texts, GUESSES), on)
    return evaluate_first_day(cases, test.labels, DutyList(rows), Gazetteer(()))["top1"]


def draw_learning(train: LabelledTexts, test: LabelledTexts, first: float | None) -> Figure:
    """Top-1 and macro-F1 against training cases, with and without the written examples."""
    figure, axes = _picture("training cases, the newest (log scale)", f"share (n = {len(test):,})")
    axes.set_xscale("log")
    for prior, colour, name in ((matter_scores(), BLUE, "with"), (None, ORANGE, "without")):
        points = list(learning_curve(train, test, prior))
        print(json.dumps({f"{name} written examples": [asdict(point) for point in points]}))
        _learned(axes, points, colour, f"{name} written examples")
    if first is not None:
        axes.axhline(first, color=GREY, linestyle=":", label=f"top-1, no label, first-day route ({first:.3f})")
    ticks = [point.n for point in points]
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.minorticks_off()
    axes.legend(loc="lower right")
    return figure


def _learned(axes: Axes, points: Sequence[Learned], colour: str, name: str) -> None:
    sizes = [point.n for point in points]
    axes.plot(sizes, [point.top1 for point in points], "o-", color=colour, label=f"top-1, {name}")
    axes.plot(sizes, [point.macro_f1 for point in points], "s--", color=colour, label=f"macro-F1, {name}")


def draw_reliability(judged: Judged) -> Figure:
    """How sure the guesses were against how many were right, and how many guesses stand behind each point."""
    figure, axes = _picture("how sure the guess was (mean of a tenth)", "share right")
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="keeps its word")
    bins = reliability(judged)
    spread = [1.96 * np.sqrt(one.right * (1 - one.right) / one.n) for one in bins]
    points = [one.sure for one in bins], [one.right for one in bins]
    axes.errorbar(*points, yerr=spread, fmt="o-", color=BLUE, capsize=3, label="measured, 95 % interval")
    for one in bins:
        axes.annotate(f"n={one.n}", (one.sure, one.right), xytext=(6, -13), textcoords="offset points", fontsize=7)
    axes.set(xlim=(0, 1.09), ylim=(0, 1.04))
    axes.legend(loc="upper left")
    return figure


def draw_coverage(judged: Judged, model: Classifier) -> Figure:
    """Share sent against share right among them; the thresholds fixed in training are marked."""
    figure, axes = _picture(f"share sent (n = {len(judged.truth):,})", "share right among the sent")
    axes.plot(*zip(*coverage_curve(judged), strict=True), color=BLUE)
    for wanted, shape in WANTED:
        threshold = model.threshold_for(wanted)
        share, right = sent(judged, threshold)
        told = f"threshold {threshold:.3f}, fixed in training for {wanted:.0%}: {share:.3f} sent, {right:.3f} right"
        axes.axhline(wanted, color=GREY, linestyle=":")
        axes.plot(share, right, shape, color=ORANGE, label=told)
    axes.legend(loc="lower left")
    axes.set(xlim=(0, 1.02), ylim=(0.8, 1.005))
    return figure


def draw_confusions(judged: Judged) -> Figure:
    """The commonest labels: a row says as what a label's texts were guessed, in hundredths."""
    rows = label_figures(judged)[:COMMONEST]
    labels = [row.label for row in rows]
    shares = confusion_shares(judged, labels)
    figure, axes = plt.subplots(figsize=(9, 7.6), layout="constrained")
    for (row, column), share in np.ndenumerate(shares):
        if share >= SEEN:
            axes.add_patch(Rectangle((column, row), 1, 1, color=mpl.colormaps["Blues"](share), clip_on=False))
            ink = "white" if share > 0.5 else "black"
            axes.text(column + 0.5, row + 0.5, f"{100 * share:.0f}", ha="center", va="center", color=ink, fontsize=7)
    middles = np.arange(len(labels)) + 0.5
    axes.set_xticks(middles, labels, rotation=55, ha="right")
    axes.set_yticks(middles, [f"{row.label}  {row.n}" for row in rows])
    axes.set(xlabel="guessed", ylabel="true, with number of texts")
    axes.set(xlim=(0, len(labels)), ylim=(len(labels), 0))
    axes.grid(False)
    return figure


def print_tables(judged: Judged) -> None:
    """Markdown: every label's precision and recall, and what is taken for what."""
    print(_table("label", "n", "precision", "recall"))
    for row in label_figures(judged):
        print(f"| {row.label} | {row.n} | {row.precision:.2f} | {row.recall:.2f} |")
    print(_table("true", "guessed", "times"))
    for label, guess, times in confusions(judged.truth, judged.best, MOST_CONFUSIONS):
        print(f"| {label} | {guess} | {times} |")


def _table(*columns: str) -> str:
    return f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def _picture(below: str, beside: str) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    axes.set(xlabel=below, ylabel=beside)
    return figure, axes


def keep(figure: Figure, path: Path) -> None:
    """Write a picture that depends on nothing but its figures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.draw_classifier", description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="older cases, oldest first")
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--duty-list", type=Path, help="also draw the route of a first day")
    parser.add_argument("--out", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
