"""`python -m bench.grouped_folds --data F`: a model's figures over five folds that share no nearly equal texts."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from classifier.evaluate_guesses import judge
from classifier.features import clean
from classifier.model import Classifier
from classifier.prior import matter_scores
from classifier.similar import NEARLY_THE_SAME, SHINGLE
from classifier.training_data import LabelledTexts, read_labelled

FOLDS = 5
AT_ONCE = 500  # rows compared with all others, so that memory stays bounded


def main(arguments: Sequence[str] | None = None) -> None:
    """Print n, groups, and the means of top-1, top-3 and macro-F1, with the macro-F1 of each fold."""
    parser = argparse.ArgumentParser(prog="python -m bench.grouped_folds", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    options = parser.parse_args(arguments)
    cases = read_labelled(options.data, options.text, options.label)
    groups = groups_of(cases.texts)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(cases.texts, cases.labels, groups)
    top1, top3, macro = np.array([judged_fold(cases.pick(train), cases.pick(test)) for train, test in folds]).T
    figures = {"top1": top1.mean(), "top3": top3.mean(), "macro_f1": macro.mean(), "macro_f1_of_folds": list(macro)}
    print(json.dumps({"n": len(cases), "groups": len(set(groups)), **figures}))


def judged_fold(train: LabelledTexts, test: LabelledTexts) -> tuple[float, float, float]:
    """(top-1, top-3, macro-F1) of a model as `python -m classifier evaluate` trains it."""
    judged = judge(Classifier(min_df=2, prior=matter_scores()).fit(train.texts, train.labels), test)
    macro = f1_score(judged.truth, judged.best, average="macro", zero_division=0)
    return float(judged.right.mean()), float(judged.in_three.mean()), float(macro)


def groups_of(texts: Sequence[str]) -> list[int]:
    """A number a text, equal for texts that are nearly the same (`classifier.similar`) or linked by such."""
    letters = [clean(text).replace(" ", "") for text in texts]
    triples = CountVectorizer(analyzer="char", ngram_range=(SHINGLE, SHINGLE), binary=True, dtype=np.float32)
    shingles = triples.fit_transform(letters)
    sizes = np.maximum(np.asarray(shingles.sum(axis=1)).ravel(), 1)
    pairs = []
    for start in range(0, len(letters), AT_ONCE):
        common = (shingles[start : start + AT_ONCE] @ shingles.T).toarray()
        either = sizes[start : start + AT_ONCE, None] + sizes - common
        pairs.append(np.argwhere(common / either >= NEARLY_THE_SAME) + np.array([start, 0]))
    one, other = np.concatenate(pairs).T
    links = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(letters), len(letters)))
    return connected_components(links, directed=False)[1].tolist()


if __name__ == "__main__":
    main()
