"""python -m classifier train | guess | evaluate; answers are JSON, one object a line."""

import argparse
import json
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from classifier.evaluate_guesses import evaluate
from classifier.labelled_file import file_bytes
from classifier.matters import load_matters
from classifier.model import Classifier, ModelFileError, starter_model, train_starter
from classifier.prior import matter_scores
from classifier.similar import nearest
from classifier.training_data import (
    LabelledTexts,
    TrainingDataError,
    few_of_each,
    read_labelled,
    without_seen,
    written_examples,
)
from classifier.word_pieces import EmbeddingsMissingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 and a Chinese sentence on stderr when the input is unusable."""
    logging.basicConfig(format="%(message)s")  # to stderr: answers alone stand on stdout
    logging.getLogger("classifier").setLevel(logging.INFO)
    options = _parser().parse_args(arguments)
    try:
        answer = options.run(options)
    except (TrainingDataError, ModelFileError, EmbeddingsMissingError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    told = json.dumps(answer, ensure_ascii=False, indent=None if options.json else 2)
    print(told.encode(errors="backslashreplace").decode())  # half a character, as terminals may send it
    return 0


def train(options: argparse.Namespace) -> dict[str, object]:
    """Train from a labelled file, or the starter model without one, and write it to --out."""
    if options.data:
        cases = read_labelled(options.data, options.text, options.label)
        model = city_model(options).fit(cases.texts, cases.labels, options.data.name)
    else:
        model = train_starter(options.embeddings)
    try:
        options.out.write_bytes(model.to_bytes())
    except OSError:
        raise TrainingDataError(f"模型写不进：{options.out}") from None
    return asdict(model.card)


def city_model(options: argparse.Namespace) -> Classifier:
    """An untrained model for a city's own labels."""
    return Classifier(min_df=2, prior=matter_scores(), embeddings=options.embeddings)


def guess(options: argparse.Namespace) -> dict[str, object]:
    """The three likeliest labels of one text, by the starter model or one's own, and the three likest past cases."""
    model = Classifier.from_bytes(file_bytes(options.model)) if options.model else starter_model()
    names = {matter.code: matter.name for matter in load_matters().values()}
    (found,) = model.guess([options.demand])
    guesses = [{**asdict(one), "name": names.get(one.label, one.label)} for one in found]
    past = read_labelled(options.data, options.text, options.label) if options.data else written_examples()
    similar = similar_cases(options.demand, past)
    return {"text": options.demand, "guesses": guesses, "similar": similar, "model": model.card.version}


def similar_cases(text: str, past: LabelledTexts) -> list[dict[str, object]]:
    """The three past cases most like a text, with their labels."""
    return [
        {"text": past.texts[one.place], "label": past.labels[one.place], "likeness": round(one.likeness, 4)}
        for one in nearest(text, past.texts)
    ]


def evaluate_files(options: argparse.Namespace) -> dict[str, object]:
    """Train on one file and judge on the other; keys are a stable interface."""
    training = read_labelled(options.train, options.text, options.label)
    test = read_labelled(options.test, options.text, options.label)
    if options.exclude_seen:
        test = without_seen(test, training)
    if not len(test):
        raise TrainingDataError("没有可以评判的文本。")
    if options.shots is not None:
        training = few_of_each(training, options.shots)
    started = time.process_time()
    model = city_model(options).fit(training.texts, training.labels)
    taken = time.process_time() - started
    return {**asdict(evaluate(model, test)), "train_cpu_s": taken}


def some(number: str) -> int:
    """A whole number above 0."""
    if not number.isdecimal() or int(number) == 0:
        raise argparse.ArgumentTypeError("每个标注的条数要是正整数。")
    return int(number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifier", description=__doc__)
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train", help="train a model; without --data the starter model")
    training.add_argument("--data", type=Path, help=".csv or .csv.gz")
    training.add_argument("--out", type=Path, required=True)
    training.set_defaults(run=train)
    guessing = commands.add_parser("guess", help="say what one demand is about")
    guessing.add_argument("demand")
    guessing.add_argument("--model", type=Path)
    guessing.add_argument("--data", type=Path, help="past cases, .csv or .csv.gz; without it our written examples")
    guessing.set_defaults(run=guess)
    judging = commands.add_parser("evaluate", help="train on one file, judge on another")
    judging.add_argument("--train", type=Path, required=True)
    judging.add_argument("--test", type=Path, required=True)
    judging.add_argument("--exclude-seen", action="store_true", help="drop test texts found in training")
    judging.add_argument("--shots", type=some, help="train on so many cases a label")
    judging.set_defaults(run=evaluate_files)
    for command in (training, guessing, judging):
        command.add_argument("--text", default="text", help="column of the text")
        command.add_argument("--label", default="label", help="column of the label")
        command.add_argument("--json", action="store_true", help="one line instead of many")
    for command in (training, judging):
        command.add_argument("--embeddings", action="store_true", help="with a language network (extra `embeddings`)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
