"""The same demand told again is found, another one is not."""

import json
from pathlib import Path

import pytest

from classifier.__main__ import main
from classifier.similar import likeness, most_similar, nearest


def test_the_same_demand_in_other_words_is_found_before_others() -> None:
    told = "金桂苑小区东侧工地夜里还在浇筑混凝土，吵得睡不着"
    others = ["路灯不亮", "金桂苑小区東側工地，夜里还在浇筑混凝土吵得睡不着觉！", told, "金桂苑小区停水"]
    assert [found.place for found in most_similar(told, others)] == [2, 1]


def test_likeness_is_symmetric_and_bounded() -> None:
    assert likeness("路灯不亮", "路灯不亮了") == likeness("路灯不亮了", "路灯不亮") < 1
    assert likeness("停水", "停水") == 1
    assert likeness("", "") == likeness("停水", "") == 0


def test_the_nearest_cases_are_about_the_same_thing_in_other_words() -> None:
    past = ["公司拖欠工资", "小区路灯坏了", "路灯一盏都不亮", "老板欠我工钱", "停水"]
    assert [past[found.place] for found in nearest("路灯不亮", past, 2)] == ["路灯一盏都不亮", "小区路灯坏了"]
    assert nearest("路灯不亮", []) == nearest("", past) == nearest("zzz", past) == ()


def test_the_command_shows_the_likest_past_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    past = tmp_path / "past.csv"
    past.write_text("said,who\n路灯坏了不亮,灯饰所\n公司拖欠工资,劳动\n", encoding="utf-8")
    assert main(["guess", "路灯不亮", "--data", str(past), "--text", "said", "--label", "who", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["guesses"][0]["label"] == "0203"
    assert [one["label"] for one in told["similar"]] == ["灯饰所"]
