"""The starter model knows plain demands, doubts vague ones, and says why."""

import csv
import random
import time
from pathlib import Path

import numpy as np
import pytest

from classifier.features import TextFeatures
from classifier.matters import load_matters
from classifier.model import Classifier, ModelFileError, _spread, starter_model, train_starter
from classifier.prior import MatterScores, matter_scores

HELD_OUT = Path(__file__).with_name("held_out.csv")
PLAIN = {
    "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着": "0603",
    "家里自来水停了一天": "0301",
    "路灯不亮": "0203",
    "公司拖欠三个月工资不发": "0801",
}


@pytest.fixture(scope="session")
def starter() -> Classifier:
    return starter_model()


def test_plain_demands_are_sure_enough_to_be_sent_automatically(starter: Classifier) -> None:
    for text, label in PLAIN.items():
        best = starter.guess([text])[0][0]
        assert (best.label, best.probability >= 0.9) == (label, True), (text, best)


@pytest.mark.parametrize(
    "text",
    [
        "我有个事想反映一下",
        "你好",
        "小区有问题",
        "噪音太大了",
        "有人欠我钱",
        "房子的事",
        "那边很吵",
        "我要投诉",
        "asdf qwer",
        "今天天气不错",
    ],
)
def test_vague_words_leave_no_sure_guess(starter: Classifier, text: str) -> None:
    assert starter.guess([text])[0][0].probability < 0.9


def test_four_of_five_unseen_demands_find_their_matter(starter: Classifier) -> None:
    with HELD_OUT.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    guesses = starter.guess([row["text"] for row in rows])
    right = [row["matter_code"] == found[0].label for row, found in zip(rows, guesses, strict=True)]
    assert len(rows) >= 60
    assert sum(right) / len(right) >= 0.8


def test_the_evidence_is_made_of_words_of_the_text(starter: Classifier) -> None:
    best = starter.guess(["工地夜间施工，噪声很大"])[0][0]
    assert best.label == "0603"
    assert best.evidence == ("工地", "夜间施工", "噪声")


def test_probabilities_fall_from_guess_to_guess(starter: Classifier) -> None:
    for found in starter.guess(list(PLAIN), top=5):
        chances = [guess.probability for guess in found]
        assert len(chances) == 5
        assert chances == sorted(chances, reverse=True)
        assert 0 <= chances[-1] <= chances[0] <= sum(chances) <= 1 + 1e-6


@pytest.mark.parametrize("text", ["", "  ", "😀😀", "。。？", "\u200b"])
def test_a_text_without_a_word_gives_no_guess(starter: Classifier, text: str) -> None:
    assert starter.guess([text]) == [()]


def test_dirty_spellings_are_guessed_like_clean_ones(starter: Classifier) -> None:
    clean, dirty = starter.guess(["路灯不亮，黑漆漆的", "路燈(deng)不 亮，黑漆漆的"])
    assert clean == dirty


def test_a_hundred_thousand_characters_do_not_take_long(starter: Classifier) -> None:
    starter.guess(["热身"])
    started = time.process_time()
    starter.guess(["工地噪声大，" * 17_000])
    assert time.process_time() - started < 0.5


def test_one_text_takes_a_few_milliseconds(starter: Classifier) -> None:
    starter.guess(list(PLAIN))
    started = time.process_time()
    for _ in range(25):
        for text in PLAIN:
            starter.guess([text])
    assert (time.process_time() - started) / 100 < 0.005


@pytest.mark.slow
def test_training_again_gives_the_same_model(starter: Classifier) -> None:
    started = time.process_time()
    again = train_starter()
    assert time.process_time() - started < 60
    assert again.card == starter.card
    stored, kept = (Classifier.from_bytes(model.to_bytes()).to_bytes() for model in (again, starter))
    assert stored == kept


def test_a_model_survives_being_stored(starter: Classifier) -> None:
    data = starter.to_bytes()
    assert len(data) < 15_000_000
    again = Classifier.from_bytes(data)
    assert again.card == starter.card
    assert again.guess(list(PLAIN)) == starter.guess(list(PLAIN))


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x80\x04N."])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError, match="模型文件"):
        Classifier.from_bytes(data)


def test_half_a_model_is_refused(starter: Classifier) -> None:
    data = starter.to_bytes()
    with pytest.raises(ModelFileError, match="已损坏"):
        Classifier.from_bytes(data[: len(data) // 2])


def test_the_card_names_every_matter(starter: Classifier) -> None:
    leaves = {matter.code for matter in load_matters().values() if matter.is_leaf}
    assert set(starter.card.labels) == leaves
    assert starter.card.n_texts > 10 * len(leaves)


def test_two_labels_are_enough_to_train_on() -> None:
    texts = ["停水了", "没有自来水", "水压太小", "路灯坏了", "路灯不亮", "灯杆倒了"] * 2
    model = Classifier().fit(texts, ["水"] * 3 + ["灯"] * 3 + ["水"] * 3 + ["灯"] * 3)
    water, light = model.guess(["自来水没有了", "路灯灭了"])
    assert (water[0].label, light[0].label) == ("水", "灯")
    assert "路灯" in light[0].evidence
    assert "自来水" in water[0].evidence


def test_a_label_with_a_single_case_is_no_obstacle() -> None:
    texts = ["停水了", "没有自来水", "水压太小", "路灯坏了", "路灯不亮", "灯杆倒了", "狗叫"]
    model = Classifier().fit(texts, ["水"] * 3 + ["灯"] * 3 + ["狗"])
    assert model.guess(["路灯灭了"])[0][0].label == "灯"
    assert np.isfinite(model.probabilities(texts)).all()


def test_the_best_margin_always_comes_first() -> None:
    """A doubtful best label must not fall behind one with an equal share (it cost one top-1 in a hundred)."""
    margins = np.array([[-0.50, -0.49, -0.51], [0.2, 0.1, 0.19]])
    spread = _spread(margins, np.array([0.2, 0.3]))
    assert spread.argmax(axis=1).tolist() == [1, 0]
    assert (np.sort(spread, axis=1)[:, -1] > np.sort(spread, axis=1)[:, -2]).all()
    assert (spread.sum(axis=1) <= 1).all()


def test_many_texts_at_once_are_guessed_like_one(starter: Classifier) -> None:
    for row, found in zip(starter.likeliest(list(PLAIN), 3), starter.guess(list(PLAIN)), strict=True):
        assert row == [(one.label, one.probability) for one in found]


def test_the_prior_fades_as_labels_come() -> None:
    texts, labels = ["水", "电"], ["a", "b"]
    weights = [TextFeatures().fit(texts * many, labels * many).prior_weight_ for many in (1, 20, 100, 1000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[1] > 0.9
    assert weights[-1] < 0.28


@pytest.mark.slow
def test_what_we_wrote_helps_a_city_with_few_labels() -> None:
    few = {
        "路灯不亮": "a", "路灯坏了": "a", "路灯一直没修": "a", "工资没发": "b", "拖欠工资": "b", "讨工资": "b",
        "公交不停": "c", "公交甩站": "c", "公交司机": "c",
    }  # fmt: skip
    with_prior = Classifier(prior=matter_scores()).fit(list(few), list(few.values()))
    unseen = {"灯杆上的灯泡闪了几天": "a", "老板欠薪跑路": "b", "等了一小时车没来": "c"}
    assert [found[0].label for found in with_prior.guess(list(unseen))] == list(unseen.values())
    again = Classifier.from_bytes(with_prior.to_bytes())
    assert [found[0].label for found in again.guess(list(unseen))] == list(unseen.values())


def test_beginnings_count_once_more_only_where_they_prove_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.model.FEWEST_TO_CHOOSE", 100)
    chance, said, else_said = random.Random(0), ["停水", "断电", "修路", "噪声"], ["请问", "您好", "我们", "小区"]
    bodies = ["".join(chance.choices(else_said, k=9) + chance.choices(said + else_said, k=60)) for _ in range(150)]
    titled = [said[i % 3] + body for i, body in enumerate(bodies)]
    labels = ["abc"[i % 3] for i in range(150)]
    prior = MatterScores().fit(said * 4, said * 4)

    letters = Classifier(min_df=4, prior=prior).fit(titled, labels)
    demands = Classifier(min_df=4, prior=prior).fit([text[:2] for text in titled], labels)

    assert letters._beginnings and not demands._beginnings
    again = Classifier.from_bytes(letters.to_bytes())
    assert [found[0].label for found in again.guess(titled[:3])] == labels[:3]
    assert dict(letters.card.figures)["held_out_top1"] > 0.9


def test_of_two_labels_one_may_have_a_single_case() -> None:
    model = Classifier().fit(["停水了", "又停水", "没有水", "路灯坏了"], ["水", "水", "水", "灯"])
    assert model.guess(["路灯坏了"])[0][0].label == "灯"
