"""The most specific duty row decides who leads, and the route says in Chinese why."""

import json
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from classifier.model import Classifier
from routing.__main__ import DEMO_CITY, main, read_city
from routing.case import Case, DutyRow, MatterGuess
from routing.choose import choose_department, sureness
from routing.csv_table import BadTable
from routing.day_span import told_time
from routing.duty_list import DutyList, read_duty_rows, with_bars
from routing.evaluate_routes import WrittenCase, evaluate_routes, read_route_cases
from routing.places import Gazetteer, GazetteerRow

ON = date(2026, 11, 20)
DEMO_LIST, DEMO_PLACES, DEPARTMENTS = read_city(DEMO_CITY)
PLACES = Gazetteer(
    (
        GazetteerRow("望湖区", "district", "369001"),
        GazetteerRow("江北区", "district", "369002"),
        GazetteerRow("湖滨街道", "street", "369001001"),
    )
)


def row(number: int, lead: str, matter: str = "0603", **told: object) -> DutyRow:
    plain = DutyRow(number, matter, "", "", "", lead, (), "默认", date(2025, 1, 1))
    return replace(plain, **told)


def told(text: str = "太吵了", place: str = "", at: time | None = None, *guesses: MatterGuess) -> Case:
    return Case(text, place, "complaint", guesses or (MatterGuess("0603", 0.9),), ON, at)


def leads(case: Case, *rows: DutyRow) -> list[str]:
    return [route.lead for route in choose_department(case, DutyList(rows), PLACES)]


CITY, DISTRICT = row(1, "city"), row(2, "district", area="369001")
STREET, OTHER = row(3, "street", area="369001001"), row(4, "other", area="369002")
OBJECT, NIGHT = row(5, "object", object="工地|塔吊"), row(6, "night", time="22:00-06:00")


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (told(), "city"),
        (told(place="望湖区"), "district"),
        (told(place="望湖区湖滨街道3号"), "street"),
        (told(place="江北区"), "other"),
        (told("江北区太吵了"), "other"),
        (told("湖滨街道太吵了", "望湖区"), "street"),
        (told("湖滨街道太吵了", "江北区"), "other"),
        (told("工地太吵", "望湖区"), "object"),
        (told("塔吊太吵"), "object"),
        (told("太吵了", "望湖区", time(23)), "night"),
        (told("太吵了", "望湖区", time(5, 59)), "night"),
        (told("太吵了", "望湖区", time(6)), "district"),
        (told("凌晨两点太吵了"), "night"),
        (told("晚上11点还很吵"), "night"),
        (told("晚上十点半太吵"), "night"),
        (told("半夜太吵", at=time(9)), "night"),
        (told("下午三点太吵", at=time(23)), "city"),
        (told("半夜工地太吵"), "object"),
    ],
)
def test_the_most_specific_row_wins(case: Case, wanted: str) -> None:
    for rows in (
        (CITY, DISTRICT, STREET, OTHER, OBJECT, NIGHT),
        (NIGHT, OBJECT, OTHER, STREET, DISTRICT, CITY),
    ):
        assert leads(case, *rows) == [wanted]


def test_the_longer_object_word_wins() -> None:
    short, long = row(7, "a", object="井"), row(8, "b", object="自来水井")

    assert leads(told("自来水井盖响"), long, short) == ["b"]
    assert leads(told("井盖响"), long, short) == ["a"]


def test_traditional_and_full_width_words_match_too() -> None:
    assert leads(told("工 地 太 吵"), CITY, row(7, "a", object="工地")) == ["a"]
    assert leads(told("流動攤販，ＫＴＶ"), CITY, row(7, "a", object="KTV")) == ["a"]


def test_a_row_holds_from_its_first_to_its_last_day() -> None:
    old = row(1, "old", valid_to=date(2026, 11, 20))
    new = row(2, "new", valid_from=date(2026, 11, 21))

    assert leads(told(), old, new) == ["old"]
    assert leads(replace(told(), on=date(2026, 11, 21)), old, new) == ["new"]
    assert leads(replace(told(), on=date(2024, 1, 1)), old, new) == []


def test_of_two_equal_rows_the_newer_one_wins() -> None:
    newer = row(1, "newer", valid_from=date(2026, 1, 1))

    assert leads(told(), newer, row(2, "older")) == ["newer"]


def test_a_matter_without_rows_falls_back_to_its_parent_class() -> None:
    of_class = row(9, "class", matter="06")

    assert leads(told(), of_class) == ["class"]
    assert leads(told(), of_class, NIGHT) == ["class"]
    assert leads(told(), of_class, CITY) == ["city"]
    assert leads(told(), row(9, "x", matter="07")) == []


def test_routes_have_distinct_leads_best_first_and_at_most_three() -> None:
    guesses = tuple(MatterGuess(f"070{n}", 0.5 - n / 10) for n in (4, 1, 2, 3, 5))
    rows = [row(n, lead, matter=f"070{n}") for n, lead in enumerate("xaabcd")]

    assert leads(told("退款", "", None, *guesses), *rows) == ["a", "b", "c"]


def test_the_reason_names_words_matter_place_row_and_basis() -> None:
    guess = MatterGuess("0603", 0.934, ("打桩", "工地"))
    case = told("夜里十一点工地还在打桩", "望湖区湖滨街道金桂苑小区", None, guess)

    route = choose_department(case, DEMO_LIST, DEMO_PLACES)[0]

    assert (route.lead, route.co_units, route.area) == ("whq-cg", ("hbj",), "369001001")
    assert route.reason == (
        "文中“打桩”“工地”指向“建筑施工噪声”（93%）；地点“金桂苑小区”属望湖区湖滨街道；"
        f"按确责清单第{route.row.id}行（建筑施工噪声，望湖区，22:00-06:00）由“望湖区城市管理执法局”主办，"
        "江州市生态环境局协办；依据：《中华人民共和国噪声污染防治法》第四十三条。"
    )


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "未识别出地点，按全市处理"),
        ("滨江花园", "地点“滨江花园”不能确定属于哪个区县，按全市处理"),
        ("江北区", "地点在江北区"),
        ("湖滨街道", "地点“湖滨街道”属望湖区；"),
    ],
)
def test_the_reason_is_honest_about_the_place(place: str, words: str) -> None:
    case = told("流动摊贩", place, None, MatterGuess("0101", 0.9))

    assert words in choose_department(case, DEMO_LIST, DEMO_PLACES)[0].reason


def test_every_written_case_of_the_demo_city_reaches_its_lead() -> None:
    score = evaluate_routes(read_route_cases(DEMO_CITY / "route_cases.csv", ON), DEMO_LIST, DEMO_PLACES)

    assert score.wrong == ()
    assert score.total >= 45


def test_a_wrong_lead_is_counted_as_wrong() -> None:
    score = evaluate_routes([WrittenCase(told(), "else")], DutyList((CITY,)), PLACES)

    assert (score.right, score.total, score.wrong) == (0, 1, (("太吵了", "else", "city"),))


def test_a_bad_duty_list_says_which_line_and_column_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "duty_list.csv"
    path.write_text(
        "matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to\n"
        ",,,,zjj,,默认,2025-01-01,\n0603,望湖区,,,zjj,,默认,2025-01-01,\n0603,,,晚上,zjj,,默认,2025-01-01,\n"
        "0603,,,,,,默认,2025-01-01,\n0603,,,,zjj,zjj,默认,2025-01-01,\n0603,,,,zjj,,,2025-01-01,\n"
        "0603,,,,zjj,,默认,2025年,\n0603,,|,,zjj,,默认,2025-01-01,\n0603,*,,,zjj,cgj|hbj,默认,2025-01-01,\n",
        encoding="utf-8-sig",
    )
    with pytest.raises(BadTable) as caught:
        read_duty_rows(path)

    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, "matter_code"), (3, "area"), (4, "time"),
        (5, "lead"), (6, "co_units"), (7, "basis"), (8, "valid_from"), (9, "object"),
    ]  # fmt: skip


def test_missing_and_unknown_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "duty_list.csv"
    path.write_text("matter_code,area,object,time,lead,co_units,basis,from,valid_to\n", encoding="utf-8")

    with pytest.raises(BadTable, match=r"第1行“valid_from”列：缺少这一列；第1行“from”列：不认识的列"):
        read_duty_rows(path)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("晚上11点施工", time(23)),
        ("晚上十点", time(22)),
        ("晚上两点", time(2)),
        ("晚上12点", time(0)),
        ("凌晨3点", time(3)),
        ("下午三点", time(15)),
        ("中午12点", time(12)),
        ("中午一点", time(13)),
        ("早上六点", time(6)),
        ("半夜", time(23, 30)),
        ("晚上", time(21)),
        ("两点建议", None),
        ("3点要求", None),
        ("白天", None),
        ("每天23点还在施工", time(23)),
        ("每天22:30还在施工", time(22, 30)),
        ("昨天21：10到6:00", time(21, 10)),
        ("晚上10:30开始", time(22, 30)),
        ("凌晨02:15", time(2, 15)),
        ("下午17:00", time(17)),
        ("13点建议，20分钟", time(13)),
        ("比例3:20", None),
        ("15时间段", None),
        ("门牌1023:22", None),
    ],
)
def test_the_hour_told_in_words_is_understood(text: str, wanted: time | None) -> None:
    assert told_time(text) == wanted


@pytest.mark.parametrize(("probability", "words"), [(0.0001, "不足1%"), (0.93, "93%"), (0.9996, "99%以上")])
def test_no_guess_is_told_as_impossible_or_certain(probability: float, words: str) -> None:
    assert sureness(probability) == words


def test_matters_in_doubt_may_leave_no_doubt_about_the_unit() -> None:
    rows = row(1, "city", "0603"), row(2, "city", "0607"), row(3, "police", "1205")
    guesses = MatterGuess("1205", 0.4), MatterGuess("0603", 0.35), MatterGuess("0607", 0.2)
    routes = choose_department(told("太吵了", "", None, *guesses), DutyList(rows), PLACES)
    assert [(one.lead, round(one.probability, 2)) for one in routes] == [("city", 0.55), ("police", 0.4)]
    assert routes[0].matter_code == "0603"
    assert "事项判为“0603”（35%），连同该单位的其他可能事项，把握合计55%；" in routes[0].reason
    assert "事项判为“1205”（40%）；" in routes[1].reason


def test_a_unit_that_helps_is_proposed_behind_the_lead_and_never_sure() -> None:
    rows = (row(1, "city", "0603", co_units=("police",)),)
    routes = choose_department(told("太吵了", "", None, MatterGuess("0603", 1.0)), DutyList(rows), PLACES)
    assert [(one.lead, one.co_units, one.probability) for one in routes] == [
        ("city", ("police",), 1.0),
        ("police", ("city",), 0.3),
    ]
    assert "（99%以上）；" in routes[0].reason
    assert "（99%以上），“police”只是协办，把握计为30%；" in routes[1].reason


def test_a_city_without_labels_is_judged_by_its_duty_list(tmp_path, capsys) -> None:
    duty, test = tmp_path / "duty.csv", tmp_path / "test.csv"
    duty.write_text(
        "matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to\n"
        "0203,,,,灯,水,默认,2025-01-01,\n0301,,,,水,,默认,2025-01-01,\n0801,,,,钱,,默认,2025-01-01,\n"
    )
    test.write_text("said,who\n路灯不亮,灯\n家里自来水停了一天,水\n公司拖欠工资,水\n路灯坏了三天,水\n")
    told = ["evaluate", "--duty-list", str(duty), "--test", str(test), "--text", "said", "--label", "who", "--json"]
    assert main(told) == 0
    assert json.loads(capsys.readouterr().out) == {"n": 4, "top1": 0.5, "top3": 0.75}
    assert main([*told[:3], "--test", str(tmp_path / "none.csv")]) == 2
    assert "找不到" in capsys.readouterr().err
    model = tmp_path / "own.model"
    lamps, pay = ["路灯坏了", "路灯又灭了", "路灯整夜不亮"], ["拖欠工资", "公司不发工资", "讨要工资"]
    model.write_bytes(Classifier().fit([*lamps, *pay], ["0203"] * 3 + ["0301"] * 3).to_bytes())
    assert main([*told, "--model", str(model)]) == 0
    assert json.loads(capsys.readouterr().out) == {"n": 4, "top1": 0.5, "top3": 1.0}
    model.write_bytes(b"no model")
    assert main([*told, "--model", str(model)]) == 2
    assert "模型文件已损坏" in capsys.readouterr().err


@pytest.mark.parametrize("written", ["地铁|轨道", "地铁｜轨道", "地铁、轨道", " 地铁， 轨道，", "地铁;轨道；"])
def test_several_words_may_be_set_apart_as_people_do(written: str) -> None:
    assert with_bars(written) == "地铁|轨道"


def test_a_matter_nobody_leads_is_told_as_such(capsys) -> None:
    assert main(["--on", "2000-01-01", "explain", "--matter", "0203", "路灯"]) == 0
    assert "派往：确责清单中没有对应的条目，须人工派单。" in capsys.readouterr().out
