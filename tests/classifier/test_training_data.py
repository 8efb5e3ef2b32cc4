"""Labelled files are read without leaks and split without doubles on both sides."""

import gzip
from pathlib import Path

import pytest

from classifier.training_data import (
    LabelledTexts,
    TrainingDataError,
    described_matters,
    doubles,
    few_of_each,
    read_labelled,
    split_by_groups,
    split_by_time,
    without_hint,
    without_seen,
)

CASES = LabelledTexts(tuple(f"第{i}条" + "甲乙丙丁戊己庚辛壬癸"[i] for i in range(10)), tuple("ab" * 5))


def test_only_text_and_label_are_read_and_empty_rows_left_out(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write("\ufeffanswer,text,label\n望湖区,路灯不亮,cgj\n江北区,  ,cgj\n江北区,停水,\n,停电,gdgs\n")
    assert read_labelled(path, "text", "label") == LabelledTexts(("路灯不亮", "停电"), ("cgj", "gdgs"))


def test_a_missing_file_or_column_is_said_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("text\n停水\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="文件缺少列：label"):
        read_labelled(path, "text", "label")
    with pytest.raises(TrainingDataError, match="找不到文件"):
        read_labelled(tmp_path / "none.csv", "text", "label")


def test_files_are_read_as_cities_have_them(tmp_path: Path) -> None:
    """By any spreadsheet, packed or not whatever their name says, with a letter longer than the csv module likes."""
    letter = "路灯不亮\r\n" * 40_000
    table = f'text , label\r\n"{letter}",城 管\u3000\r\n停电, 供电局 \r\n漏水,  \r\n'
    read = LabelledTexts((letter, "停电"), ("城 管", "供电局"))
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        for raw in (table.encode(encoding), gzip.compress(table.encode(encoding))):
            for name in ("cases.csv", "cases.csv.gz"):
                (tmp_path / name).write_bytes(raw)
                assert read_labelled(tmp_path / name, "text", "label") == read


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (gzip.compress(b"text,label\n" * 99)[:-9], "已损坏"),
        ("text,label\n灯,城管".encode("utf-16"), "编码无法识别"),
        (b"", "文件缺少列：label、text；cases.csv的列：无"),
    ],
    ids=["cut off", "another encoding", "empty"],  # a packed file tells the second it was made in
)
def test_a_file_that_cannot_be_read_is_said_in_chinese(raw: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(raw)
    with pytest.raises(TrainingDataError, match=sentence):
        read_labelled(tmp_path / "cases.csv", "text", "label")


def test_a_split_by_time_judges_on_the_last_cases() -> None:
    earlier, later = split_by_time(CASES)
    assert (earlier.texts, later.texts) == (CASES.texts[:8], CASES.texts[8:])


def test_no_group_stands_on_both_sides() -> None:
    groups = [1, 2, 3, 1, 2, 4, 5, 5, 6, 1]
    train, test = split_by_groups(CASES, groups)
    of = dict(zip(CASES.texts, groups, strict=True))
    assert {of[text] for text in train.texts}.isdisjoint({of[text] for text in test.texts})
    assert (len(train), len(test)) == (7, 3)


def test_the_same_text_in_another_dress_is_found() -> None:
    told_twice = LabelledTexts(("路灯不亮！", "停水", "路 燈 不亮"), ("a", "b", "c"))
    assert doubles(told_twice) == ((0, 2),)
    assert without_seen(told_twice, LabelledTexts(("路灯不亮",), ("a",))).texts == ("停水",)


def test_few_of_each_takes_so_many_of_a_label_or_all_it_has() -> None:
    assert [few_of_each(CASES, shots).labels.count("a") for shots in (1, 2, 3, 4, 5, 10**9)] == [1, 2, 3, 4, 5, 5]
    assert few_of_each(CASES, 3).texts[::2] == tuple(CASES.texts[i] for i in (0, 4, 8))


def test_descriptions_name_every_part_of_a_matter() -> None:
    described = described_matters()
    assert "电费电表" in described.texts
    assert described.labels[described.texts.index("电费电表")] == "0302"


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        ("桥头路灯不亮，请市城管局核实处理。", "桥头路灯不亮"),
        ("桥头路灯不亮，希望相关部门尽快处理", "桥头路灯不亮"),
        ("楼上漏水。请住建局核实", "楼上漏水"),
        ("路口堵车。请交警核实处理！谢谢！（请职能局按规定在30分钟内核实处理，响应处置）", "路口堵车"),
        ("路口堵车，请市交通局核实处理！（（30分钟办件）。", "路口堵车"),
        ("工资没发，请劳动监察大队介入调查，并及时回复市民，谢谢", "工资没发"),
        ("楼道漏水，现来电要求城管部门尽快处理", "楼道漏水"),
        ("楼道漏水，转派城管局。", "楼道漏水"),
        ("要求物业公司处理楼顶漏水", "要求物业公司处理楼顶漏水"),
        ("投诉物业公司不处理，也不回复", "投诉物业公司不处理，也不回复"),
        ("在西环路丢了包，司机送回，来电表示感谢", "在西环路丢了包，司机送回，来电表示感谢"),
        ("请问居住证在哪个部门办理", "请问居住证在哪个部门办理"),
        ("路灯坏了。", "路灯坏了。"),
        ("请问车管所在哪里", "请问车管所在哪里"),
        ("住建局说请我找物业公司处理漏水，物业不管，漏了三个月", "住建局说请我找物业公司处理漏水，物业不管，漏了三个月"),
        ("", ""),
    ],
)
def test_a_hint_for_the_dispatcher_is_not_learned(text, learned) -> None:
    assert without_hint(text) == learned
