"""Where history and the duty list disagree: groups, shares, the mark, and the command that prints them."""

import json
from datetime import date, time
from pathlib import Path

import pytest

from routing.__main__ import DEMO_CITY, main
from routing.case import DutyRow
from routing.disagreements import SettledCase, compare_cases, disagreements, row_records
from routing.duty_list import DutyList

ON = date(2026, 11, 20)
CITY = DutyRow(1, "0603", "", "", "", "zjj", (), "默认", date(2025, 1, 1))
NIGHT = DutyRow(2, "0603", "369001", "", "22:00-06:00", "whq-cg", (), "默认", date(2026, 1, 1))
DOGS = DutyRow(3, "01", "", "狗", "", "gaj", (), "默认", date(2025, 1, 1))
LIST = DutyList((CITY, NIGHT, DOGS))


def case(number: int, department: str, matter: str = "0603", text: str = "工地太吵", area: str = "") -> SettledCase:
    return SettledCase(number, matter, area, text, ON, department)


def test_a_case_is_compared_with_the_row_that_decides_it() -> None:
    night = SettledCase(4, "0603", "369001001", "太吵", ON, "zjj", time(23))
    told = case(5, "whq-cg", text="半夜太吵", area="369001")
    before = SettledCase(6, "0603", "369001", "太吵", date(2025, 6, 1), "zjj", time(23))
    cases = [case(1, "zjj"), case(2, "cgj"), case(3, "cgj", "0108"), night, told, before]

    found = [(one.row.id if one.row else 0, one.followed) for one in compare_cases(cases, LIST)]
    assert found == [(1, True), (1, False), (0, False), (2, False), (2, True), (1, True)]


def test_groups_say_how_many_of_the_rows_cases_and_come_worst_first() -> None:
    cases = [case(1, "zjj"), case(2, "cgj"), case(3, "jd"), case(4, "jd"), case(5, "x", "0110", "狗叫")]
    cases += [case(6, "x", "0109", "狗叫"), case(7, "gaj", "0109", "狗叫"), case(8, "anybody", "0108")]

    found = disagreements(compare_cases(cases, LIST))
    assert [(one.record.row.id, one.matter_code, one.department, one.numbers, one.share) for one in found] == [
        (1, "0603", "jd", (3, 4), 0.5),
        (3, "0110", "x", (5,), 1 / 3),
        (3, "0109", "x", (6,), 1 / 3),
        (1, "0603", "cgj", (2,), 0.25),
    ]


@pytest.mark.parametrize(
    ("followed", "cases", "doubtful"), [(4, 10, True), (5, 10, False), (0, 9, False), (5, 11, True), (6, 11, False)]
)
def test_a_row_followed_in_under_half_of_enough_cases_is_doubtful(followed: int, cases: int, doubtful: bool) -> None:
    history = [case(number, "zjj" if number < followed else "jd") for number in range(cases)]

    record = row_records(compare_cases(history, LIST))[1]
    assert (record.followed, record.cases, record.doubtful) == (followed, cases, doubtful)


@pytest.fixture
def history(tmp_path: Path) -> list[str]:
    """The arguments of the command for a history of thirteen lines."""
    duty, cases = tmp_path / "duty.csv", tmp_path / "cases.csv"
    duty.write_text(
        "matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to\n"
        "0603,,,,住建局,,默认,2025-01-01,\n0603,369001,,,城管局,,默认,2025-01-01,\n"
    )
    lines = ["said,matter,who,area,other", "工地太吵,0603,住建局,,x", "工地太吵,0108,环卫局,,x"]
    lines += ["工地太吵,0603,湖滨街道,369001,x"] * 10 + ["工地太吵,0603,城管局,369001,x"]
    cases.write_text("\n".join(lines) + "\n")
    return ["disagreements", "--duty-list", str(duty), "--data", str(cases), "--text", "said",
            "--matter", "matter", "--label", "who"]  # fmt: skip


def test_the_command_prints_the_groups_of_a_history(history: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*history, "--area", "area", "--json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == {
        "n": 13, "with_row": 12, "followed": 2,
        "groups": [
            {"row": 3, "matter": "0603", "area": "369001", "lead": "城管局", "department": "湖滨街道", "count": 10,
             "row_cases": 11, "share": 0.9091, "doubtful": True, "numbers": list(range(4, 14))},
        ],
    }  # fmt: skip
    assert printed.count("\n") == 1

    assert main(history) == 0
    words = capsys.readouterr().out.splitlines()
    assert words[0] == "13件中有对应条目的12件，由清单所列主办单位办理的1件"
    assert words[1] == "第2行（0603）清单：住建局，实际：湖滨街道，10/12件 清单可能过时或执行有偏差"


def test_a_column_that_is_missing_is_named(history: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*history, "--area", "district"]) == 2
    assert "district" in capsys.readouterr().err


def test_a_single_duty_list_is_checked_without_a_city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.csv"
    header = "matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to\n"
    path.write_text(f"{header}0603,999001,,,某局,,默认,2025-01-01,\n0998,,,,某局,,默认,2025-01-01,\n")

    assert main(["check", "--duty-list", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "第3行的事项0998不存在" in printed
    assert "事项0603没有兜底的主办单位" in printed
    assert "第2行" not in printed

    assert main(["--data", str(DEMO_CITY), "check", "--duty-list", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "第2行的单位某局不存在" in printed
    assert "第2行的区域999001不存在" in printed
