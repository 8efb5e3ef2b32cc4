"""Danger is heard before anything is saved: recall first, peace where it costs nothing."""

import csv
import time
from pathlib import Path

import pytest

from routing.__main__ import ALARM_CASES
from routing.evaluate_routes import evaluate_alarms
from routing.police_boundary import whose_matter
from routing.urgency import Urgency, urgency_of

CASES = list(csv.DictReader(ALARM_CASES.read_text(encoding="utf-8").splitlines()))


def test_there_are_enough_written_cases_of_both_kinds() -> None:
    grades = [case["grade"] for case in CASES]

    assert grades.count("emergency") >= 80
    assert grades.count("normal") >= 80
    assert len({case["text"] for case in CASES}) == len(CASES)


def test_every_written_emergency_is_heard_and_few_others_are() -> None:
    score = evaluate_alarms(ALARM_CASES)

    assert score.missed == ()
    assert score.precision >= 0.98
    assert score.right_line / score.heard >= 0.94


def test_the_milder_grades_are_told_apart() -> None:
    right = [
        urgency_of(case["text"]).grade == case["grade"] for case in CASES if case["grade"] != "emergency"
    ]

    assert sum(right) / len(right) >= 0.97


@pytest.mark.parametrize(
    ("text", "grade", "line"),
    [
        ("家里着火了", "emergency", "119"),
        ("家裡著火了", "emergency", "119"),
        ("家 里 着 火 了", "emergency", "119"),
        ("他持刀伤人", "emergency", "110"),
        ("老人昏迷", "emergency", "120"),
        ("发生车祸，有人受伤", "emergency", "122"),
        ("井盖丢失", "critical", None),
        ("整栋楼停水", "urgent", None),
        ("火车站怎么走", "normal", None),
        ("着火了怎么办理保险", "normal", None),
        ("现在着火了，保险柜还在里面", "emergency", "119"),
        ("建议加强防火。楼下起火了！", "emergency", "119"),
        ("", "normal", None),
        ("😀😀", "normal", None),
    ],
)
def test_grade_and_line_are_told(text: str, grade: str, line: str | None) -> None:
    heard = urgency_of(text)

    assert (heard.grade, heard.line) == (grade, line)
    assert bool(heard.words) == (grade != "normal")


def test_the_words_are_words_of_the_text() -> None:
    assert urgency_of("三楼着火了，老人昏迷") == Urgency("emergency", ("着火", "昏迷"), "119")


@pytest.mark.parametrize("piece", ["路灯坏了很久没有人来修", "老人", "水电停了", "被人车"])
def test_a_text_of_100_000_characters_is_read_within_a_second(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "。着火了"
    began = time.process_time()

    assert urgency_of(text).grade == "emergency"
    assert time.process_time() - began < 1


def test_scores_count_misses_false_alarms_and_wrong_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "grade,line,text\nemergency,119,着火了\nemergency,110,起火了\nemergency,110,您好\nnormal,,溺水\n",
        encoding="utf-8",
    )
    score = evaluate_alarms(path)

    assert (score.told, score.heard, score.alarms, score.right_line) == (3, 2, 3, 1)
    assert (score.missed, score.false) == (("您好",), ("溺水",))
    assert score.recall == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "owner", "action"),
    [
        ("有人持刀伤人", "110", "transfer"),
        ("楼上着火了", "119", "transfer"),
        ("楼下棋牌室有人赌博", "110", "transfer"),
        ("电瓶车被偷了", "110", "transfer"),
        ("投诉派出所民警态度差", "110", "transfer"),
        ("晚上九点有人用音响大声唱歌，现在还在唱歌", "110", "transfer"),
        ("讨薪时老板威胁我们", "both", "three_way"),
        ("和物业争吵，对方推搡我", "both", "three_way"),
        ("收到短信，是不是诈骗", "12345", "keep"),
        ("身份证到期了怎么换", "12345", "keep"),
        ("路灯不亮", "12345", "keep"),
        ("健身房不退款", "12345", "keep"),
        ("公司拖欠工资", "12345", "keep"),
        ("说不清楚的一件事", "12345", "keep"),
    ],
)
def test_the_boundary_with_the_police_follows_the_lists(text: str, owner: str, action: str) -> None:
    verdict = whose_matter(text)

    assert (verdict.owner, verdict.action) == (owner, action)
    assert verdict.reason
