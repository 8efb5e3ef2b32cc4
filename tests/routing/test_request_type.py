"""The request type is read from the words; who tells of an offence is known as such."""

import csv
import re
from collections import Counter

import numpy as np
import pytest

from routing.__main__ import TYPE_CASES
from routing.evaluate_routes import evaluate_types
from routing.learn_demands import chosen_pairs, learn_kinds, read_demands
from routing.pair_weights import DEMANDS, folded, read_weights
from routing.request_type import KINDS, ReadType, request_type_of

CASES = list(csv.DictReader(TYPE_CASES.read_text(encoding="utf-8").splitlines()))
PLAIN = {
    "consultation": "请问|咨询|怎么|什么|多少|哪|[吗？?]$", "help": "求助|帮|请|希望", "complaint": "投诉|反映",
    "report": "举报|检举", "suggestion": "建议|希望", "guidance": "怎么|操作", "praise": "感谢|表扬|赞|谢谢|夸",
    "withdrawn": "撤|取消", "invalid": "测试|test", "harassment": "逼|骂",
}  # fmt: skip


def test_the_unseen_cases_are_many_mixed_and_not_learned_from() -> None:
    counted = Counter(case["type"] for case in CASES)
    hidden = [case for case in CASES if not re.search(PLAIN[case["type"]], case["text"])]
    taught = set(read_demands().texts)

    assert len({case["text"] for case in CASES}) == len(CASES) >= 500
    assert counted.keys() == PLAIN.keys() == set(KINDS)
    assert min(counted.values()) >= 15
    assert len(hidden) >= len(CASES) / 2
    assert not taught & {folded(case["text"]) for case in CASES}


def test_types_are_read_in_unseen_words_and_few_reports_are_missed() -> None:
    score = evaluate_types(TYPE_CASES)

    assert score.right / score.total >= 0.85, score.wrong
    assert score.reports_heard / score.reports >= 0.88, score.wrong
    assert sum(kind == "report" for _, _, kind in score.wrong) <= 25


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("有人夜里往河里偷倒废油，请不要透露我的身份", "report"),
        ("有人夜裡往河裡偷倒廢油", "report"),
        ("举报电话是多少", "consultation"),
        ("新竹街的排污管道堵了", "help"),
        ("巷子里夜间无照明，老人容易摔倒", "help"),
        ("饭店无照经营三年了", "report"),
        ("执法的人每个月到店里拿两条好烟", "report"),
        ("路灯修好了，谢谢，但是井盖还没盖上，希望处理", "help"),
        ("楼下饭店天天扰民，建议有关部门查处", "complaint"),
        ("你们这些废物，工地半夜打桩投诉了五次都没人管", "complaint"),
        ("学校撤销了我的学籍", "help"),
        ("路灯不亮", "help"),
        ("在吗", "invalid"),
    ],
)
def test_near_misses_are_told_apart(text: str, kind: str) -> None:
    assert request_type_of(text).kind == kind


def test_the_words_that_told_it_are_words_of_the_text() -> None:
    text = "楼上开赌场，天天有人来"
    read = request_type_of(text)

    assert read.kind == "report"
    assert read.words and all(word in text for word in read.words.split("、"))
    assert request_type_of("在吗") == ReadType("invalid", "")


@pytest.mark.slow
def test_the_weights_are_what_the_written_demands_teach_and_are_reckoned_as_they_were_learned() -> None:
    demands = read_demands()
    every, typed = chosen_pairs(demands), np.flatnonzero(demands.kinds != "")
    pairs = every.transform([demands.texts[i] for i in typed])
    learned = learn_kinds(pairs, demands.kinds[typed]).predict(pairs)[::10]
    weights = read_weights(DEMANDS)
    sums = [weights.sums(demands.texts[i], KINDS) for i in typed[::10]]
    reckoned = [max(KINDS, key=lambda one: found[one]) for found in sums]

    assert np.mean(learned == np.array(reckoned)) > 0.995
