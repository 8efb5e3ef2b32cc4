"""A citizen calls about an earlier demand: the agent finds it, tells how it stands, and acts for the caller."""

from sqlalchemy import select

from hotline.database import session
from hotline.models import AccessLog
from hotline.models.words import State
from tests.journeys.front_door import PLAIN, VAGUE, do, entry, login_of, sent, steps, work, write
from tests.makers import person, ticket
from tests.web.counting import statements

VERIFIED = "来电人报出姓名和地址，核对一致；说已自行解决"
PAGE = 12


def test_an_agent_finds_the_tickets_of_a_number_and_the_search_is_logged(web, signed_in):
    mine, others = write(web), write(web, VAGUE, phone="13900006621")
    agent = signed_in("agent1")
    assert "请填写工单号或诉求人的电话。" in agent.post("/agent/tickets", data={"q": " "}).text
    page = agent.post("/agent/tickets", data={"q": "138 1234 5678"})
    assert f"/agent/tickets/{mine}" in page.text
    assert f"/agent/tickets/{others}" not in page.text
    log = session().execute(select(AccessLog)).scalar_one()
    assert (log.staff_id, log.what, "138" in log.reason) == (person("agent1").id, "caller", False)
    shown = f"{str(mine)[:8]} {str(mine)[8:12]} {str(mine)[12:]}"
    assert agent.post("/agent/tickets", data={"q": shown}).headers["Location"] == f"/agent/tickets/{mine}"
    for wrong, status in (("12", 422), ("2020010100000001", 404), ("", 422)):
        assert agent.post("/agent/tickets", data={"q": wrong}).status_code == status
    assert "这个号码没有工单" in agent.post("/agent/tickets", data={"q": "13700000000"}).text


def test_an_agent_urges_and_adds_for_a_caller_while_the_department_works(web, signed_in, messages):
    no, noise = write(web), write(web, PLAIN + "谢谢。")
    agent, unit = signed_in("agent1"), login_of(no)
    do(agent, f"/agent/tickets/{no}/urge", words="诉求人说昨夜又施工到两点")
    assert entry(no, "urge").actor_id == person("agent1").id
    assert "昨夜又施工到两点" in signed_in(unit).get(f"/department/{no}").text
    assert agent.post(f"/agent/tickets/{no}/amend", data={"words": "有"}).status_code == 422
    do(agent, f"/agent/tickets/{no}/amend", words="施工方今天又运来两台泵车，请尽快到现场。")
    assert "两台泵车" in signed_in(unit).get(f"/department/{no}").text
    assert steps(no)[-2:] == ["urge", "amend"]
    assert sent(messages)[-2:] == ["department_urged", "department_amended"]
    assert not {"urge", "amend"} & set(steps(noise))
    do(agent, f"/agent/tickets/{no}/amend", words="楼道里燃气泄漏，气味很重，请来人。")
    assert ticket(no).alarm_open, "words of danger are heard at this door too"


def test_an_agent_withdraws_only_with_a_word_on_who_asked(web, signed_in):
    no = write(web)
    agent = signed_in("agent1")
    refused = agent.post(f"/agent/tickets/{no}/withdraw", data={"words": ""})
    assert (refused.status_code, "请写明如何核实是诉求人本人" in refused.text) == (422, True)
    do(agent, f"/agent/tickets/{no}/withdraw", words=VERIFIED)
    assert ticket(no).state is State.WITHDRAWN
    assert entry(no, "withdraw").data["note"] == VERIFIED
    assert VERIFIED in signed_in("dispatcher1").get(f"/dispatch/{no}").text
    late = agent.post(f"/agent/tickets/{no}/withdraw", data={"words": VERIFIED})
    assert (late.status_code, VERIFIED in late.text) == (409, True)


def test_an_agent_objects_for_a_caller_and_another_than_the_refuser_decides(web, signed_in):
    no = write(web, VAGUE)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/refuse", reason_code="no_duty")
    agent = signed_in("agent1")
    page = agent.get(f"/agent/tickets/{no}").text
    assert "不属于政府职责范围" in page
    assert f"{no}/contest" in page
    do(agent, f"/agent/tickets/{no}/contest", words="路面归市政养护，请再核实一次。")
    assert ticket(no).state is State.TO_DISPATCH
    assert f"{no}/contest" not in agent.get(f"/agent/tickets/{no}").text
    assert "须由另一名派单员决定" in signed_in("dispatcher1").get(f"/dispatch/{no}").text


def test_the_agent_reads_the_checked_answer_to_the_caller_and_nobody_else_enters(web, signed_in):
    no = write(web)
    work(signed_in, no)
    agent = signed_in("agent1")
    assert "如再发生请拨打12345" not in agent.get(f"/agent/tickets/{no}").text
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    with statements() as counted:
        page = agent.get(f"/agent/tickets/{no}").text
    assert "如再发生请拨打12345" in page
    assert "13812345678" not in page
    assert len(counted) <= PAGE, counted
    for login in ("dispatcher1", "supervisor1", "callback1", login_of(no), "kbeditor", "auditor"):
        other = signed_in(login)
        assert other.get(f"/agent/tickets/{no}").status_code == 403
        for verb in ("amend", "urge", "withdraw", "contest"):
            assert other.post(f"/agent/tickets/{no}/{verb}", data={"words": VERIFIED}).status_code == 403
    assert ticket(no).state is State.TO_CALLBACK
