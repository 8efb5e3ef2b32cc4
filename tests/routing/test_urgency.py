"""Danger is heard before anything is saved: recall first, peace where it costs nothing."""

import csv
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from classifier.training_data import read_labelled
from routing.__main__ import ALARM_CASES
from routing.dangers import danger_of, hear
from routing.evaluate_routes import evaluate_alarms
from routing.learn_dangers import DATA, read_told, train
from routing.police_boundary import whose_matter
from routing.sensitive import sensitive_in
from routing.urgency import urgency_of

TAUGHT = DATA / "urgency_cases.csv"
KNOWN_WORDS = re.compile(  # domain.md §8.1, what the agents' script names
    "打人|持刀|抢劫|家暴|被骗|转账|轻生|扬言|着火|冒烟|爆炸|燃气|泄漏|被困|坍塌|溺水|昏迷|大出血|胸痛|临产|中毒|车祸"
)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_unseen_cases_are_many_mixed_and_not_learned_from() -> None:
    unseen = rows(ALARM_CASES)
    told = [row["text"] for row in unseen if row["line"]]
    taught = {row["text"] for path in [TAUGHT, *(DATA / "dangers").glob("*.csv")] for row in rows(path)}

    assert len({row["text"] for row in unseen}) == len(unseen) >= 600
    assert 0.45 <= len(told) / len(unseen) <= 0.55
    assert sum(KNOWN_WORDS.search(text) is None for text in told) / len(told) >= 0.5
    apart = [ALARM_CASES, *(ALARM_CASES.with_name(f"unseen_{name}.csv") for name in ("terse_dangers", "follow_ups"))]
    assert not taught & {row["text"] for path in apart for row in rows(path)}


def test_dangers_in_unseen_words_are_heard_and_few_others_are() -> None:
    score = evaluate_alarms(ALARM_CASES)

    assert score.recall >= 0.97
    assert score.precision >= 0.80
    assert score.right_line / score.heard >= 0.85


def test_danger_in_a_few_words_after_an_address_is_heard() -> None:
    score = evaluate_alarms(ALARM_CASES.with_name("unseen_terse_dangers.csv"))

    assert score.recall >= 0.97
    assert score.precision >= 0.90


def test_an_urging_or_a_short_supplement_raises_no_alarm_unless_there_is_danger() -> None:
    score = evaluate_alarms(ALARM_CASES.with_name("unseen_follow_ups.csv"))

    assert score.recall >= 0.97
    assert score.precision >= 0.85


def test_the_milder_grades_are_told_apart() -> None:
    mild = [row for row in rows(TAUGHT) if row["grade"] != "emergency"]
    right = [urgency_of(row["text"]).grade == row["grade"] for row in mild]

    assert sum(right) / len(right) >= 0.90


@pytest.mark.proof
def test_few_real_demands_raise_an_alarm() -> None:
    folder = os.environ.get("HOTLINE_REAL_TEXTS")
    if not folder:
        pytest.skip("HOTLINE_REAL_TEXTS is not set")
    cases = read_labelled(Path(folder) / "haikou_2018_train.csv.gz", "text_clean", "dept")

    assert sum(hear(text) is not None for text in cases.texts) / len(cases) <= 0.012


@pytest.mark.slow
def test_the_weights_are_what_the_written_cases_teach_and_are_reckoned_as_they_were_learned() -> None:
    told = read_told()
    ear = train(told)
    shown = told.pick(np.arange(0, len(told.texts), 15))
    learned = ear.danger.decision_function(ear.pairs.transform(shown.texts))
    reckoned = [danger_of(text) for text in shown.texts]

    assert float(np.corrcoef(learned, reckoned)[0, 1]) > 0.999


def test_a_danger_in_one_clause_of_a_long_complaint_is_heard() -> None:
    calm = "我们小区的物业费涨了两次，门禁坏了没人修，电梯里全是广告，业主群里说了也没人管，"
    told = "刚才楼下两家人吵起来，一个男的回家拿了菜刀下来正在追着人砍，"

    assert urgency_of(calm * 3).grade == "normal"
    assert urgency_of(calm * 3 + told + calm * 3).grade == "emergency"
    long = calm * 80 + told + calm * 40
    assert urgency_of(long).line == whose_matter(long).owner == "110"
    assert "emergency" in {one.tier.code for one in sensitive_in(long)}


@pytest.mark.parametrize(
    ("text", "grade", "line"),
    [
        ("家里着火了", "emergency", "119"),
        ("家裡著火了", "emergency", "119"),
        ("家 里 着 火 了", "emergency", "119"),
        ("他持刀伤人", "emergency", "110"),
        ("老人昏迷", "emergency", "120"),
        ("请快来看看。金桂苑3栋着火", "emergency", "119"),
        ("幸福路12号路灯不亮", "normal", None),
        ("发生车祸，有人受伤", "emergency", "122"),
        ("井盖丢失", "critical", None),
        ("小区北门窨井没有盖，小孩天天走", "critical", None),
        ("俺爹有老年痴呆，昨晚走丢了，找了一夜", "critical", None),
        ("老人防走失手环怎么领", "normal", None),
        ("整个小区昨晚到现在一滴水没有", "critical", None),
        ("整栋楼停水", "urgent", None),
        ("火车站怎么走", "normal", None),
        ("着火了怎么办理保险", "normal", None),
        ("现在着火了，保险柜还在里面", "emergency", "119"),
        ("建议加强防火。楼下起火了！", "emergency", "119"),
        ("问题已经解决了，谢谢！", "normal", None),
        ("李桂芳13800138001催了", "normal", None),
        ("电梯困人", "emergency", "119"),
        ("已经不吵了", "normal", None),
        ("已经不吵了，他跳楼了", "emergency", "110"),
        ("", "normal", None),
        ("😀😀", "normal", None),
    ],
)
def test_grade_and_line_are_told(text: str, grade: str, line: str | None) -> None:
    heard = urgency_of(text)

    assert (heard.grade, heard.line) == (grade, line)
    assert bool(heard.words) == (grade != "normal")


def test_the_words_are_words_of_the_text() -> None:
    heard = urgency_of("三楼着火了，老人昏迷")

    assert (heard.grade, heard.line) == ("emergency", "119")
    assert all(word in "三楼着火了，老人昏迷" for word in heard.words) and "着火" in "".join(heard.words)


@pytest.mark.parametrize("piece", ["路灯坏了很久没有人来修", "老人", "水电停了", "被人车"])
def test_a_text_of_100_000_characters_is_read_within_a_second(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "。着火了"
    began = time.process_time()

    assert urgency_of(text).grade == "emergency"
    assert time.process_time() - began < 1


def test_scores_count_misses_false_alarms_and_wrong_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "line,text\n119,家里着火了\n110,楼下起火了\n110,您好\n,有人溺水了\n",
        encoding="utf-8",
    )
    score = evaluate_alarms(path)

    assert (score.told, score.heard, score.alarms, score.right_line) == (3, 2, 3, 1)
    assert (score.missed, score.false) == (("您好",), ("有人溺水了",))
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
        ("老板为讨薪的事骂我们", "both", "three_way"),
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
