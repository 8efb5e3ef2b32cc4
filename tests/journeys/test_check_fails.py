"""The hotline checks a reply: what is not done well is handled again in a round with its own clock."""

import time_machine

from hotline.models.words import State
from tests.journeys.front_door import REPLY, clock_of, do, login_of, running, sent, steps, work, write
from tests.makers import ALONE, ticket


@time_machine.travel("2026-03-10T02:00:00+00:00", tick=True)
def test_a_reply_that_fails_the_check_is_handled_again_with_its_own_clock(web, signed_in, messages):
    no = write(web)
    handler, lead = signed_in(login_of(no)), signed_in(login_of(no, "lead"))
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/contact", contacted="no", contact_note="三次拨打无人接听")
    assert "contact" in running(no)
    do(handler, f"/department/{no}/contact", contacted="yes", contact_note="已说明会在本周检查")
    assert clock_of(no, "contact").met_at
    page = handler.get(f"/department/{no}").text
    assert "三次拨打无人接听" in page
    assert "已说明会在本周检查" in page
    missing = handler.post(f"/department/{no}/reply", data=REPLY | {"facts": "", "photos": ""})
    assert missing.status_code == 422
    assert "请写明查明的事实。" in missing.text
    assert REPLY["handling"] in missing.text
    do(handler, f"/department/{no}/reply", **REPLY)
    assert handler.post(f"/department/{no}/submit").status_code == 403
    assert lead.post(f"/department/{no}/send-back", data={"words": "重写"}).status_code == 422
    do(lead, f"/department/{no}/send-back", words="请补充处罚文书编号")
    assert REPLY["facts"] in handler.get(f"/department/{no}").text
    do(handler, f"/department/{no}/reply", **REPLY)
    do(lead, f"/department/{no}/submit", without=ALONE)
    desk = signed_in("dispatcher1")
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=replies").text
    assert REPLY["public_reply"] in desk.get(f"/dispatch/{no}").text
    url = f"/dispatch/{no}/check"
    assert desk.post(url, data={"decision": "fail", "words": ""}).status_code == 422
    do(desk, url, decision="fail", words="没有写明处罚结果，请补充")
    again = ticket(no)
    assert (again.state, again.rehandles, again.round) == (State.HANDLING, 1, 2)
    assert running(no) == {"rehandle"}
    assert sent(messages)[-1] == "department_rehandle"
    assert "没有写明处罚结果，请补充" in handler.get(f"/department/{no}").text
    assert "重办 1 次" in handler.get("/department?tab=handling").text
    work(signed_in, no, handling="已作出罚款决定并督促整改到位")
    do(desk, url, decision="pass")
    assert ticket(no).state is State.TO_CALLBACK
    assert steps(no)[-4:] == ["fail_check", "reply", "submit", "pass_check"]
    assert "已作出罚款决定并督促整改到位" in signed_in("callback1").get(f"/callback/{no}").text
    assert sent(messages)[-1] == "replied"


@time_machine.travel("2026-03-10T02:00:00+00:00", tick=True)
def test_a_requester_who_says_not_solved_sends_it_back_to_work(web, signed_in):
    no = write(web)
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    caller = signed_in("callback1")
    half = caller.post(f"/callback/{no}", data={"connected": "yes", "contacted": "yes", "note": "夜里还在施工"})
    assert half.status_code == 422
    assert "请选择问题是否解决。" in half.text
    assert "夜里还在施工" in half.text
    do(
        caller,
        f"/callback/{no}",
        connected="yes",
        contacted="yes",
        solved="not",
        satisfied="1",
        note="夜里还在施工",
    )
    assert (ticket(no).state, ticket(no).rehandles) == (State.REHANDLING, 1)
    assert running(no) == {"rehandle"}
    assert steps(no)[-1] == "rehandle"


def test_after_the_last_round_of_rehandling_a_check_no_longer_sends_it_back(web, signed_in):
    no = write(web)
    url, form = f"/dispatch/{no}/check", {"decision": "fail", "words": "没有写明处罚结果，请补充"}
    for _ in range(2):
        work(signed_in, no)
        do(signed_in("dispatcher1"), url, **form)
    work(signed_in, no)
    last = signed_in("dispatcher1").post(url, data=form)
    assert (last.status_code, "已重办2轮" in last.text, form["words"] in last.text) == (409, True, True)
    assert (ticket(no).state, ticket(no).rehandles) == (State.TO_CHECK, 2)
    do(signed_in("dispatcher1"), url, decision="pass")
    assert ticket(no).state is State.TO_CALLBACK
