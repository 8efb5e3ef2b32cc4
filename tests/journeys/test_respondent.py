"""The unit complained of: who takes the demand or dispatches it says which, and it never gets near the ticket (I7)."""

from hotline.database import session, transaction
from hotline.models import Ticket
from hotline.models.words import State
from tests.journeys.front_door import VAGUE, do, entry, write
from tests.makers import drain, ticket
from tests.web.prepared_tickets import unit_id
from tests.web.test_agent_console import FORM, opened, saved, suggested

SEALED = "该单位是被反映单位，须回避"
FILLED = {"matter_code": "0101", "reason": "经电话核实，请现场查看情况"}


def test_neither_the_unit_complained_of_nor_one_under_it_gets_or_sees_the_ticket(web, signed_in):
    no, plain = write(web, VAGUE), write(web, VAGUE, form_key="another")
    desk = signed_in("dispatcher1")
    form = FILLED | {"respondent": "whq"}
    for accused in ({"department": "whq"}, {"department": "whq-cg"}, {"department": "scj", "co_departments": "whq-cg"}):
        refused = desk.post(f"/dispatch/{no}/dispatch", data=form | accused)
        assert (refused.status_code, SEALED in refused.text) == (422, True)
        assert '<option value="whq" selected>' in refused.text
        assert ticket(no).respondent_department_id is None
    do(desk, f"/dispatch/{no}/dispatch", **form, department="jzs", co_departments="hbj")
    do(desk, f"/dispatch/{plain}/dispatch", **FILLED, department="jzs", co_departments="whq-cg")
    assert ticket(no).respondent_department_id == unit_id("whq")
    assert entry(no, "set_respondent").data["respondent"] == unit_id("whq")
    above, accused = signed_in("hbj_handler"), signed_in("whq_cg_handler")
    assert above.get(f"/department/{no}").status_code == 200
    with transaction():
        session().get_one(Ticket, plain, populate_existing=True).respondent_department_id = unit_id("whq")
    assert accused.get(f"/department/{plain}").status_code == 404
    assert f"/department/{plain}" not in accused.get("/department?tab=helping").text
    assert f"/department/{no}" in above.get("/department?tab=helping").text


def test_what_an_agent_writes_of_the_unit_complained_of_keeps_the_machine_from_sending_it_there(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    saved(browser, no)
    best = suggested(no)
    plain = {**FORM, **best, "ticket_no": opened(browser)}
    assert browser.post("/agent/register", data=plain).status_code == 303
    assert ticket(plain["ticket_no"]).state is State.TO_SIGN
    form = {**FORM, **best, "ticket_no": no, "version": 1, "respondent": best["department"]}
    assert browser.post("/agent/register", data=form | {"respondent": "nobody"}).status_code == 422
    assert browser.post("/agent/register", data=form).status_code == 303
    drain()
    assert ticket(no).state is State.TO_DISPATCH
    assert ticket(no).respondent_department_id == unit_id(best["department"])
    page = signed_in("dispatcher1").get(f"/dispatch/{no}").text
    assert page.count(f'<option value="{best["department"]}" selected>') == 1
