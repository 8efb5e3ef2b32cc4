"""Who is old, ill, pregnant or a child goes before others of the same urgency; why is the hotline's to know alone."""

import re

from hotline.database import session, transaction
from hotline.models import Requester, Seat
from hotline.telephone import calls, seats
from tests.api.test_demands_api import client as client
from tests.api.test_demands_api import send as send_to_partner
from tests.journeys.front_door import VAGUE, do, write
from tests.makers import drain, person, ticket

FORM = {"content": VAGUE, "place": "金桂苑小区", "phone": "13800000003", "version": "0"}


def order(browser, *numbers):
    """The tickets as the dispatcher's list has them."""
    shown = re.findall(r'href="/dispatch/(\d{16})"', browser.get("/dispatch?tab=to_dispatch").text)
    return [int(no) for no in dict.fromkeys(shown) if int(no) in numbers]


def test_the_vulnerable_come_first_at_every_door_and_the_department_never_learns_why(web, client, signed_in):
    plain = write(web, VAGUE, form_key="plain", phone="13800000001")
    old = write(web, VAGUE, form_key="old", phone="13800000002", caller_label="elderly", emergency_seen="")
    agent, desk = signed_in("agent1"), signed_in("dispatcher1")
    do(agent, "/agent/register", **FORM, caller_label="pregnant")
    sent = send_to_partner(client, {"content": VAGUE, "caller_label": "minor"}, key="minor")
    drain()
    child = int(sent.json["ticket_no"])
    assert send_to_partner(client, {"content": VAGUE, "caller_label": "rich"}, key="rich").status_code == 422
    assert order(desk, plain, old, child) == [old, child, plain]
    assert session().get_one(Requester, old).labels == ["elderly"]
    do(desk, f"/dispatch/{old}/dispatch", department="zjj", matter_code="0101", reason="请现场查看", urgency="urgent")
    assert (ticket(old).urgency.value, ticket(old).priority) == ("urgent", 1)
    assert "老年人" in desk.get(f"/dispatch/{old}").text
    shown = signed_in("zjj_handler").get(f"/department/{old}").text
    assert "优先" in shown and "老年人" not in shown


def test_a_call_of_a_number_known_as_vulnerable_is_answered_before_those_who_wait_longer(web, signed_in):
    write(web, VAGUE, phone="13800000002", caller_label="elderly")
    agent = person("agent1")
    with transaction():
        seats.beat(agent)
        seats.set_state(agent, "busy")
        for call, number in (("CA1", "13800000001"), ("CA2", "13800000002"), ("CA3", "13800000003")):
            calls.enqueue(calls.arrive(call), number, "general")
    with transaction():
        seats.set_state(agent, "ready")
    assert session().get_one(Seat, agent.id, populate_existing=True).call_id == "CA2"
