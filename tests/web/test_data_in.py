"""数据导入 through the front door: what is seen is what is imported, all of it or nothing, and undone exactly."""

import csv
import io
import re
import threading
import zipfile
from dataclasses import replace

import psycopg
import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, func, select, text

from hotline import clock
from hotline.background.drain import drain_lane
from hotline.city_rules.data_uploads import TABLES
from hotline.database import session, transaction
from hotline.models import (
    AccessLog,
    DataUpload,
    Department,
    DutyRowRecord,
    GridCell,
    GridTask,
    MachineGuess,
    Membership,
    RuleVersion,
    Staff,
)
from hotline.models.words import Confidentiality
from hotline.tickets import rulebook
from hotline.tickets.dispatch import case_of, latest_guess
from routing.case import MatterGuess
from routing.choose import choose_department
from routing.duty_list import DutyList
from tests.makers import drain, send_demand, ticket

PAGE = "/admin/data"
PLACE_CHANGES = text("UPDATE place SET community = :words WHERE name = :name")
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO duty_row%'"
VERSIONED = ("duty-list", "limits", "calendar", "places")


@pytest.fixture
def admin(desk, signed_in):
    """The administrator's browser; what a test imports is taken away after it, for the city outlives a test."""
    desk.config["PROPAGATE_EXCEPTIONS"] = False
    tables = (*{TABLES[kind].record for kind in VERSIONED}, Membership, Staff, RuleVersion, GridCell, Department)
    newest = {table: session().execute(select(func.max(table.id))).scalar_one() for table in tables}
    before = {kind: TABLES[kind].present() for kind in TABLES}
    yield signed_in("admin")
    session().rollback()
    desk.config["PROPAGATE_EXCEPTIONS"] = None
    with transaction() as current:
        current.execute(delete(DataUpload))
        current.execute(delete(MachineGuess))
        current.execute(delete(GridTask))
        for table in tables:
            current.execute(delete(table).where(table.id > newest[table]))
    rulebook.forget()
    assert {kind: TABLES[kind].present() for kind in TABLES} == before


def table(browser, kind, form="csv"):
    """The present table as downloaded, headings first."""
    answer = browser.get(f"{PAGE}/{kind}/file?format={form}")
    assert answer.status_code == 200, answer.text
    if form == "csv":
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    rows = load_workbook(io.BytesIO(answer.data), read_only=True).active.iter_rows(values_only=True)
    return [[cell or "" for cell in row] for row in rows]


def written(rows, encoding="utf-8"):
    """A CSV file."""
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode(encoding)


def workbook(rows, *more, title="Sheet1"):
    """An xlsx file as a spreadsheet makes it, with more sheets of one cell."""
    book, held = Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name in more:
        book.create_sheet(name).append(["x"])
    book.save(held)
    return held.getvalue()


def send(browser, kind, content, status=303, name="表.csv"):
    """Upload a file; the page with the preview, or with what is wrong."""
    answer = browser.post(f"{PAGE}/{kind}", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == status, answer.text[:3000]
    if status != 303:
        return answer.text
    html = browser.get(answer.location).text
    assert "现在还没有写入任何数据" in html
    return html


def confirm(browser, html, status=303):
    """Press the button of a preview."""
    action, seen = re.search(r'action="([^"]+/apply)".*?name="seen" value="(\w+)"', html, re.S).groups()
    answer = browser.post(action, data={"seen": seen})
    assert answer.status_code == status, answer.text[:3000]
    return browser.get(answer.location).text if status == 303 else answer.text


def undo(browser):
    """Undo the newest import that offers it; the page that says how it went."""
    action = re.search(r'action="([^"]+/undo)"', browser.get(PAGE).text)[1]
    return browser.get(browser.post(action).location).text


def versions():
    session().rollback()
    return session().execute(select(func.count()).select_from(RuleVersion)).scalar_one()


def duty_rows():
    return session().execute(select(func.count()).select_from(DutyRowRecord)).scalar_one()


def test_a_changed_duty_list_is_seen_tried_imported_and_undone(admin, signed_in):
    numbers = [send_demand(f"{words}，请尽快处理。") for words in (
        "金桂苑小区东侧工地夜里十一点还在浇筑混凝土", "小区门口占道经营堵路", "路灯坏了三天没人修", "自来水发黄有异味",
    )]  # fmt: skip
    secret = send_demand("工地夜里施工吵得睡不着，请保密")
    drain()
    with transaction():
        ticket(secret).confidentiality = Confidentiality.CONFIDENTIAL
        session().execute(delete(MachineGuess).where(MachineGuess.ticket_no == numbers[3]))
    states = {no: (ticket(no).state, ticket(no).department_id) for no in numbers}
    rows, before, stored = table(admin, "duty-list", "xlsx"), versions(), duty_rows()
    matter = latest_guess(numbers[0]).guesses[0]["matter_code"]
    lead = rows[0].index("主办单位代码")
    changed = [[*row] for row in rows if row[0] != "0901"]
    for row in changed[1:]:
        if row[0][:2] == matter[:2]:
            row[lead], row[lead + 1] = "gaj", ""
    html = send(admin, "duty-list", workbook(changed, title="确责清单"), name="新清单.xlsx")

    touched = sum(row not in rows for row in changed)
    assert f"新增0行，修改{touched}行，取消{len(rows) - len(changed)}行" in html
    assert re.search("<del class=\"mut\">[a-z-]+</del> <b>gaj</b>", html)
    assert (versions(), duty_rows()) == (before, stored)

    start = re.search(r'action="([^"]+/trial)"', html)[1]
    assert admin.post(start).status_code == 303
    assert "正在试算" in admin.get(start.removesuffix("/trial")).text
    assert drain_lane("slow") == 1
    tried = admin.get(start.removesuffix("/trial")).text
    expected = brute_force(numbers[:3], changed)
    assert expected
    assert f">{len(expected)}件会派往别处" in tried
    assert f"有智能判读的3件中）。读了近30天的{len(numbers)}件，其中1件没有智能判读" in tried
    listed = re.findall(r"<td class=\"num nowrap\">(\d{8} \d{4} \d{4})", tried)
    assert {int(found.replace(" ", "")) for found in listed} == expected
    session().rollback()
    assert {no: (ticket(no).state, ticket(no).department_id) for no in numbers} == states

    assert "修改" in confirm(admin, html)
    assert table(admin, "duty-list") == changed
    assert {row.lead for row in rulebook.rules().duty_list.rows if row.matter_code == matter} == {"gaj"}
    again = admin.post(start.replace("/trial", "/apply"), data={"seen": "x"})
    assert (again.status_code, "已经导入" in again.text) == (404, True)

    assert "恢复到导入之前" in undo(admin)
    assert table(admin, "duty-list") == rows
    assert "/undo" not in admin.get(PAGE).text.split("新清单.xlsx")[1]
    deeds = session().execute(select(AccessLog.what).where(AccessLog.what.like("%import%")).order_by(AccessLog.id))
    assert list(deeds.scalars()) == ["import_data", "undo_import"]
    assert "导入数据" in signed_in("auditor").get("/admin/access-log").text


def brute_force(numbers, rows):
    """The tickets whose likeliest department another list changes, each asked for by itself."""
    book, found = rulebook.rules(), set()
    kind = TABLES["duty-list"]
    entries = kind.read([list(kind.columns), *rows[1:]])
    new = DutyList(tuple(rulebook.duty_row_of(entry.value, entry.number) for entry in entries))
    for no in numbers:
        guesses = tuple(MatterGuess(g["matter_code"], g["probability"]) for g in latest_guess(no).guesses)
        case = replace(case_of(ticket(no), guesses), on=clock.city_day(clock.now()))
        first, other = (choose_department(case, one, book.gazetteer)[:1] for one in (book.duty_list, new))
        if [route.lead for route in first] != [route.lead for route in other]:
            found.add(no)
    return found


def test_every_table_comes_back_as_it_went_out(admin):
    for kind in TABLES:
        rows = table(admin, kind)
        assert len(rows) > 4, kind
        file = written([[f"　{cell} " for cell in rows[0]], *rows[1:], ["" for _ in rows[0]]], "gb18030")
        for content in (file, b"\xef\xbb\xbf" + written(rows)):
            assert "没有可导入的变化" in send(admin, kind, content), kind
    for kind in ("staff", "calendar"):
        assert table(admin, kind, "xlsx") == table(admin, kind)
        as_downloaded = admin.get(f"{PAGE}/{kind}/file?format=xlsx").data
        assert "没有可导入的变化" in send(admin, kind, as_downloaded, name="表.xlsx"), kind
    template = admin.get(f"{PAGE}/staff/file?empty=1").data.decode("utf-8-sig")
    assert template == "账号,姓名,岗位,单位代码,电话\r\n".replace("姓名", "名称")


def test_a_spreadsheet_may_write_days_and_numbers_in_its_own_way(admin):
    rows = table(admin, "limits")
    number, start = rows[0].index("数值"), rows[0].index("生效日期")
    as_typed = [[*row[:number], int(row[number]), row[number + 1], 45658, None, *row[start + 2 :]] for row in rows[1:]]
    assert rows[1][start] == "2025-01-01"
    assert "没有可导入的变化" in send(admin, "limits", workbook([rows[0], *as_typed]))
    slashed = [[*row[:start], "2025/1/1", "", *row[start + 2 :]] for row in rows[1:]]
    assert "没有可导入的变化" in send(admin, "limits", written([rows[0], *slashed]))


def test_one_bad_line_of_five_hundred_and_nothing_is_kept(admin):
    rows = table(admin, "places")
    many = [[f"测试路{number}号", "road", "369001", "", "", "", ""] for number in range(500)]
    many[399][2] = "36900"
    many[498][0] = many[17][0]
    before = versions()
    html = send(admin, "places", written([*rows, *many]), 422)

    assert all(words in html for words in ("文件有误，什么都没有导入", 'href="/admin/data" aria-current="page"'))
    line = len(rows) + 400
    assert re.search(f"第{line}行</td><td>区域代码</td><td>“36900”不是区县（6位）或街道（9位）代码", html)
    many[399][2] = "369001"
    assert f"与第{len(rows) + 18}行重复" in send(admin, "places", written([*rows, *many]), 422)
    assert (versions(), session().execute(select(DataUpload)).all()) == (before, [])


def test_units_and_people_are_added_changed_and_brought_back(admin):
    units, staff = table(admin, "departments"), table(admin, "staff")
    renamed = ["whq-cg", "望湖区综合执法局", *next(row for row in units if row[0] == "whq-cg")[2:]]
    fresh = ["xin", "江州市新设局", "", "bureau", "2", "jzs", "369000", "", "否", ""]
    html = send(admin, "departments", written([units[0], fresh, renamed]))
    assert "新增1行，修改1行，取消0行" in html
    assert "望湖区综合执法局</b>" in html
    confirm(admin, html)
    assert "江州市新设局" in admin.get("/admin/departments").text

    person = ["xin_1", "新同事", "handler", "xin", "19900000088"]
    mine = [*next(row for row in staff if row[0] == "agent1")]
    mine[4] = "13800000000.0"
    confirm(admin, send(admin, "staff", written([staff[0], person, mine])))
    assert [row for row in table(admin, "staff") if row[0] in ("xin_1", "agent1")] == [
        [*mine[:4], "13800000000"], person,
    ]  # fmt: skip
    departments_undo = re.findall(r'action="([^"]+/undo)"', admin.get(PAGE).text)[1]
    answer = admin.get(admin.post(departments_undo).location).text
    assert "“江州市新设局”有在岗人员，不能撤销" in answer
    assert "恢复到导入之前" in undo(admin)
    assert "恢复到导入之前" in admin.get(admin.post(departments_undo).location).text
    assert (table(admin, "departments"), table(admin, "staff")) == (units, staff)

    confirm(admin, send(admin, "departments", written([units[0], fresh])))
    confirm(admin, send(admin, "staff", written([staff[0], person])))
    new_id = session().execute(select(Staff.id).where(Staff.username == "xin_1")).scalar_one()
    assert admin.post(f"/admin/staff/{new_id}/password", data={"password": "correct-horse-9"}).status_code == 303
    assert "已设密码启用，不能撤销" in undo(admin)


def test_a_matter_is_called_as_the_city_calls_it(admin, signed_in):
    rows = table(admin, "matters")
    own = [rows[0], *([code, "乱摆摊点" if code == "0101" else name] for code, name in rows[1:])]
    confirm(admin, send(admin, "matters", written(own)))
    page = f"/dispatch/{send_demand('小区门口占道经营堵路')}"
    assert "城市管理 / 乱摆摊点" in signed_in("dispatcher1").get(page).text
    assert "恢复到导入之前" in undo(admin)
    assert table(admin, "matters") == rows
    assert "乱摆摊点" not in signed_in("dispatcher1").get(page).text


def test_a_cell_of_the_grid_is_added_and_asked_and_no_longer_used_after_the_undoing(admin, signed_in):
    rows, no, desk = table(admin, "grid"), send_demand(), signed_in("dispatcher1")
    shape = rows[2][-1].replace("29.9985", "29.99")
    fresh = ["hb-09", "金桂社区第九网格", "hb-01", "", "", "whq-hb", "", shape]
    html = send(admin, "grid", workbook([rows[0], fresh, [*rows[2][:-1], shape], rows[3]]))
    assert ("新增1行，修改1行，取消0行" in html, "另有1行" in html) == (True, True)
    assert re.search(r'<del class="mut">…[^<]{,60}29\.9985\][^<]*…</del> <b>…[^<]{,60}29\.99\]', html)
    confirm(admin, html)
    assert table(admin, "grid", "xlsx") == [*rows[:2], [*rows[2][:-1], shape], *rows[3:], fresh]
    ask = {"cell": "hb-09", "kind": "verify", "words": "请看工地夜里是否还在施工"}
    assert desk.post(f"/dispatch/{no}/grid", data=ask).status_code == 303
    assert "恢复到导入之前" in undo(admin)
    assert table(admin, "grid") == rows
    patrol, tasks = (signed_in("grid1").get(path).text for path in ("/grid/patrol", "/grid"))
    assert ("第九网格" in patrol, "第九网格" in tasks) == (False, True)
    assert "没有可以办理此事的这个网格" in desk.post(f"/dispatch/{send_demand()}/grid", data=ask).text


def test_what_changed_since_the_look_is_looked_at_again(admin):
    rows = table(admin, "places")
    html = send(admin, "places", written([*rows, ["新建路", "road", "369001", "", "", "", ""]]))
    with transaction() as current:
        current.execute(PLACE_CHANGES, {"words": "改过", "name": rows[1][0]})
    before = versions()
    again = confirm(admin, html, 409)
    assert "预览之后，现行数据有了变化" in again
    assert "新增1行，修改1行" in again
    assert versions() == before
    confirm(admin, again)
    assert versions() == before + 1
    with transaction() as current:
        current.execute(PLACE_CHANGES, {"words": rows[1][3], "name": rows[1][0]})


def test_an_import_that_is_killed_half_way_leaves_nothing(admin, config):
    rows = table(admin, "duty-list")
    html = send(admin, "duty-list", written([row for row in rows if row[0] != "0101"]))
    before, stored = versions(), duty_rows()
    session().rollback()
    url = config.database_url
    with psycopg.connect(url, autocommit=True) as killer, psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE duty_row IN SHARE MODE")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(confirm(admin, html, 503)))
        thread.start()
        while not (found := killer.execute(WAITING).fetchall()):
            assert thread.is_alive()
        killer.execute("SELECT pg_terminate_backend(%s)", found[0])
        thread.join()
    assert "系统暂时无法保存" in answers[0]
    assert (versions(), duty_rows(), table(admin, "duty-list")) == (before, stored, rows)
    confirm(admin, html)
    assert versions() == before + 1


def zipped(**parts):
    """A zip file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return held.getvalue()


PLACE_HEAD = "name,kind,area,community,aliases\n"
DUTY_HEAD = "matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to\n"
DAY_HEAD = "day,kind,hours,source\n"
UNIT_HEAD = "code,name,short_name,kind,level,parent_code,area_code,phone,around_the_clock\n"
STAFF_HEAD = "username,name,role,department_code,phone\n"
GRID_HEAD = "网格代码,name,上级网格代码,area,community,单位代码,polygon\n"
DUTY = "0101,,,,cgj,,依据,2026-01-01,\n"


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("places", b"", "第一行应为列名"),
        ("places", PLACE_HEAD, "文件里没有内容"),
        ("places", "name,kind\n路,road\n", "缺少这一列"),
        ("places", PLACE_HEAD.replace("aliases", "名称"), "这一列出现了不止一次"),
        ("places", PLACE_HEAD + "=1+1,road,,,\n", "是公式"),
        ("places", PLACE_HEAD + "路\0,road,,,\n", "控制字符"),
        ("places", PLACE_HEAD + "路,road,,\n", "应有5列，实有4列"),
        ("places", PLACE_HEAD + "路" * 1001 + ",road,,,\n", "最多1000字"),
        ("places", b"\x81\xff\x00\xfe\xed" * 9, "编码无法识别"),
        ("places", b"\xd0\xcf\x11\xe0" + bytes(600), "旧版（xls）或加密"),
        ("places", b"PK\x03\x04 broken", "不是能读懂的xlsx文件"),
        ("places", zipped(xl__workbook="x"), "不是能读懂的xlsx文件"),
        ("places", zipped(xl__vbaProject="x"), "带宏的工作簿"),
        ("places", zipped(xl__sharedStrings=bytes(70 << 20)), "解压后过大"),
        ("places", workbook([["x"]], "甲", "乙"), "有多个工作表（Sheet1、甲、乙）"),
        ("places", workbook([["name", "kind", "area", "community", "aliases"], ["路", "=A1"]]), "是公式"),
        ("places", b"x" * (5 * 1024 * 1024 + 1), "不能超过5MB"),
        ("duty-list", DUTY_HEAD + DUTY.replace("0101", "101"), "是否丢了前面的0（0101）"),
        ("duty-list", DUTY_HEAD + DUTY.replace("cgj", "nobody"), "单位代码“nobody”不存在"),
        ("duty-list", DUTY_HEAD + DUTY.replace("2026-01-01", "2026-02-30"), "不是日期"),
        ("matters", "matter_code,name\n0101," + "长" * 41 + "\n", "最多40字"),
        ("limits", b"\xff\xd8\xff\xe0", "编码无法识别"),
        ("calendar", DAY_HEAD + "2026日,holiday,,通知\n", "不是日期"),
        ("calendar", DAY_HEAD + "10月1日,holiday,,通知\n", "缺少年份"),
        ("calendar", DAY_HEAD + "2028-10-02,holiday,,通知\n", "缺少2028年的 year 行"),
        ("departments", UNIT_HEAD + "a,甲,,bureau,2,b,,,\nb,乙,,bureau,2,a,,,\n", "绕回了本单位"),
        ("departments", UNIT_HEAD + "a,甲,,bureau,99,,,,\n", "不在允许的取值中"),
        ("departments", UNIT_HEAD + "a,甲,,bureau,2,,,1.99E+10,\n", "科学计数"),
        ("grid", GRID_HEAD + "x,甲,y,,,whq-hb,\ny,乙,x,,,whq-hb,\n", "上级网格“y”绕回了本网格"),
        ("grid", GRID_HEAD + "x,甲,,369001,,whq-hb,\n", "不是街道（9位）代码"),
        ("grid", GRID_HEAD + "x,甲,,,,whq-hb,{}\n", "第2行</td><td>边界</td><td>应为GeoJSON"),
        ("staff", STAFF_HEAD.replace("\n", ",password\n") + "neu,新,agent,rx,,secret\n", "不认识的列"),
        ("staff", STAFF_HEAD + "neu,新,system,rx,\n", "不在允许的取值中"),
        ("staff", STAFF_HEAD + "neu,新,callback_agent,rx,\nneu,新,handler,rx,\n", "不能兼任"),
        ("staff", STAFF_HEAD + "neu,新,agent,rx,\nneu,旧,dispatcher,rx,\n", "在前面写作“新”"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_with_its_line_and_column(admin, kind, content, sentence):
    html = send(admin, kind, content if isinstance(content, bytes) else content.encode(), 422)
    assert sentence in html
    assert session().execute(select(DataUpload)).all() == []


def test_only_administrators_come_in(signed_in):
    other = signed_in("supervisor1")
    assert [other.get(path).status_code for path in (PAGE, f"{PAGE}/staff/file")] == [403, 403]
    assert other.post(f"{PAGE}/staff").status_code == 403
