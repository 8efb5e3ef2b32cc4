"""A case goes to an emergency line: the call of three is recorded, the result noted, and it may come back."""

from functools import cache

from sqlalchemy import select

from hotline.database import session
from hotline.models import ThreeWayCall
from tests.journeys.front_door import VAGUE, do, entry, login_of, running, steps, work, write
from tests.makers import ticket

CALL = {
    "requester_joined": "10:01", "requester_left": "10:04", "hotline_joined": "10:00", "hotline_left": "10:09",
    "line_joined": "10:02", "line_left": "10:09", "owner": "119", "words": "119同意派车，回拨13812345678",
}  # fmt: skip


def gone(web, signed_in, line, **changes):
    """A vague message handed to an emergency line."""
    no = write(web, VAGUE, **changes)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/transfer", line=line, words="已三方通话，对方接收")
    return no, f"/emergencies/{no}"


def test_the_result_is_noted_and_a_dispatcher_takes_the_case_back(web, signed_in):
    signed_in = cache(signed_in)
    no, url = gone(web, signed_in, "119")
    agent, clerk, boss = signed_in("agent1"), signed_in("dispatcher1"), signed_in("supervisor1")
    assert url in agent.get("/emergencies").text
    assert "已转 <b>119</b>" in agent.get(url).text
    late = agent.post(f"{url}/call", data=CALL | {"requester_left": "", "owner": "nobody"})
    assert (late.status_code, "119同意派车" in late.text, late.text.count("请填写加入和离开的时间")) == (422, True, 1)
    do(agent, f"{url}/call", **CALL)
    call = session().execute(select(ThreeWayCall).where(ThreeWayCall.ticket_no == no)).scalar_one()
    assert [(one["who"], one["left"]) for one in call.parties] == [
        ("requester", "10:04"), ("hotline", "10:09"), ("line", "10:09"),
    ]  # fmt: skip
    assert (call.owner.value, "13812345678" in call.words) == ("119", False)
    assert "119办理" in boss.get(url).text
    assert agent.post(f"{url}/result", data={"words": "好"}).status_code == 422
    do(boss, f"{url}/result", words="119到场处置完毕，无人受伤")
    assert entry(no, "note_result").data["note"].startswith("119到场")
    tracked = web.get(f"/track/{no}").text
    assert ("记录紧急热线结果" in tracked, "已转119处置" in tracked) == (False, True)
    assert agent.post(f"{url}/back", data={"words": "不属119职责，退回"}).status_code == 403
    do(clerk, f"{url}/back", words="119查看后认为不属其职责")
    tracked = web.get(f"/track/{no}").text
    assert ("紧急热线退回" in tracked, "已转119处置" in tracked) == (True, False)
    assert (ticket(no).state.value, ticket(no).closing_reason, running(no)) == ("to_dispatch", None, {"dispatch"})
    assert steps(no)[-5:] == ["transfer_emergency", "three_way", "note_result", "come_back", "classify"]
    assert url not in agent.get("/emergencies").text
    do(clerk, f"/dispatch/{no}/dispatch", department="zjj", matter_code="0101", reason="经核实属住建局职责")
    work(signed_in, no)
    assert (ticket(no).state.value, login_of(no)) == ("to_check", "zjj_handler")
    assert agent.post(f"{url}/result", data={"words": "119又来电说明"}).status_code == 409


def test_what_110_holds_comes_back_by_its_own_message_alone(web, signed_in):
    signed_in = cache(signed_in)
    no, url = gone(web, signed_in, "110")
    clerk = signed_in("dispatcher1")
    assert 'data-opens="back"' not in clerk.get(url).text
    refused = clerk.post(f"{url}/back", data={"words": "想收回来重新派单"})
    assert (refused.status_code, "由110以报文退回" in refused.text) == (409, True)
    assert ticket(no).state.value == "transferred"
