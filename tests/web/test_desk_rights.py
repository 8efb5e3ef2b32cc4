"""Who may open and do what at the desks; each refusal has its status and a sentence."""

import pytest

from hotline.database import session, transaction
from hotline.models import Ticket
from hotline.models.words import Confidentiality, State
from tests.journeys.front_door import REPLY, SATISFIED, VAGUE, do, login_of, work, write
from tests.makers import drain, person, send_demand, ticket

DESKS = ("dispatch", "department", "callback")
INSIDE = {
    "dispatch": {"dispatcher1", "supervisor1"}, "department": {"zjj_handler", "zjj_lead"},
    "callback": {"callback1", "supervisor1"},
}  # fmt: skip
PEOPLE = (
    "dispatcher1", "supervisor1", "zjj_handler", "zjj_lead", "callback1", "agent1",
    "kbeditor", "admin", "auditor",
)  # fmt: skip
NOBODYS = 2026010199999999


def posts(no):
    """Every form of the desks."""
    verbs = {
        "dispatch": "dispatch ask-more supplement give-up refuse transfer police merge answer returns/1 "
        "extensions/1 suspensions/1 terminations/1 resume reopen alarm check unmerge",
        "department": "sign contact reply submit send-back return extension suspension resume termination rectified",
        "callback": "unreached rectification",
    }
    paths = [f"/{desk}/{no}/{verb}" for desk, several in verbs.items() for verb in several.split()]
    return [*paths, f"/callback/{no}", "/department/sign"]


def test_nobody_is_led_to_the_sign_in_and_a_fragment_gets_401(web):
    for desk in DESKS:
        for path in (f"/{desk}", f"/{desk}/{NOBODYS}"):
            page = web.get(path)
            assert (page.status_code, page.headers["Location"].partition("?")[0]) == (303, "/login")
            fragment = web.get(path, headers={"HX-Request": "true"})
            assert fragment.status_code == 401
            assert "请先登录。" in fragment.text
    assert {web.post(path).status_code for path in posts(NOBODYS)} == {401}


@pytest.mark.parametrize("login", PEOPLE)
def test_only_its_own_people_enter_a_desk(login, signed_in):
    browser = signed_in(login)
    for desk in DESKS:
        expected = 200 if login in INSIDE[desk] else 403
        assert browser.get(f"/{desk}").status_code == expected, desk
    for path in posts(NOBODYS):
        answer = browser.post(path)
        inside = login in INSIDE[path.split("/")[1]]
        allowed = {404} if path != "/department/sign" else {303}
        assert answer.status_code in (allowed if inside else {403}), path


def test_an_unknown_number_and_another_departments_ticket_look_the_same(web, signed_in):
    no = write(web)
    stranger = signed_in("rsj_handler")
    for path in (f"/department/{no}", f"/department/{NOBODYS}", f"/department/{no}/extension-date?days=1"):
        answer = stranger.get(path)
        assert answer.status_code == 404
        assert "没有找到这张工单，请核对工单号。" in answer.text
    own = [path for path in posts(no) if path.startswith("/department/2")]
    assert {stranger.post(path).status_code for path in own} == {404}
    assert ticket(no).state is State.TO_SIGN


def test_the_search_box_leads_to_a_ticket_one_may_see_or_says_why_not(web, signed_in):
    no = write(web)
    shown = f"{str(no)[:8]} {str(no)[8:12]} {str(no)[12:]}"
    clerk, own, stranger = signed_in("dispatcher1"), signed_in(login_of(no)), signed_in("rsj_handler")
    assert clerk.get("/dispatch/find", query_string={"q": shown}).headers["Location"] == f"/dispatch/{no}"
    assert own.get("/department/find", query_string={"q": str(no)}).headers["Location"] == f"/department/{no}"
    missing = ((stranger, "department", str(no)), (clerk, "dispatch", "12345"), (clerk, "dispatch", ""))
    for browser, desk, q in missing:
        missed = browser.get(f"/{desk}/find", query_string={"q": q}, follow_redirects=True)
        assert "没有找到这张工单，请核对工单号。" in missed.text


def test_the_handler_replies_and_only_the_lead_submits_or_sends_back(web, signed_in):
    no = write(web)
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/reply", **REPLY)
    page = handler.get(f"/department/{no}").text
    assert f"/department/{no}/submit" not in page
    for verb in ("submit", "send-back"):
        refused = handler.post(f"/department/{no}/{verb}", data={"words": "请修改一下措辞"})
        assert refused.status_code == 403
    assert f"/department/{no}/submit" in signed_in(login_of(no, "lead")).get(f"/department/{no}").text
    assert ticket(no).state is State.REPLIED


def test_a_callback_agent_never_calls_about_a_ticket_they_dispatched(web, signed_in):
    no = write(web)
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    with transaction():
        session().get_one(Ticket, no, populate_existing=True).dispatcher_id = person("callback1").id
    own, other = signed_in("callback1"), signed_in("callback2")
    assert f"/callback/{no}" not in own.get("/callback").text
    assert "回访记录" not in own.get(f"/callback/{no}").text
    for path in (f"/callback/{no}", f"/callback/{no}/unreached"):
        refused = own.post(path, data=SATISFIED)
        assert refused.status_code == 403
        assert "须由其他回访员回访" in refused.text
    assert f"/callback/{no}" in other.get("/callback").text
    do(other, f"/callback/{no}", **SATISFIED)


def test_a_supervisor_may_watch_the_callback_but_not_make_it(web, signed_in):
    no = write(web)
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    watcher = signed_in("supervisor1")
    assert "回访记录" not in watcher.get(f"/callback/{no}").text
    assert watcher.post(f"/callback/{no}", data=SATISFIED).status_code == 403


def test_a_department_complained_about_neither_sees_nor_gets_the_ticket(web, signed_in):
    no = write(web, VAGUE)
    with transaction():
        found = session().get_one(Ticket, no, populate_existing=True)
        found.respondent_department_id = person("scj_lead").posts[0].department_id
    form = {"department": "scj", "matter_code": "0101", "reason": "请现场查看情况"}
    refused = signed_in("dispatcher1").post(f"/dispatch/{no}/dispatch", data=form)
    assert refused.status_code == 422
    assert "该单位是被反映单位，须回避" in refused.text
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **(form | {"department": "hbj"}))
    helping = signed_in("dispatcher1").post(f"/dispatch/{no}/dispatch", data=form | {"co_departments": "scj"})
    assert helping.status_code == 409
    assert signed_in("scj_lead").get(f"/department/{no}").status_code == 404


def test_a_department_learns_nothing_of_a_protected_requester(signed_in):
    text = "我叫陈桂芳，电话13812345678，金桂苑小区东侧工地连续三天夜里还在浇筑混凝土，吵得睡不着。"
    no = send_demand(text, confidentiality=Confidentiality.CONFIDENTIAL, place="望湖区湖滨街道金桂苑陈桂芳家")
    drain()
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", department="hbj", matter_code="0101",
       reason="诉求人陈桂芳13812345678希望尽快")  # fmt: skip
    unit = signed_in("hbj_handler")
    do(unit, f"/department/{no}/sign")
    pages = [unit.get(path).text for path in (f"/department/{no}", "/department?tab=handling")]
    pages.append(unit.get(f"/department/{no}", headers={"HX-Request": "true"}).text)
    assert not [mark for mark in ("陈桂芳", "13812345678", "138****5678", "陈**") for page in pages if mark in page]
    assert "保密" in pages[0]
    assert f"/tickets/{no}/identity" not in pages[0]
    assert unit.post(f"/tickets/{no}/identity", data={"reason": "电话联系诉求人"}).status_code == 403
    assert f"/tickets/{no}/identity" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
