"""The request type is read from the words; who tells of an offence is known as such."""

import csv
import re
from collections import Counter

import pytest

from routing.__main__ import TYPE_CASES
from routing.evaluate_routes import evaluate_types
from routing.request_type import ReadType, request_type_of

CASES = list(csv.DictReader(TYPE_CASES.read_text(encoding="utf-8").splitlines()))
PLAIN = {
    "consultation": "请问|咨询|怎么|什么|多少|哪|[吗？?]$", "help": "求助|帮|请|希望", "complaint": "投诉|反映",
    "report": "举报|检举", "suggestion": "建议|希望", "guidance": "怎么|操作", "praise": "感谢|表扬|赞|谢谢|夸",
    "withdrawn": "撤|取消", "invalid": "测试|test", "harassment": "逼|骂",
}  # fmt: skip


def test_there_are_enough_cases_of_every_type_and_half_of_them_without_the_plain_word() -> None:
    counted = Counter(case["request_type"] for case in CASES)
    hidden = [case for case in CASES if not re.search(PLAIN[case["request_type"]], case["text"])]

    assert len(CASES) >= 300
    assert len({case["text"] for case in CASES}) == len(CASES)
    assert counted.keys() == PLAIN.keys()
    assert min(counted.values()) >= 8
    assert len(hidden) >= len(CASES) / 2


def test_nine_of_ten_are_read_right_and_hardly_a_report_is_missed() -> None:
    score = evaluate_types(TYPE_CASES)

    assert score.right / score.total >= 0.90, score.wrong
    assert score.reports_heard / score.reports >= 0.97, score.wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("有人夜里往河里偷倒废油，请不要透露我的身份", "report"),
        ("有人夜裡往河裡偷倒廢油", "report"),
        ("举报电话是多少", "consultation"),
        ("新竹街的排污管道堵了", "help"),
        ("巷子里夜间无照明，老人容易摔倒", "help"),
        ("饭店无照经营三年了", "report"),
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
    assert request_type_of("楼上开赌场，天天有人来") == ReadType("report", "赌场")
    assert request_type_of("路灯不亮") == ReadType("help", "")
