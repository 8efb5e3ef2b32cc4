"""Two demands in one message: the dispatcher sees both, and the machine dispatches neither."""

import re

from sqlalchemy import select

from hotline.database import session
from hotline.models import MachineGuess, Requester
from hotline.models.words import Confidentiality, State
from hotline.tickets.dispatch import SEVERAL
from hotline.tickets.find import shown_number
from hotline.tickets.identity import open_requester
from tests.journeys.front_door import do, entry, write
from tests.makers import ticket

NOISE = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着。"
WAGES = "另外，我在公司上班，公司拖欠三个月工资不发。"


def test_the_dispatcher_sees_both_demands_and_the_machine_dispatches_neither(web, signed_in):
    one, two = write(web, NOISE), write(web, NOISE + WAGES)
    assert (ticket(one).state, ticket(two).state) == (State.TO_SIGN, State.TO_DISPATCH)
    guess = session().execute(select(MachineGuess).where(MachineGuess.ticket_no == two)).scalar_one()
    assert guess.why == SEVERAL
    assert [part["matter"] for part in guess.parts] == ["0603", "0801"]
    page = signed_in("dispatcher1").get(f"/dispatch/{two}").text
    for words in (SEVERAL, "文中似有 2 件事", "建筑施工噪声", "拖欠工资", "人力资源和社会保障局"):
        assert words in page
    assert session().execute(select(MachineGuess.parts).where(MachineGuess.ticket_no == one)).scalar_one() == []


def test_the_dispatcher_makes_a_ticket_of_the_second_demand_once_and_for_the_same_person(web, signed_in):
    no = write(web, NOISE + WAGES, confidential="1")
    desk = signed_in("dispatcher1")
    offered = r">\n我在公司上班，公司拖欠三个月工资不发。?</textarea>"
    assert re.search(offered, desk.get(f"/dispatch/{no}").text)
    short = desk.post(f"/dispatch/{no}/split", data={"words": "工资"})
    assert (short.status_code, "至少5个字" in short.text) == (422, True)
    do(desk, f"/dispatch/{no}/split", words="我在公司上班，公司拖欠三个月工资不发。")
    other = entry(no, "amend").data["split_to"]
    assert (ticket(other).text, entry(other, "receive").data["split_from"]) == ("我在公司上班，公司拖欠三个月工资不发。", no)
    assert (ticket(other).state, ticket(other).confidentiality) == (State.TO_DISPATCH, Confidentiality.CONFIDENTIAL)
    assert ticket(other).place == ticket(no).place
    told = [open_requester(session().get_one(Requester, one)) for one in (no, other)]
    assert (told[0].name, told[0].phone) == (told[1].name, told[1].phone) == ("陈桂芳", told[0].phone)
    page = desk.get(f"/dispatch/{no}").text
    assert f"另立 {shown_number(other)}" in page and f"已另立 {shown_number(other)}" in page
    assert "本件只派余下的一件" in page and not re.search(offered, page)
    again = desk.post(f"/dispatch/{no}/split", data={"words": "我在公司上班，公司拖欠三个月工资不发。"})
    assert (again.status_code, "不必再立" in again.text) == (422, True)
    do(desk, f"/dispatch/{no}/dispatch", department="zjj", matter_code="0603", reason="夜间施工由住建部门查处")
    late = desk.post(f"/dispatch/{no}/split", data={"words": "路灯也不亮了，没有人来修"})
    assert late.status_code == 409


def test_a_place_read_wrong_is_put_right_and_the_route_follows_it(web, signed_in):
    no = write(web, "这里的情况一直没有人来看过，想请有关单位过来看看。", place="江北区滨江花园")
    assert ticket(no).place_name == "滨江花园"
    desk = signed_in("dispatcher1")
    same = desk.post(f"/dispatch/{no}/place", data={"place": "江北区滨江花园"})
    assert (same.status_code, "请写明正确的地点" in same.text) == (422, True)
    do(desk, f"/dispatch/{no}/place", place="望湖区湖滨街道金桂苑小区")
    assert (ticket(no).place_name, ticket(no).area_code) == ("金桂苑小区", "369001001")
    assert "地点由“江北区滨江花园”更正为“望湖区湖滨街道金桂苑小区”" in desk.get(f"/dispatch/{no}").text
    guesses = session().execute(select(MachineGuess).where(MachineGuess.ticket_no == no).order_by(MachineGuess.id))
    assert [one.content_version for one in guesses.scalars()] == [1, 2]
