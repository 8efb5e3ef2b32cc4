"""Near-duplicates are found when texts are read: by spot and distance, days, words and matter, within bounds."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.background import likeness
from hotline.database import session, transaction
from hotline.models import Likeness
from hotline.tickets.rulebook import rules
from routing.places import Gazetteer, GazetteerRow
from tests.makers import drain, send_demand, ticket
from tests.web.counting import statements

pytestmark = [pytest.mark.usefixtures("desk"), pytest.mark.database]
PLAIN = "东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
LAMPS = "门口的路灯坏了好几天，晚上一片漆黑，走路很不方便，请尽快派人来修好。"
A_METRE = 1 / 111_195  # degrees of latitude


def found(no: int) -> dict[int, Likeness]:
    """What the ticket is like."""
    query = select(Likeness).where(Likeness.later_no == no).execution_options(populate_existing=True)
    return {one.earlier_no: one for one in session().execute(query).scalars()}


def send(text: str, place: str, phone: str) -> int:
    """A message that is read at once."""
    no = send_demand(text, place=place, phone=phone)
    drain()
    return no


def test_the_same_told_nearby_is_found_with_its_reasons_and_shown(signed_in):
    here = send(PLAIN, "金桂苑小区", "+8613800000001")
    far, other = send(PLAIN, "塔山佳园", "+8613800000002"), send(LAMPS, "金桂苑小区", "+8613800000003")
    nobody_knows = send(PLAIN, "某处", "+8613800000004")
    near = send(PLAIN + "请尽快。", "湖景名苑", "+8613800000005")
    like = found(near)
    assert set(like) == {here}
    assert 250 < like[here].metres < 400
    assert like[here].score > likeness.NEARLY_THE_SAME
    assert like[here].same_matter
    assert found(far) == found(other) == found(nobody_knows) == {}
    browser = signed_in("dispatcher1")
    for one, another in ((near, here), (here, near)):
        page = browser.get(f"/dispatch/{one}").text
        assert f"/dispatch/{another}" in page
        assert f"相距约{like[here].metres}米、文字{like[here].score:.0%}相同、同一事项" in page
    with time_machine.travel(clock.now() + timedelta(days=9), tick=True):
        assert found(send(PLAIN, "金桂苑小区", "+8613800000006")) == {}


def test_the_work_for_a_ticket_is_bounded_and_goes_by_the_index(monkeypatch):
    monkeypatch.setattr(likeness, "OF_A_SPOT", 3)
    monkeypatch.setattr(likeness, "KEPT", 2)
    *_, last = [send(f"{PLAIN}{n}", "金桂苑小区", f"+861380000001{n}") for n in range(5)]
    assert len(found(last)) == 2
    assert len(likeness.candidates(ticket(last), ["金桂苑小区"])) == 3
    with transaction(), statements() as sent:
        likeness.note_likeness(ticket(last))
    assert len(sent) <= 5
    with transaction() as current:
        current.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = current.connection().exec_driver_sql(
            "EXPLAIN SELECT ticket_no FROM ticket WHERE place_name = '金桂苑小区' AND place_name <> ''"
        ).scalars()
        assert "ix_ticket_place_name" in "\n".join(plan)


@pytest.mark.parametrize(("metres", "near"), [(499, True), (501, False)])
def test_five_hundred_metres_are_near_and_one_more_is_not(metres, near):
    rows = [
        GazetteerRow("甲苑", "estate", "369001001", latitude=30.0, longitude=125.0),
        GazetteerRow("乙苑", "estate", "369001002", latitude=30.0 + metres * A_METRE, longitude=125.0),
        GazetteerRow("丙苑", "estate", "369001002"),
        GazetteerRow("丁区", "district", "369001", latitude=30.0, longitude=125.0),
    ]
    around = Gazetteer(tuple(rows)).near("甲苑", "369001001", rules().settings["alike_metres"])
    assert around == ({"甲苑": 0, "乙苑": metres} if near else {"甲苑": 0})
