"""A unit asks the street's grid to look; its worker reports with a photo; what a patrol finds becomes a ticket."""

import io
import json
import re
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import select

from hotline.city_rules.unit_table import what_needs
from hotline.database import session, transaction
from hotline.errors import BadInput, Forbidden
from hotline.importing import read_file
from hotline.models import Attachment, Department, GridCell, GridTask, Ticket
from hotline.models.words import ENDED, Confidentiality, Role, Source, State, Step
from hotline.tickets import ending
from hotline.tickets.find import shown_number
from hotline.tickets.grid import GridForm, GridReport, ask_grid, near_cells, report_grid
from hotline.tickets.lifecycle import Actor, take_step
from hotline.tickets.moves import MOVES
from hotline.web.grid_shown import grid_page
from hotline.web.sign_in import topics_for
from tests.journeys.front_door import do, entry, login_of, steps, write
from tests.makers import person, send_demand, ticket
from tests.web.prepared_tickets import prepare, unit_id

ASKED = {"cell": "hb-01", "kind": "verify", "words": "请看金桂苑东侧工地夜里是否还在施工，陈桂芳在家"}
SEEN = {"result": "confirmed", "words": "晚上十一点工地仍在浇筑，已拍照", "gps": "24.1021，118.1033"}


def photo():
    """A picture that tells where it was taken."""
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x010E] = "金桂苑3栋"
    Image.new("RGB", (40, 30), "red").save(written, "JPEG", exif=exif)
    written.seek(0)
    return written, "现场.jpg"


def task_of(no):
    """The newest task of a ticket."""
    query = select(GridTask).where(GridTask.ticket_no == no).order_by(GridTask.id.desc())
    return session().execute(query.limit(1).execution_options(populate_existing=True)).scalar_one()


def links(browser):
    """The tasks on a worker's list."""
    return re.findall(r'class="title" href="(/grid/tasks/\d+)"', browser.get("/grid").text)


def test_a_unit_asks_the_grid_and_reads_its_report_with_a_clean_photo(web, signed_in):
    no = write(web)
    if ticket(no).state is State.TO_DISPATCH:
        form = {"department": "zjj", "matter_code": "0603", "reason": "请现场查看"}
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **form)
    unit, worker, stranger = signed_in(login_of(no)), signed_in("grid1"), signed_in("grid2")
    here = f"/department/{no}"
    page = unit.get(f"{here}/grid").text
    assert ('value="hb-01"' in page, "hb-01 金桂社区第一网格（地点在该网格内）" in page) == (True, True)
    wrong = unit.post(f"{here}/grid", data=ASKED | {"cell": "没有", "kind": "patrol"})
    assert (wrong.status_code, "网格代码" in wrong.text, "请看金桂苑" in wrong.text) == (422, True, True)
    do(unit, f"{here}/grid", **ASKED)
    assert unit.post(f"{here}/grid", data=ASKED).status_code == 422, "one task at a time for a cell"
    task = task_of(no)
    assert "陈桂芳" not in task.words
    assert (task.due_at > task.asked_at, task.done_at, steps(no)[-1]) == (True, None, "ask_grid")

    assert (links(worker), links(stranger)) == ([f"/grid/tasks/{task.id}"], [])
    assert {stranger.get(links(worker)[0]).status_code, stranger.post(links(worker)[0], data=SEEN).status_code} == {404}
    page, state = worker.get(links(worker)[0]).text, ticket(no).state
    assert "工地" in page
    assert page.count('data-mark="程巡安') == 24, "a picture of the screen tells who took it"
    assert not re.search("陈桂芳|13812345678", page)
    refused = worker.post(links(worker)[0], data=SEEN | {"result": "overtaken", "gps": "城东"})
    assert (refused.status_code, SEEN["words"] in refused.text, "请选择结果" in refused.text) == (422, True, True)
    do(worker, links(worker)[0], **SEEN, photos=photo())
    assert (links(worker), ticket(no).state, steps(no)[-1]) == ([], state, "report_grid")
    assert task_of(no).gps == {"lat": 24.1021, "lng": 118.1033}
    assert entry(no, Step.REPORT_GRID).actor_role == "grid_worker"
    again = worker.post(f"/grid/tasks/{task.id}", data=SEEN | {"words": "再看一次还在施工"})
    assert (again.status_code, "再看一次还在施工" in again.text) == (409, True)

    kept = session().execute(select(Attachment).where(Attachment.ticket_no == no)).scalar_one()
    assert f'hx-get="{here}/grid"' in unit.get(here).text
    shown = unit.get(f"{here}/grid", headers={"HX-Request": "true"}).text
    assert all(words in shown for words in ("情况属实", SEEN["words"], f"/tickets/{no}/files/{kept.id}"))
    with Image.open(io.BytesIO(unit.get(f"/tickets/{no}/files/{kept.id}").data)) as clean:
        assert not clean.getexif()
    assert unit.get(here).text.count(shown_number(no) + '"></span>') == 24, "and of which ticket"


def test_what_a_patrol_finds_is_a_ticket_nobody_complained_of_and_the_rest_is_only_kept(signed_in):
    worker = signed_in("grid1")
    found = SEEN | {"cell": "hb-02", "place": "望湖区湖滨路12号", "form_key": "patrol-7", "words": "井盖破损下陷，行人易踩空"}
    assert worker.post("/grid/patrol", data=found | {"place": ""}).status_code == 422
    assert worker.post("/grid/patrol", data=found | {"cell": "qt-01"}).status_code == 422, "another street's cell"
    for _ in range(2):
        do(worker, "/grid/patrol", **found, photos=photo())
    no = session().execute(select(Ticket.ticket_no)).scalar_one()
    assert (ticket(no).source, task_of(no).kind, len(task_of(no).photos)) == (Source.PROACTIVE, "patrol", 1)
    assert "日常巡查" in signed_in("dispatcher1").get(f"/dispatch/{no}/grid").text
    do(worker, "/grid/patrol", **(found | {"result": "not_there", "words": "沿街巡查一遍，未见异常"}))
    assert session().execute(select(GridTask.ticket_no).order_by(GridTask.id)).scalars().all() == [no, None]
    assert links(worker) == []


def test_a_grid_worker_takes_no_other_step_and_reads_no_ticket(signed_in):
    assert [step for step, move in MOVES.items() if Role.GRID_WORKER in move.who] == [Step.REPORT_GRID]
    no, grid1 = prepare("handling"), person("grid1")
    actor = Actor("staff", Role.GRID_WORKER, grid1.id, grid1.posts[0].department_id)
    for step in sorted({step for step, move in MOVES.items() if ticket(no).state in move.start} - {Step.REPORT_GRID}):
        with pytest.raises(Forbidden), transaction():
            take_step(ticket(no), step, actor)
    worker = signed_in("grid1")
    for path in (f"/department/{no}", f"/dispatch/{no}", f"/tickets/{no}/files/1"):
        assert worker.get(path).status_code == 403


def test_the_accused_street_is_not_asked_and_a_protected_case_keeps_its_words_back(signed_in):
    no = send_demand(confidentiality=Confidentiality.CONFIDENTIAL)
    with transaction():
        ticket(no).respondent_department_id = unit_id("whq")
    form = GridForm(**ASKED)
    with pytest.raises(BadInput) as refusal, transaction():
        ask_grid(ticket(no), person("dispatcher1"), form)
    assert [*refusal.value.fields] == ["cell"]
    with transaction():
        ticket(no).respondent_department_id = None
    street = f"grid:{unit_id('whq-hb')}"
    with transaction() as current:
        task = ask_grid(ticket(no), person("dispatcher1"), replace(form, cell="hb-02"))
        assert street in current.info["topics"]
    with transaction() as current:
        report_grid(task, person("grid1"), GridReport("现场无人施工", "not_there"))
        assert street in current.info["topics"]
    with transaction():
        ask_grid(ticket(no), person("dispatcher1"), form)
    near = {who: grid_page(ticket(no), person(who), may_ask=True)["near"] for who in ("zjj_handler", "gdgs_handler")}
    assert (near["zjj_handler"][0][0], near["gdgs_handler"]) == ("hb-01", []), "a company learns no place"
    worker = signed_in("grid1")
    assert f'data-topics="{street}" data-refresh="/grid"' in worker.get("/grid").text
    assert (street in topics_for(person("grid1")), street in topics_for(person("grid2"))) == (True, False)
    part = worker.get("/grid", headers={"HX-Request": "true"}).text
    assert ("<html" in part, links(worker)[0] in part) == (False, True)
    page = worker.get(links(worker)[0]).text
    assert ("保密件" in page, "浇筑混凝土" in page) == (True, False)
    with transaction():
        ticket(no).respondent_department_id = unit_id("whq")
    assert links(worker) == []
    with transaction() as current:
        ending.withdraw(ticket(no))
        assert street in current.info["topics"], "what is over leaves the list"
    assert (ticket(no).state in ENDED, task_of(no).result) == (True, "overtaken")


@pytest.mark.parametrize(
    ("place", "cells"),
    [
        ("湖滨街道湖景名苑2栋", ["hb-02地点在该网格内", "hb地点在该网格内", "hb-01同一社区"]),
        ("湖滨街道金桂社区", ["hb-01同一社区", "hb-02同一社区", "hb同一街道"]),
        ("望湖公园", ["hb同一街道", "hb-01同一街道", "hb-02同一街道"]),
        ("竹园村", ["qs-01同一街道"]),
        ("江北区滨江花园", ["qt-01同一社区", "qt同一街道"]),
        ("滨江花园", []),
        ("望湖区湖滨路", []),
    ],
)
def test_the_cell_that_holds_the_place_comes_first_and_a_place_that_is_not_known_has_none(desk, place, cells):
    kept = dict(session().execute(select(GridCell.code, GridCell)).all())
    kept["hb"].polygon = json.loads(json.dumps(kept["hb-02"].polygon).replace("30.0015", "29.99"))
    kept["xy-01"].community = "金桂社区"
    assert [one.cell.code + one.why for one in near_cells(place)] == cells
    session().rollback()


def test_a_faulty_table_of_cells_is_refused_with_its_lines_and_a_street_with_cells_stays(desk, tmp_path):
    table = tmp_path / "grid.csv"
    head = "code,name,parent_code,area,community,department_code,polygon\n"
    table.write_text(head + "hb-01,金桂一,hb,,,nobody,\nhb-09,金桂九,hb,,,whq-hb,{}\n")
    with pytest.raises(BadInput, match=r"第2行“department_code”列.*\n第3行“polygon”列"), transaction():
        read_file("grid", table)
    assert "有网格" in what_needs(session().get_one(Department, unit_id("whq-hb")))
    assert "有网格" not in what_needs(session().get_one(Department, unit_id("zjj")))
