"""The figures mean what they say, and the commands print them."""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest

from classifier.__main__ import main
from classifier.evaluate_guesses import Judged, expected_calibration_error, sent

KEYS = (
    "n top1 top3 macro_f1 ece coverage_at_95 precision_at_95 coverage_at_98 precision_at_98 "
    "p50_ms p99_ms texts_per_s model_mb train_cpu_s"
)
WORDS = {
    "水": ["停水", "水压小", "自来水黄", "水表坏"],
    "灯": ["路灯坏", "灯杆倒", "路灯闪", "没有灯"],
    "狗": ["狗叫", "遛狗", "狗咬人", "流浪狗"],
}


@pytest.fixture
def labelled_file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["said", "noise", "kind"])
        for i in range(90):
            kind = "水灯狗"[i % 3]
            rows.writerow([f"{dice.choice(WORDS[kind])}{dice.choice('东西南北')}边", dice.random(), kind])
    return path


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    right = np.array([True] * 8 + [False] * 2)
    assert expected_calibration_error(np.full(10, 0.8), right) == pytest.approx(0)
    assert expected_calibration_error(np.full(10, 0.95), right) == pytest.approx(0.15)


def test_what_is_sent_is_counted_above_the_threshold() -> None:
    truth = np.array(["a", "a", "b", "b"])
    judged = Judged(truth, np.array(["a", "b", "b", "a"]), np.array([0.9, 0.8, 0.7, 0.1]), truth == "a")
    assert sent(judged, 0.7) == (0.75, pytest.approx(2 / 3))
    assert sent(judged, 1.01) == (0.0, 1.0)


@pytest.mark.proof
def test_evaluate_prints_its_stable_keys_on_one_line(
    labelled_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--train", str(labelled_file), "--test", str(labelled_file)]
    assert main(["evaluate", *files, "--text", "said", "--label", "kind", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    figures = json.loads(line)
    assert list(figures) == KEYS.split()
    assert figures["n"] == 90
    assert figures["top1"] > 0.95


@pytest.mark.proof
def test_train_and_guess_work_from_the_command_line(
    labelled_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tmp_path / "model")
    columns = ["--text", "said", "--label", "kind"]
    assert main(["train", "--data", str(labelled_file), *columns, "--out", model, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == sorted(WORDS)
    assert main(["guess", "路灯不亮", "--model", model, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["guesses"][0]["label"] == "灯"


def test_unusable_input_is_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").write_bytes(b"nothing")
    assert main(["guess", "停水", "--model", str(tmp_path / "model")]) == 2
    assert "模型文件已损坏" in capsys.readouterr().err
    assert main(["guess", "停水", "--model", str(tmp_path / "none")]) == 2
    assert "找不到文件" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("停水了,\n,水\n", "没有同时写着文本和标注的行"),
        ("停水了,水\n又停水了,水\n", "至少要有两种不同的标注"),
        ("停水了,水\n上学难,学\n", "至少一个标注要有两条"),
        ("停水了,水\n漏雨,水\n上学难,学\n转班,学\n", "没有可以学的字词"),
    ],
)
def test_too_little_to_learn_from_is_said(
    rows: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("text,label\n" + rows, encoding="utf-8")
    assert main(["train", "--data", str(file), "--out", str(tmp_path / "model")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_nothing_to_judge_on_is_said(labelled_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every text of the test file stands in the training file, too."""
    files = ["--train", str(labelled_file), "--test", str(labelled_file), "--text", "said", "--label", "kind"]
    assert main(["evaluate", *files, "--exclude-seen"]) == 2
    assert "没有可以评判的文本" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["evaluate", *files, "--shots", "-3"])
    assert "要是正整数" in capsys.readouterr().err


def test_no_other_column_is_read(
    labelled_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns made from the answer would lift every figure: shuffled, they change none."""
    rows = list(csv.DictReader(labelled_file.open(encoding="utf-8")))
    noise = [row["noise"] for row in rows]
    random.Random(2).shuffle(noise)
    shuffled = tmp_path / "shuffled.csv"
    with shuffled.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["kind", "noise", "said"])
        writer.writeheader()
        writer.writerows(row | {"noise": other} for row, other in zip(rows, noise, strict=True))
    judged = []
    for file in (labelled_file, shuffled):
        files = ["--train", str(file), "--test", str(file)]
        assert main(["evaluate", *files, "--text", "said", "--label", "kind", "--json"]) == 0
        figures = json.loads(capsys.readouterr().out)
        judged.append({name: figures[name] for name in ("n", "top1", "top3", "macro_f1", "ece", "coverage_at_95")})
    assert judged[0] == judged[1]
