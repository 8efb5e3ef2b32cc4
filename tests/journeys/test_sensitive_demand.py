"""A sensitive demand waits for a person; the hotline sees why, a department does not."""

import re

from hotline.models.words import Confidentiality, RequestType, Source, State
from hotline.tickets.dispatch import READS_AS_REPORT
from tests.journeys.front_door import do, entry, login_of, write
from tests.makers import drain, send_demand, ticket

NOISE = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着。"
TIER_WORDS = ("涉公职", "涉稳", "涉未成年", "媒体关注", "sensitive", "人工研判", "举报或保密件须")


def test_an_ordinary_demand_is_dispatched_by_the_machine_and_a_threat_with_it_is_not(web, signed_in):
    plain, threat = write(web, NOISE), write(web, NOISE + "再没人管我们就集体上访。")
    assert (ticket(plain).state, ticket(threat).state) == (State.TO_SIGN, State.TO_DISPATCH)
    assert (ticket(plain).alarm_open, ticket(threat).alarm_open) == (False, True)
    page = signed_in("dispatcher1").get(f"/dispatch/{threat}").text
    for words in ("涉稳扬言", "集体上访", "内容须由人工研判后派单。"):
        assert words in page


def test_who_speaks_of_an_official_is_protected_and_the_department_reads_no_hint_of_it(web, signed_in):
    no = write(web, NOISE + "听说工地老板给城管送了红包，城管收好处。")
    assert ticket(no).confidentiality is Confidentiality.REPORT_PROTECTED
    assert ticket(no).tags == ["sensitive:officials_discipline"]
    desk = signed_in("dispatcher1")
    assert "涉公职人员" in desk.get(f"/dispatch/{no}").text
    do(desk, f"/dispatch/{no}/dispatch", department="zjj", matter_code="0603", reason="夜间施工由住建部门查处")
    unit = signed_in(login_of(no))
    page, listed = unit.get(f"/department/{no}").text, unit.get("/department").text
    assert "工地" in page
    assert str(no) in listed
    for words in TIER_WORDS:
        assert words not in page
        assert words not in listed
    assert TIER_WORDS[-2] in desk.get(f"/dispatch/{no}").text


def test_an_emergency_told_beside_the_text_keeps_the_machine_away_when_its_alarm_is_answered(desk, signed_in):
    no = send_demand(NOISE, place="金桂苑3栋着火", source=Source.POLICE110)
    drain()
    assert (ticket(no).state, ticket(no).tags) == (State.TO_DISPATCH, ["sensitive:emergency"])
    answer = {"answer": "not_urgent", "words": "已核实，火已扑灭，只剩噪声"}
    do(signed_in("dispatcher1"), f"/dispatch/{no}/alarm", **answer)
    do(signed_in("agent1"), f"/agent/tickets/{no}/amend", words="混凝土车每晚十一点以后才来")
    assert (ticket(no).alarm_open, ticket(no).state) == (False, State.TO_DISPATCH)


def test_a_matter_that_is_sensitive_by_itself_is_heard_by_the_model_alone(web, signed_in):
    no = write(web, "环保所的人来检查之前，都会先给老板打电话报信")
    assert ticket(no).tags == ["sensitive:officials_discipline"]
    assert ticket(no).confidentiality is Confidentiality.REPORT_PROTECTED
    assert "涉公职人员" in signed_in("dispatcher1").get(f"/dispatch/{no}").text


def test_a_report_waits_for_a_person_whatever_its_form_calls_it_and_whenever_it_is_told(web, desk):
    chosen = write(web, NOISE + "我要举报他们无证施工。", request_type="complaint")
    assert (ticket(chosen).request_type, ticket(chosen).state) == (RequestType.COMPLAINT, State.TO_DISPATCH)
    assert entry(chosen, "classify").data["why"] == READS_AS_REPORT
    titled = send_demand(NOISE, title="群众举报", source=Source.POLICE110)
    later = write(web, "这里的情况一直没有人来看过，想请有关单位过来看看。")
    do(web, f"/track/{later}/supplement", words="我举报工地夜里偷偷施工，请不要透露我的身份")
    for no in (titled, later):
        assert ticket(no).request_type is RequestType.REPORT
        assert ticket(no).confidentiality is Confidentiality.REPORT_PROTECTED


def test_words_added_later_are_heard_too(web):
    no = write(web, "这里的情况一直没有人来看过，想请有关单位过来看看。")
    do(web, f"/track/{no}/supplement", words="孩子被同学霸凌，不敢上学")
    assert ticket(no).tags == ["sensitive:minors"]
    assert entry(no, "classify").data["why"] == "内容须由人工研判后派单。"


def test_the_agent_sees_while_typing_what_a_person_must_look_at(signed_in):
    browser = signed_in("agent1")
    no = re.search(r"draft=(\d+)", browser.post("/agent/drafts").location)[1]
    typed = {"ticket_no": no, "content": "中学里有人欺负女儿，孩子被同学霸凌"}
    page = browser.post("/agent/suggestions", data=typed).text
    assert "须人工研判" in page
    assert "涉未成年人" in page
    assert "须人工研判" not in browser.post("/agent/suggestions", data=typed | {"content": NOISE}).text
