"""The requester takes the demand back: from every open state, told to the department, and never a success."""

from hotline.models.words import ClosingReason, State
from tests.journeys.front_door import do, entry, login_of, running, sent, steps, work, write
from tests.makers import ticket


def test_a_requester_withdraws_while_the_department_works(web, signed_in, messages):
    no, noise = write(web), write(web, "学府路公交站台的灯坏了一个星期，晚上看不清站牌，请安排维修。")
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    do(web, f"/track/{no}/withdraw", words="已经不吵了")
    done = ticket(no)
    assert (done.state, done.closing_reason) == (State.WITHDRAWN, ClosingReason.WITHDRAWN)
    assert ticket(noise).state is not State.WITHDRAWN
    assert running(no) == set()
    assert (steps(no)[-1], sent(messages)[-1]) == ("withdraw", "department_withdrawn")
    assert entry(no, "withdraw").data["note"] == "已经不吵了"
    assert "已撤单" in web.get(f"/track/{no}").text
    assert f"/department/{no}" not in handler.get("/department?tab=handling").text
    late = handler.post(f"/department/{no}/reply", data={"contacted": "yes", "fact_true": "true"})
    assert late.status_code in (404, 409)
    assert web.post(f"/track/{no}/withdraw").status_code == 409


def test_a_requester_withdraws_after_the_reply_too(web, signed_in):
    no = write(web)
    work(signed_in, no)
    do(web, f"/track/{no}/withdraw")
    assert ticket(no).state is State.WITHDRAWN
    assert f"/dispatch/{no}" not in signed_in("dispatcher1").get("/dispatch?tab=replies").text
