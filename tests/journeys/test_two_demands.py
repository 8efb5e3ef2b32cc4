"""Two demands in one message: the dispatcher sees both, and the machine dispatches neither."""

from sqlalchemy import select

from hotline.database import session
from hotline.models import MachineGuess
from hotline.models.words import State
from hotline.tickets.dispatch import SEVERAL
from tests.journeys.front_door import write
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
