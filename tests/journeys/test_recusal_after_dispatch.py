"""The unit that holds a ticket turns out to be the one complained of: it loses it and all sight of it at once."""

import pytest
from sqlalchemy import select

from hotline.background.drain import drain_lane
from hotline.database import session
from hotline.models import Message
from tests.journeys.front_door import VAGUE, do, entry, running, steps, work, write
from tests.makers import drain, ticket
from tests.web.prepared_tickets import unit_id

pytestmark = pytest.mark.proof

FILLED = {"matter_code": "0101", "reason": "经电话核实，请现场查看情况"}
TOLD = {"words": "诉求人来电说明反映的正是该单位"}
UP = "建议改派其上一级单位"


def sees(browser, no):
    """What this browser gets of the ticket: its page, its journal, its lists, its search."""
    listed = [tab for tab in ("to_sign", "handling", "replied", "helping")
              if f"/department/{no}" in browser.get(f"/department?tab={tab}").text]  # fmt: skip
    page, live = browser.get(f"/department/{no}"), browser.get(f"/department/{no}", headers={"HX-Request": "true"})
    found = browser.get(f"/department/find?q={no}").location
    return (page.status_code, live.status_code, listed, str(no) in found)


NOTHING = (404, 404, [], False)


def test_a_unit_named_after_dispatch_loses_the_ticket_and_the_unit_above_gets_it(web, signed_in, messages):
    no = write(web, VAGUE)
    desk, unit, above = signed_in("dispatcher1"), signed_in("whq_cg_handler"), signed_in("whq_handler")
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="whq-cg", co_departments="hbj")
    do(unit, f"/department/{no}/sign")
    assert sees(unit, no) == (200, 200, ["handling"], True)
    short = desk.post(f"/dispatch/{no}/respondent", data={"respondent": "whq-cg", "words": "是它"})
    assert (short.status_code, "请写明如何得知" in short.text) == (422, True)
    assert signed_in("whq_cg_lead").post(f"/dispatch/{no}/respondent", data=TOLD).status_code == 403
    do(signed_in("agent1"), f"/agent/tickets/{no}/urge", words="请快一点")  # a message to the unit, sent already
    before = [one for one in messages.sent if one[1] == "department_urged"]
    do(desk, f"/dispatch/{no}/respondent", respondent="whq-cg", **TOLD)
    assert sees(unit, no) == NOTHING
    assert unit.post(f"/department/{no}/reply", data={}).status_code == 404
    assert ticket(no).department_id == unit_id("whq")
    assert steps(no)[-3:] == ["set_respondent", "recuse", "dispatch"]
    assert entry(no, "recuse").actor_kind == "system"
    assert sees(above, no)[0] == 200
    assert running(no) == {"sign", "contact", "return", "handle"}
    assert len(before) == 1
    again = desk.post(f"/dispatch/{no}/respondent", data={"respondent": "whq-cg", **TOLD})
    assert (again.status_code, "承办单位也无须回避" in again.text) == (409, True)
    work(signed_in, no)


def test_what_waits_to_be_sent_is_not_sent_to_the_accused_and_a_report_waits_for_the_dispatcher(
    web, signed_in, messages
):
    no = write(web, VAGUE, request_type="report")
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="whq-cg")
    sent = len(messages.sent)
    assert signed_in("agent1").post(f"/agent/tickets/{no}/urge", data={"words": "请快一点"}).status_code == 303
    drain_lane("desk")  # its message is written but not sent
    do(desk, f"/dispatch/{no}/respondent", respondent="whq", **TOLD)
    drain()
    assert len(messages.sent) == sent
    waited = select(Message.state).where(Message.ticket_no == no, Message.template == "department_urged")
    assert session().execute(waited).scalar() == "refused"
    assert (ticket(no).state.value, ticket(no).department_id) == ("to_dispatch", None)
    assert sees(signed_in("whq_cg_handler"), no) == NOTHING
    page = desk.get(f"/dispatch/{no}").text
    assert "其上级没有承办人员" in page and UP not in page
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="hbj", respondent="whq-cg")
    assert sees(signed_in("hbj_handler"), no)[0] == 200


def test_what_is_sensitive_is_not_sent_up_by_the_machine(web, signed_in):
    no = write(web, VAGUE + "我已经联系了电视台的记者。")
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="whq-cg")
    do(desk, f"/dispatch/{no}/respondent", respondent="whq-cg", **TOLD)
    assert (ticket(no).tags, ticket(no).state.value) == (["sensitive:media"], "to_dispatch")


def test_an_accused_helping_unit_goes_alone_and_a_reply_under_check_goes_with_its_unit(web, signed_in):
    no = write(web, VAGUE)
    desk, helping = signed_in("dispatcher1"), signed_in("whq_cg_handler")
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="hbj", co_departments="whq-cg")
    do(desk, f"/dispatch/{no}/respondent", respondent="whq", **TOLD)
    assert (ticket(no).state.value, ticket(no).department_id) == ("to_sign", unit_id("hbj"))
    assert (steps(no)[-1], entry(no, "recuse").department_id) == ("recuse", unit_id("whq-cg"))
    assert sees(helping, no) == NOTHING
    work(signed_in, no)
    do(desk, f"/dispatch/{no}/respondent", respondent="hbj", **TOLD)
    assert (ticket(no).state.value, running(no)) == ("to_dispatch", {"dispatch"})
    assert sees(signed_in("hbj_handler"), no) == NOTHING


def test_the_hotline_makes_a_ticket_stricter_and_only_the_supervisor_makes_it_looser(web, signed_in):
    no = write(web, VAGUE)
    desk, why = signed_in("dispatcher1"), {"words": "诉求人担心被打击报复"}
    do(desk, f"/dispatch/{no}/dispatch", **FILLED, department="hbj")
    unit = signed_in("hbj_handler")
    assert f"/tickets/{no}/identity" in unit.get(f"/department/{no}").text
    for path in (f"/dispatch/{no}/confidentiality", f"/agent/tickets/{no}/conceal"):
        assert unit.post(path, data=why | {"level": "confidential"}).status_code == 403
    do(signed_in("agent1"), f"/agent/tickets/{no}/conceal", **why)
    assert ticket(no).confidentiality == "confidential"
    assert f"/tickets/{no}/identity" not in unit.get(f"/department/{no}").text
    do(desk, f"/dispatch/{no}/confidentiality", level="report_protected", **why)
    assert desk.post(f"/dispatch/{no}/confidentiality", data=why | {"level": "open"}).status_code == 403
    wrong = desk.post(f"/dispatch/{no}/confidentiality", data=why | {"level": "anonymous"})
    assert (wrong.status_code, why["words"] in wrong.text) == (422, True)
    do(signed_in("supervisor1"), f"/dispatch/{no}/confidentiality", level="open", **why)
    last = entry(no, "set_confidentiality")
    assert (last.data["former"], last.data["level"], last.actor_role) == ("report_protected", "open", "supervisor")
    assert f"/tickets/{no}/identity" in unit.get(f"/department/{no}").text
