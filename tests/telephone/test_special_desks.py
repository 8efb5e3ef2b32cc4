"""Special desks: their own seats first, anybody later, and a caller passed on with the words told so far."""

from datetime import timedelta
from typing import Any

import pytest

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Call, Seat
from hotline.telephone import calls, pairing, seats
from tests.makers import PHONE, person, send_demand
from tests.telephone.desk_stage import DeskStage, until

pytestmark = pytest.mark.proof


def ready(*usernames: str) -> list[int]:
    """Agents sit down, one after the other."""
    sat = []
    for name in usernames:
        with transaction():
            agent = person(name)
            seats.beat(agent)
            seats.set_state(agent, "ready")
            sat.append(agent.id)
    return sat


def waiting(call_id: str, queue: str, seconds: int = 0) -> None:
    with transaction() as current:
        since = clock.now() - timedelta(seconds=seconds)
        no = send_demand()
        current.add(Call(call_id=call_id, ticket_no=no, state="queued", queue=queue, started_at=since, since=since))


def rung() -> dict[str, int]:
    """Pair; which seat each call rings now."""
    with transaction():
        pairing.assign()
        session().expire_all()
        return {one.call_id: one.staff_id for one in session().query(Seat).filter(Seat.state == "ringing")}


@pytest.mark.usefixtures("desk")
def test_a_desk_waits_for_its_own_seat_and_lets_others_help_later() -> None:
    special, plain = ready("agent3", "agent1")
    waiting("CA-general", "general")
    assert rung() == {"CA-general": plain}, "a general call spares the seat of the desk"
    waiting("CA-enterprise", "enterprise")
    assert rung()["CA-enterprise"] == special
    (late,) = ready("agent2")
    waiting("CA-second", "enterprise", seconds=25)
    waiting("CA-behind", "general", seconds=5)
    assert rung()["CA-behind"] == late, "who waits for a desk holds up nobody"
    assert "CA-second" not in rung()
    with transaction():
        seats.set_state(person("agent2"), "ready")
        call = pairing.lock_call("CA-behind")
        assert call is not None
        calls.hung_up(call, PHONE)
    assert "CA-second" not in rung()
    with transaction():
        session().get_one(Call, "CA-second").since -= timedelta(seconds=6)
    assert rung()["CA-second"] == late


@pytest.mark.usefixtures("desk")
def test_a_desk_without_anybody_keeps_nobody_waiting() -> None:
    waiting("CA-language", "languages")
    (anyone,) = ready("agent1")
    assert rung() == {"CA-language": anyone}


def test_key_1_leads_to_the_enterprise_desk_and_a_caller_is_passed_on(stage: DeskStage, signed_in: Any) -> None:
    special, plain = stage.sit("agent3"), stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(plain)
    until(lambda: (found := stage.call(call)) and found.bridged_at)
    browser = signed_in("agent1")
    no = stage.ticket(call).ticket_no
    told = {"ticket_no": str(no), "version": "0", "content": "公司的退税款还没有到账"}
    assert browser.post("/agent/draft", data=told).status_code == 200
    assert "转专席" in browser.get("/agent/call-bar").text
    refused = browser.post(f"/agent/calls/{call}/pass-on", data={"desk": "moon"}, headers={"HX-Request": "true"})
    assert "请选择专席。" in refused.text
    browser.post(f"/agent/calls/{call}/pass-on", data={"desk": "enterprise"})
    assert stage.seat(plain).state == "wrap_up"
    assert stage.pick_up(special) == call
    until(lambda: stage.call(call).bridged_at)
    page = signed_in("agent3").get("/agent").text
    assert "公司的退税款还没有到账" in page and "企业专席" in page
    other = stage.ring("+8613900000009")
    stage.do(other, "keys", digits="1")
    assert stage.until_call(other, "queued").queue == "enterprise"
    assert "企业专席<b>1</b>" in browser.get("/agent/queue").text


@pytest.mark.usefixtures("desk")
def test_a_number_an_enterprise_spoke_from_needs_no_key(signed_in: Any) -> None:
    (special,) = ready("agent3")
    send_demand(kind="enterprise", phone="+8613900000005")
    send_demand(phone="+8613900000006")
    for call_id, number in (("CA-known", "+8613900000005"), ("CA-person", "+8613900000006"), ("CA-none", "")):
        with transaction():
            calls.enqueue(calls.arrive(call_id), number, "general")
    with transaction():
        queues = {one.call_id: one.queue for one in session().query(Call)}
    assert queues == {"CA-known": "enterprise", "CA-person": "general", "CA-none": "general"}
    admin = signed_in("admin")
    assert admin.post(f"/admin/staff/{special}/skills", data={"skills": "moon"}, follow_redirects=True).text.count(
        "没有这个专席。"
    )
    admin.post(f"/admin/staff/{special}/skills", data={"skills": ["law", "enterprise"]})
    assert person("agent3").id == special and "checked" in admin.get("/admin/staff?q=agent3").text
