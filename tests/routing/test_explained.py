"""The command shows everything that is read of a text, in Chinese lines and as JSON with stable keys."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from routing.__main__ import main

pytestmark = pytest.mark.slow

KEYS = {
    "text", "says_nothing", "guesses", "similar", "routes", "parts", "request_type", "urgency", "boundary",
    "sensitive", "place", "limit",
}  # fmt: skip
BOTH = "金桂苑小区工地夜里十一点还在打桩。另外公司拖欠我三个月工资，再不给我们就集体上访"
Asked = Callable[..., str]


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Asked:
    def ask(*arguments: str) -> str:
        assert main(["--on", "2026-11-20", "explain", *arguments]) == 0
        return capsys.readouterr().out

    return ask


def test_json_is_one_line_with_the_documented_keys(asked: Asked) -> None:
    out = asked(BOTH, "--json")
    found = json.loads(out)
    documented = (Path(__file__).parents[2] / "docs" / "classifier.md").read_text(encoding="utf-8")

    assert out.count("\n") == 1
    assert found.keys() == KEYS
    assert all(f"`{key}`" in documented for key in KEYS)
    assert [one["matter"] for one in found["parts"]] == ["0603", "0801"]
    assert [one["tier"] for one in found["sensitive"]] == ["stability_threat"]
    assert found["request_type"]["kind"] == "complaint"
    assert found["routes"][0]["unit"] == "whq-cg"
    assert found["guesses"][0]["matter"] == "0603"
    assert (found["place"]["street"], found["place"]["name"]) == ("湖滨街道", "金桂苑小区")
    assert len(found["similar"]) == 3


def test_the_lines_say_it_in_chinese(asked: Asked) -> None:
    out = asked("车管所电话")

    for words in (
        "诉求类型：咨询“", "紧急程度：一般", "地点：未识别", "江州市公安局交通警察支队", "《中华人民共和国道路交通安全法》",
        "办理时限：3个工作日，如2026-11-20 09:00派单，至2026-11-25 24:00", "相似：车管所电话（0506，1.00）",
    ):  # fmt: skip
        assert words in out


def test_a_text_that_says_nothing_gets_no_guess(asked: Asked) -> None:
    found = json.loads(asked("在吗", "--json"))

    assert found["says_nothing"]
    assert (found["guesses"], found["routes"], found["similar"], found["limit"]) == ([], [], [], None)
    assert "请先联系市民补充" in asked("在吗")


def test_past_cases_come_from_the_file_that_is_named(asked: Asked, tmp_path: Path) -> None:
    past = tmp_path / "past.csv"
    past.write_text("said,who\n路灯坏了不亮,灯饰所\n公司拖欠工资,劳动\n", encoding="utf-8")
    found = json.loads(asked("路灯不亮", "--json", "--cases", str(past), "--text", "said", "--label", "who"))

    assert [(one["text"], one["label"]) for one in found["similar"]] == [("路灯坏了不亮", "灯饰所")]
