"""A sensitive demand waits for a person; the hotline sees why, a department does not."""

import re

from hotline.models.words import Confidentiality, State
from tests.journeys.front_door import do, entry, login_of, write
from tests.makers import ticket

NOISE = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着。"
TIER_WORDS = ("涉公职", "涉稳", "涉未成年", "媒体关注", "sensitive")


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
