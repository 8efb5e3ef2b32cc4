"""A unit or a cell of the grid that is no longer used ends by the same file, and comes back by the undoing."""

from tests.web.test_data_in import admin, confirm, send, table, undo, written  # noqa: F401 - a fixture


def test_a_cell_marked_as_no_longer_used_ends_and_comes_back(admin, signed_in):  # noqa: F811 - the fixture
    rows, worker = table(admin, "grid"), signed_in("grid1")
    at = rows[0].index("停用")
    stopped = [[*row[:at], "是", *row[at + 1 :]] for row in rows[1:] if row[0] in ("hb", "hb-01")]
    assert "下级网格“金桂社区第二网格”还在用" in send(admin, "grid", written([rows[0], *stopped]), 422)
    html = send(admin, "grid", written([rows[0], stopped[1], rows[3]]))
    assert ("新增0行，修改0行，取消1行" in html, "另有1行" in html) == (True, True)
    confirm(admin, html)
    assert table(admin, "grid") == [row for row in rows if row[0] != "hb-01"]
    assert "金桂社区第一网格" not in worker.get("/grid/patrol").text
    assert "与现行数据相同" in send(admin, "grid", written([rows[0], stopped[1]])), "the same file twice ends nothing twice"
    wrong = [[*stopped[1][:at], "停", *stopped[1][at + 1 :]]]
    assert "停用</td><td>“停”应写作是或否" in send(admin, "grid", written([rows[0], *wrong]), 422)
    assert "恢复到导入之前" in undo(admin)
    assert table(admin, "grid") == rows
    assert "金桂社区第一网格" in worker.get("/grid/patrol").text


def test_a_unit_ends_when_nothing_hangs_on_it(admin):  # noqa: F811 - the fixture
    rows = table(admin, "departments")
    fresh = ["gs", "江州市某物业公司", "某物业", "company", "2", "jzs", "369000", "", "否", ""]
    confirm(admin, send(admin, "departments", written([rows[0], fresh])))
    needed = [[*row[:-1], "是"] for row in rows if row[0] == "zjj"]
    html = send(admin, "departments", written([rows[0], *needed, [*fresh[:-1], "是"]]), 422)
    assert ("该单位有在岗人员，不能停用" in html, "该单位在确责清单中，不能停用" in html) == (True, True)
    confirm(admin, send(admin, "departments", written([rows[0], [*fresh[:-1], "是"]])))
    assert table(admin, "departments") == rows
    assert "恢复到导入之前" in undo(admin)
    assert table(admin, "departments") == [*rows, fresh]
