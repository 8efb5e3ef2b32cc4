"""The agent's console: the form saves itself, is registered, answered or transferred; nothing is lost."""

import re

import pytest
from sqlalchemy import event, func, select

from hotline.background.searching import ANSWERS
from hotline.database import db, session, transaction
from hotline.models import (
    AccessLog,
    Draft,
    JournalEntry,
    Reply,
    Requester,
    Seat,
)
from hotline.models.words import Source, State, Step
from hotline.telephone import seats
from hotline.tickets import draft
from hotline.tickets.demand import Demand
from hotline.tickets.identity import open_requester
from hotline.tickets.lifecycle import SYSTEM, Detail, take_step
from hotline.tickets.receive import intake_data, new_ticket, next_ticket_no
from tests.entry_makers import published
from tests.fresh_browser import signed_in_as
from tests.makers import PHONE, PLACE, PLAIN, drain, person, send_demand, ticket

FORM = {
    "content": PLAIN, "place": PLACE, "name": "陈桂芳", "phone": "138 1234 5678", "request_type": "complaint",
    "urgency": "normal",
}  # fmt: skip
DANGER = "金桂苑小区3栋楼道着火了，浓烟很大，有老人困在里面。"


def opened(browser) -> int:
    """The number of a fresh draft."""
    sent = browser.post("/agent/drafts")
    assert sent.status_code == 303
    return int(re.search(r"draft=(\d+)", sent.location)[1])


def saved(browser, no: int, version: int = 0, **changes: str):
    return browser.post("/agent/draft", data={**FORM, "ticket_no": no, "version": version, **changes})


def from_phone(number: str = PHONE) -> int:
    """A draft that a call began."""
    with transaction():
        row = new_ticket(next_ticket_no(), Demand(Source.PHONE, text="", title="来电", calling=number))
        row.state = State.DRAFT
        take_step(row, Step.BEGIN_DRAFT, SYSTEM, Detail(data=intake_data(row)))
    return row.ticket_no


def suggested(no: int) -> dict[str, str]:
    """The first suggestion, thought by the worker's own function."""
    best = ANSWERS["departments"](str(no))["departments"][0]
    assert best["duty_row"]
    return {"department": best["department"], "matter_code": best["matter"]}


@pytest.fixture
def signed_in(desk):
    """Browsers side by side, each signed in by itself."""
    return lambda username: signed_in_as(desk, username)


@pytest.fixture
def statements(signed_in):
    """Every statement sent to the database."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    assert signed_in
    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("username", ["zjj_handler", "callback1", "kbeditor", "admin"])
def test_nobody_but_agents_enters_the_console(signed_in, username):
    browser = signed_in(username)
    assert browser.get("/agent").status_code == 403
    assert browser.post("/agent/drafts").status_code == 403


def test_the_console_without_a_draft_offers_a_blank_form_and_the_first_saving_opens_one(signed_in):
    browser = signed_in("agent1")
    page = browser.get("/agent")
    assert page.status_code == 200
    assert "没有来电" in page.text
    kept = saved(browser, 0).json
    assert ticket(int(kept["ticket_no"])).state is State.DRAFT
    assert kept["version"] == 1


def test_a_draft_is_sealed_on_the_server_and_stands_there_at_the_next_sign_in(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    assert saved(browser, no).status_code == 200
    sealed = session().get_one(Draft, no).form_sealed
    assert PLACE.encode() not in sealed
    assert "陈桂芳" not in ticket(no).text
    page = signed_in("agent1").get("/agent").text
    assert PLAIN in page
    assert "陈桂芳" in page


def test_an_older_version_gets_both_sides_field_by_field_and_the_same_words_no_conflict(signed_in):
    mine, theirs = signed_in("agent1"), signed_in("agent2")
    no = opened(mine)
    assert saved(mine, no).json["version"] == 1
    assert saved(theirs, no, version=1, place="望江区学府路").status_code == 200
    refused = saved(mine, no, version=1, name="陈桂兰")
    assert refused.status_code == 409
    assert refused.json["mine"] == {"place": PLACE, "name": "陈桂兰"}
    assert refused.json["theirs"] == {"place": "望江区学府路", "name": "陈桂芳"}
    assert "选择" in refused.json["sentence"]
    assert draft.load_draft(no).form["place"] == "望江区学府路"
    assert saved(mine, no, version=refused.json["version"]).status_code == 200
    assert saved(mine, no, version=1).status_code == 200


def test_registering_over_a_colleagues_words_is_refused_and_keeps_what_was_typed(signed_in):
    mine, theirs = signed_in("agent1"), signed_in("agent2")
    no = opened(mine)
    saved(theirs, no, place="望江区学府路")
    answer = mine.post("/agent/register", data={**FORM, "ticket_no": no, "version": 0})
    assert answer.status_code == 409
    assert PLACE in answer.text
    assert "data-unsaved" in answer.text
    assert ticket(no).state is State.DRAFT


def test_a_look_into_a_colleagues_draft_is_logged(signed_in):
    no = opened(first := signed_in("agent1"))
    saved(first, no)
    first.get(f"/agent?draft={no}")
    assert session().execute(select(func.count()).select_from(AccessLog)).scalar() == 0
    assert PLAIN in signed_in("agent2").get(f"/agent?draft={no}").text
    row = session().execute(select(AccessLog)).scalar_one()
    assert (row.ticket_no, row.staff_id) == (no, person("agent2").id)


def test_a_suggested_department_with_a_duty_row_gets_the_ticket_at_once(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    saved(browser, no)
    chosen = suggested(no)
    done = browser.post("/agent/register", data={**FORM, **chosen, "ticket_no": no, "version": 1})
    assert done.status_code == 303
    assert "已派至" in browser.get(done.location).text
    row = ticket(no)
    assert row.state is State.TO_SIGN
    dispatched = session().execute(select(JournalEntry).where(
        JournalEntry.ticket_no == no, JournalEntry.step == Step.DISPATCH)).scalar_one()  # fmt: skip
    assert dispatched.actor_id == person("agent1").id
    assert dispatched.data["duty_row"]
    assert session().get(Draft, no) is None
    who = open_requester(session().get_one(Requester, no))
    assert (who.name, who.phone, who.text) == ("陈桂芳", PHONE, PLAIN)
    drain()
    assert ticket(no).state is State.TO_SIGN


def test_without_a_department_the_ticket_waits_for_the_dispatchers(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    done = browser.post("/agent/register", data={**FORM, "ticket_no": no})
    assert done.status_code == 303
    assert ticket(no).state is State.TO_DISPATCH
    assert "审核组" in browser.get(done.location).text


@pytest.mark.parametrize("chosen", [
    {"department": "rsj", "matter_code": "0101"},
    {"co_departments": "gaj"},
    {"request_type": "report"},
    {"confidential": "1"},
])  # fmt: skip
def test_what_duty_list_or_a_rule_forbids_goes_to_the_dispatchers_with_the_proposal(signed_in, chosen):
    browser = signed_in("agent1")
    no = opened(browser)
    saved(browser, no)
    form = {**FORM, **suggested(no), **chosen, "ticket_no": no, "version": 1}
    assert browser.post("/agent/register", data=form).status_code == 303
    drain()
    assert ticket(no).state is State.TO_DISPATCH
    entry = session().execute(select(JournalEntry).where(
        JournalEntry.ticket_no == no, JournalEntry.step == Step.REGISTER)).scalar_one()  # fmt: skip
    assert "话务员建议" in entry.data["note"]


def test_missing_and_wrong_fields_are_named_and_everything_typed_stays(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    wrong = {**FORM, "place": "", "phone": "12", "content": "。", "object": "滨江花园项目部"}
    answer = browser.post("/agent/register", data={**wrong, "ticket_no": no})
    assert answer.status_code == 422
    for words in ("请写明发生地点", "电话号码不正确", "请写明诉求内容", "滨江花园项目部", "陈桂芳"):
        assert words in answer.text
    assert ticket(no).state is State.DRAFT
    too_long = saved(browser, no, content="长" * 6000)
    assert too_long.status_code == 422
    assert "最多填写" in too_long.json["sentence"]


def test_words_of_danger_are_shown_and_must_be_confirmed_before_registering(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    form = {**FORM, "content": DANGER, "ticket_no": no}
    hint = browser.post("/agent/suggestions", data=form)
    assert "可能有危险" in hint.text
    assert "119" in hint.text
    refused = browser.post("/agent/register", data=form)
    assert refused.status_code == 422
    assert "请先勾选确认" in refused.text
    assert DANGER in refused.text
    assert browser.post("/agent/register", data={**form, "emergency_seen": "1"}).status_code == 303
    row = ticket(no)
    assert (row.state, row.alarm_open, row.urgency) == (State.TO_DISPATCH, True, "emergency")


def test_a_transfer_to_119_ends_the_draft_with_what_was_typed(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    done = browser.post("/agent/transfer", data={"content": DANGER, "ticket_no": no, "line": "119"})
    assert done.status_code == 303
    assert ticket(no).state is State.TRANSFERRED
    assert "着火" in ticket(no).text
    assert browser.post("/agent/transfer", data={"ticket_no": no, "line": "119"}).status_code == 409


def test_a_direct_answer_cites_entry_and_version_and_invites_a_review(signed_in):
    entry = published().entry_id
    browser = signed_in("agent1")
    no = opened(browser)
    form = {"content": "请问社保卡丢了怎么补办", "phone": "13812345678", "ticket_no": no,
            "public_reply": "请带身份证到就近社保网点补办。"}  # fmt: skip
    stale = browser.post("/agent/answer", data={**form, "entry_id": entry, "entry_version": 7})
    assert stale.status_code == 422
    assert "请重新选择" in stale.text
    assert form["public_reply"] in stale.text
    done = browser.post("/agent/answer", data={**form, "entry_id": entry, "entry_version": 1})
    assert done.status_code == 303
    assert ticket(no).state is State.ANSWERED
    reply = session().execute(select(Reply).where(Reply.ticket_no == no)).scalar_one()
    assert (reply.entry_id, reply.entry_version) == (entry, 1)
    drain()
    assert ticket(no).state is State.TO_EVALUATE


def test_a_known_caller_is_shown_masked_with_earlier_tickets_and_the_repetition(signed_in):
    earlier = send_demand()
    send_demand(text="别人的路灯不亮，请尽快维修。", phone="+8613900001111", name="李四")
    no = from_phone()
    page = signed_in("agent1").get(f"/agent?draft={no}").text
    assert "138****5678" in page
    assert "陈**" in page
    assert "30 天内第 2 次来电" in page
    assert "可能来意" in page
    assert f"/agent/tickets/{earlier}" in page
    for hidden in ("13812345678", "陈桂芳", "路灯不亮"):
        assert hidden not in page


def test_an_unknown_caller_has_a_number_a_region_and_an_empty_form(signed_in):
    page = signed_in("agent1").get(f"/agent?draft={from_phone('+862168881234')}").text
    assert "固话 021" in page
    assert "首次来电" in page
    assert "未登记" in page


def test_the_full_number_is_shown_once_after_a_reason_that_is_logged(signed_in):
    browser = signed_in("agent1")
    no = from_phone()
    home = {"Referer": f"http://localhost/agent?draft={no}"}
    sent = browser.post(f"/tickets/{no}/identity", data={"reason": "回拨诉求人核实"}, headers=home)
    assert sent.status_code == 303
    assert "13812345678" in browser.get(sent.location).text
    assert "13812345678" not in browser.get(f"/agent?draft={no}").text
    assert session().execute(select(AccessLog.reason)).scalar_one() == "回拨诉求人核实"


def test_three_alike_in_a_street_within_a_week_are_told(signed_in):
    numbers = [send_demand(phone=f"+861390000{one:04d}") for one in range(3)]
    drain()
    browser = signed_in("agent1")
    no = opened(browser)
    form = {**FORM, "ticket_no": no, "matter_code": ticket(numbers[0]).matter_code}
    hint = browser.post("/agent/suggestions", data=form).text
    assert "疑似重复" in hint
    assert f"/agent/tickets/{numbers[-1]}" in hint
    elsewhere = {**form, "place": "望江区", "content": "路灯不亮"}
    assert "疑似重复" not in browser.post("/agent/suggestions", data=elsewhere).text


def test_without_a_worker_the_page_says_so_and_works_on(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    saved(browser, no)
    page = browser.post("/agent/suggestions", data={**FORM, "ticket_no": no})
    assert page.status_code == 200
    assert "建议暂不可用" in page.text
    assert "知识检索暂不可用" in browser.post("/agent/knowledge", data={"q": "社保卡"}).text
    assert "写下诉求或在上面检索" in browser.post("/agent/knowledge", data={"q": ""}).text


def test_a_registered_ticket_is_no_draft_any_more(signed_in):
    browser = signed_in("agent1")
    no = opened(browser)
    browser.post("/agent/register", data={**FORM, "ticket_no": no})
    assert saved(browser, no).status_code == 409
    moved = browser.get(f"/agent?draft={no}")
    assert moved.location.endswith(f"/agent/tickets/{no}")
    assert browser.get(moved.location).status_code == 200
    assert browser.post("/agent/register", data={**FORM, "ticket_no": no}).status_code == 409


def test_the_seat_follows_its_agent_and_a_refusal_is_a_sentence(signed_in):
    browser = signed_in("agent1")
    htmx = {"HX-Request": "true"}
    assert "示闲" in browser.post("/agent/state", data={"state": "ready"}, headers=htmx).text
    assert browser.post("/agent/heartbeat").json == {"state": "ready", "call": "", "phone": "online"}
    assert session().get_one(Seat, person("agent1").id, populate_existing=True).state == "ready"
    assert "请选择示闲或示忙" in browser.post("/agent/state", data={"state": "gone"}, headers=htmx).text
    assert "不在话后整理" in browser.post("/agent/wrap-up/extend", headers=htmx).text
    assert "已挂断" in browser.post("/agent/calls/CA1/answer", headers=htmx).text
    assert browser.post("/agent/calls/CA1/hang-up").status_code == 303


def test_few_statements_draw_the_console_and_save_a_draft(signed_in, statements):
    for _ in range(3):
        send_demand()
    with transaction():
        seats.beat(person("agent1"))
    browser = signed_in("agent1")
    no = from_phone()
    saved(browser, no)
    browser.get("/agent")

    def count(send) -> int:
        session().rollback()
        del statements[:]
        assert send().status_code == 200
        return len(statements)

    assert count(lambda: browser.get(f"/agent?draft={no}")) <= 12
    assert count(lambda: saved(browser, no, version=1)) <= 6
    assert count(lambda: browser.post("/agent/suggestions", data={**FORM, "ticket_no": no})) <= 6
