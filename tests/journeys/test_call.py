"""A call rings at an agent, is written down while they talk, and is followed to the closed review."""

from hotline.models.words import ClosingReason, State
from tests.fresh_browser import signed_in_as
from tests.journeys.front_door import PLAIN, do, review_link, sent, settle, steps
from tests.makers import person, ticket
from tests.telephone.desk_stage import DeskStage, until

DEMAND = {"content": PLAIN, "place": "望湖区湖滨街道金桂苑小区", "name": "陈桂芳", "phone": "13900000001",
          "request_type": "complaint", "urgency": "normal"}  # fmt: skip
PIECE = {"HX-Request": "true"}


def answered(stage: DeskStage, browser) -> str:
    """An agent is ready, a caller rings, the two talk; the call."""
    agent = person("agent1")
    browser.post("/agent/heartbeat")
    do(browser, "/agent/state", state="ready")
    call = stage.ring()
    stage.until_seat(agent, "ringing")
    assert "139****0001" in browser.get("/agent/call-bar").text
    shown = browser.post(f"/agent/calls/{call}/answer", headers=PIECE)
    assert "没有" not in shown.text
    stage.until_line(call, "talking")
    return call


def test_a_call_is_written_down_dispatched_and_closed_by_the_callers_review(
        stage: DeskStage, web, signed_in, messages) -> None:
    agent = signed_in_as(stage.app, "agent1")
    call = answered(stage, agent)
    no = stage.ticket(call).ticket_no
    assert agent.get("/agent").text.count(str(no)) >= 1
    assert agent.post("/agent/draft", data=DEMAND | {"ticket_no": no, "version": 0}).status_code == 200
    do(agent, "/agent/register", **DEMAND, ticket_no=no, version=1)
    do(agent, f"/agent/calls/{call}/hang-up")
    assert stage.seat(person("agent1")).state == "wrap_up"
    until(lambda: "请对本次通话服务评价" in stage.heard(call))
    stage.do(call, "keys", digits="4")
    do(agent, "/agent/wrap-up/finish", next_state="ready")
    until(lambda: stage.call(call).score == 4)
    until(lambda: ticket(no).state is State.TO_SIGN)
    settle(signed_in, no)
    until(lambda: "review_invitation" in sent(messages))
    assert web.post(review_link(messages), data={"grade": "5", "solved": "solved"}).status_code == 200
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    assert steps(no)[:3] == ["begin_draft", "register", "classify"]
    assert "give_review" in steps(no)


def test_a_question_is_answered_while_the_caller_is_on_the_line(stage: DeskStage) -> None:
    agent = signed_in_as(stage.app, "agent1")
    call = answered(stage, agent)
    no = stage.ticket(call).ticket_no
    asked = DEMAND | {"content": "请问社保卡丢了在哪里补办？", "request_type": "consultation"}
    reply = "请携带身份证到就近的社保服务网点补办，当场可取。"
    do(agent, "/agent/answer", **asked, ticket_no=no, version=0, public_reply=reply)
    stage.do(call, "hang-up")
    stage.until_seat(person("agent1"), "wrap_up")
    until(lambda: ticket(no).state is State.TO_EVALUATE)
    assert steps(no) == ["begin_draft", "register", "answer_directly", "invite_review"]
