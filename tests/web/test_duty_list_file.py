"""A duty list is looked at before it is imported: what is wrong in it is said, its separators are read as people write
them, and nobody leads who may only help."""

from datetime import timedelta

from hotline import clock
from hotline.tickets import rulebook
from tests.web.test_data_in import admin, confirm, send, table, workbook, written  # noqa: F401 - a fixture


def test_the_look_says_what_is_wrong_in_the_list_to_come(admin):  # noqa: F811 - the fixture
    rows, today = table(admin, "duty-list"), clock.city_day(clock.now())
    sound = send(admin, "duty-list", written([*rows, ["0101", "", "路障|护栏", "", "cgj", "", "依据", "2026-01-01", "", ""]]))
    assert '<h2>导入后清单中的问题 <span class="tag num">0处</span>' in sound
    later = (today + timedelta(days=9)).isoformat()
    starts = rows[0].index("生效日期")
    put_off = [[*row[:starts], later, *row[starts + 1 :]] for row in rows[1:]]
    html = send(admin, "duty-list", workbook([rows[0], *put_off]))
    assert f"事项0101自{today}至{today + timedelta(days=8)}没有兜底的主办单位" in html
    assert "<td class=\"nowrap\">空档</td>" in html
    assert "处问题，<a href=\"#findings\">" in html and "#findings" not in sound
    assert "另有" in html.split("导入后清单中的问题")[1].split("试算")[0]
    elsewhere = [["0101", "110105", "", "", "cgj", "", "依据", "2026-01-01", "", ""]]
    assert "第2行的区域110105不存在，永远不会命中" in send(admin, "duty-list", written([rows[0], *elsewhere, *rows[1:]]))


def test_words_and_units_may_be_set_apart_as_people_do(admin):  # noqa: F811 - the fixture
    rows = table(admin, "duty-list")
    added = ["0101", "", "路障、护栏｜ 隔离墩", "", "cgj", "zjj，hbj", "依据", "2026-01-01", "", ""]
    html = send(admin, "duty-list", written([*rows, added]))
    confirm(admin, html)
    (found,) = [row for row in rulebook.rules().duty_list.rows if "路障" in row.object]
    assert (found.object, found.co_units) == ("路障|护栏|隔离墩", ("zjj", "hbj"))


def test_a_file_with_a_title_above_its_columns_or_other_separators_is_told_so(admin):  # noqa: F811 - the fixture
    rows = table(admin, "duty-list")[:3]
    for content in (workbook([["江州市确责清单"], *rows]), "\t".join(rows[0]).encode(), ";".join(rows[0]).encode()):
        assert "第一行应为列名，CSV须以逗号分隔" in send(admin, "duty-list", content, 422)


def test_a_village_committee_may_help_but_not_lead(admin):  # noqa: F811 - the fixture
    rows = table(admin, "duty-list")
    units = table(admin, "departments")
    village = next(row[0] for row in units[1:] if row[units[0].index("层级")] == "5")
    line = ["0101", "", "晒谷场", "", village, "", "依据", "2026-01-01", "", ""]
    assert "只协助办理" in send(admin, "duty-list", written([*rows, line]), 422)
    line[4:6] = ["cgj", village]
    assert "晒谷场" in send(admin, "duty-list", written([*rows, line]))
