"""The row of the duty list that a dispatcher's choice is checked with is the one the machine would use, and the unit
reads why."""

from datetime import UTC, datetime

import pytest

from hotline.database import transaction
from hotline.models.words import Confidentiality
from hotline.tickets.by_hand import duty_row_for, explained_choice
from hotline.tickets.dispatch import find_routes, route_words
from hotline.tickets.rulebook import rules
from hotline.web.agent_shown import suggestions
from routing.case import MatterGuess
from tests.journeys.front_door import VAGUE, do, entry, login_of
from tests.journeys.test_return_and_redispatch import ASK
from tests.makers import drain, send_demand, ticket

pytestmark = pytest.mark.usefixtures("desk")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["金桂苑工地夜里十一点还在打桩，吵得睡不着。", "金桂苑工地夜裡十一點還在打樁，吵得睡不著。"])
def test_an_hour_told_in_the_text_counts_for_people_as_for_the_machine(text):
    no = send_demand(text)
    drain()
    with transaction():
        ticket(no).received_at = NOON
    best = find_routes(ticket(no), (MatterGuess("0603", 1.0),))[0]

    found = duty_row_for(ticket(no), "whq-cg", "0603")
    assert best.lead == "whq-cg"
    assert found == best.row
    assert found.time == "22:00-06:00"


@pytest.mark.parametrize(
    ("place", "text", "area", "words"),
    [
        ("望湖区", "江北区滨江花园旁边被小贩占了，摆摊的把路都堵了。", "369001", "望湖区"),
        ("望湖区", "金桂苑小区门口被小贩占了，摆摊的把路都堵了。", "369001001", "金桂苑小区"),
        ("", "江北区滨江花园旁边被小贩占了，摆摊的把路都堵了。", "369002001", "滨江花园"),
    ],
)
def test_machine_ticket_agent_and_dispatcher_are_at_the_same_place(place, text, area, words):
    no = send_demand(text, place=place)
    drain()
    best = find_routes(ticket(no), (MatterGuess("0101", 1.0),))[0]

    assert (ticket(no).area_code, best.area) == (area, area)
    assert duty_row_for(ticket(no), best.lead, "0101") == best.row
    assert suggestions({"place": place, "content": text}, None, 0)["fills"][0][1].endswith(words)


def test_the_unit_reads_why_a_person_sent_it_there(signed_in):
    no = send_demand(VAGUE)
    drain()
    row = best_row(no)
    chosen = {"department": row.lead, "matter_code": "0603", "helping": [*row.co_units]}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **chosen)
    page = signed_in(login_of(no)).get(f"/department/{no}").text

    helps = [(one.lead, route_words(one)["helps"]) for one in find_routes(ticket(no), (MatterGuess("0603", 1.0),))]
    assert helps == [(row.lead, False), *((unit, True) for unit in row.co_units)]
    assert entry(no, "add_co_unit").data["department"] == rules().departments[row.co_units[0]]
    assert "人工派单，事项“建筑施工噪声”；地点“金桂苑小区”属望湖区湖滨街道；" in page
    assert "人工派单，事项“建筑施工噪声”；" in signed_in("supervisor1").get(f"/dispatch/{no}").text
    assert f"按确责清单第{row.id}行（建筑施工噪声，全市）由“江州市住房和城乡建设局”主办" in page
    do(signed_in(login_of(no)), f"/department/{no}/return", **ASK)
    asked = entry(no, "ask_return").data["asked"]
    onward = {"decision": "granted", "department": "rsj", "words": "王某某称应改派"}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{asked}", **onward)
    page = signed_in("rsj_handler").get(f"/department/{no}").text
    assert "人工派单，事项“建筑施工噪声”，确责清单中没有由该单位主办的条目。说明：王某某称应改派" in page


def best_row(no):
    """The row for a building site's noise there, at noon."""
    with transaction():
        ticket(no).received_at = NOON
    return find_routes(ticket(no), (MatterGuess("0603", 1.0),))[0].row


def test_a_protected_case_tells_no_unit_its_place_again(signed_in):
    no = send_demand(VAGUE, confidentiality=Confidentiality.CONFIDENTIAL)
    drain()
    row = duty_row_for(ticket(no), "whq-cg", "0101")
    told = explained_choice(ticket(no), "0101", row)

    assert told.startswith(f"人工派单，事项“占道经营”；按确责清单第{row.id}行（占道经营，望湖区）由“")
    assert "金桂苑" not in told
    chosen = {"department": "whq-cg", "matter_code": "0101", "reason": "请注意方式方法"}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **chosen)
    assert signed_in(login_of(no)).get(f"/department/{no}").text.count("请注意方式方法") == 1, "not in the journal"
    assert "请注意方式方法" in signed_in("supervisor1").get(f"/dispatch/{no}").text
