"""A unit asks that a case is not counted: the supervisor decides, every figure says so, the review stays."""

from datetime import date

import pytest
import time_machine

from hotline import clock
from hotline.database import session
from hotline.supervision.rates import NOTHING, Part, count_figures, figure_named, listed
from hotline.supervision.scope import Scope
from tests.journeys.front_door import (
    PLAIN,
    SATISFIED,
    clock_of,
    do,
    entry,
    login_of,
    review_link,
    sent,
    steps,
    work,
    write,
)
from tests.makers import ticket

TUESDAY = "2026-03-10T02:00:00+00:00"
ASK = {"reason_code": "unreasonable", "reason": "要求补偿远超政策规定，陈桂芳", "basis": "补偿办法第六条及现场记录"}
APPEAL = ASK | {"reason_code": "not_the_facts", "reason": "回访时误听，现场已经停工"}
MARCH = "from=2026-03-01&to=2026-03-31"


def counted(key):
    """Numerator, denominator and what is left out."""
    figure = figure_named(key)
    found = count_figures((figure,), march()).values()
    one = next((each[key] for each in found), NOTHING)
    return one.counted, one.among, one.excluded


def march():
    """The month of these stories."""
    return Scope(date(2026, 3, 1), date(2026, 3, 31), clock.now())


def tickets(key, part):
    """The list behind a number."""
    return [one.ticket_no for one in session().execute(listed(figure_named(key), part, march())).scalars()]


def decide_url(no):
    """Where the newest request is decided."""
    return f"/dispatch/{no}/requests/{entry(no, 'ask_exemption').data['asked']}"


@pytest.mark.usefixtures("desk")
@time_machine.travel(TUESDAY, tick=True)
def test_a_bad_result_appealed_with_success_leaves_every_rate_and_the_review_stays(web, signed_in, messages):
    no = write(web)
    work(signed_in, no)
    handler, supervisor = signed_in(login_of(no)), signed_in("supervisor1")
    assert handler.post(f"/department/{no}/exemption", data=APPEAL).status_code == 409, "nothing bad yet"
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    do(signed_in("callback1"), f"/callback/{no}", **(SATISFIED | {"satisfied": "2"}))
    assert counted("satisfaction") == (0, 1, {})
    for field in ("reason", "basis", "reason_code"):
        assert handler.post(f"/department/{no}/exemption", data=APPEAL | {field: "无"}).status_code == 422
    do(handler, f"/department/{no}/exemption", **APPEAL)
    assert counted("satisfaction") == (0, 1, {}), "nothing before the decision"
    assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=others").text
    assert "考核申诉申请" in supervisor.get(f"/dispatch/{no}").text
    assert signed_in("dispatcher1").post(decide_url(no), data={"decision": "granted"}).status_code == 403
    do(supervisor, decide_url(no), decision="granted", words="录音核实无误")
    assert sent(messages)[-1] == "department_exempted"
    assert "不计承办单位考核" not in web.get(f"/track/{no}").text, "an appeal is between unit and hotline"
    for key in ("satisfaction", "resolution", "response", "on_time"):
        assert counted(key) == (0, 0, {"不纳入考核": 1}), key
        assert tickets(key, Part.EXCLUDED) == [no]
    assert (counted("exempted"), tickets("exempted", Part.COUNTED)) == ((1, 1, {}), [no])
    assert "不计考核1件，占办结1件的100%，超过5%" in supervisor.get(f"/board?{MARCH}").text
    assert handler.post(f"/department/{no}/exemption", data=ASK).status_code == 409, "left out already"
    assert ticket(no).state.value == "to_evaluate"
    bad = {"grade": "1", "solved": "not", "reason": "not_solved"}
    assert web.post(review_link(messages), data=bad).status_code == 200
    assert (ticket(no).state.value, steps(no)[-1]) == ("rectifying", "give_bad_review")


@time_machine.travel(TUESDAY, tick=True)
def test_a_rejected_request_is_counted_and_the_work_goes_on_all_the_while(web, signed_in, messages):
    no = write(web)
    handler, supervisor = signed_in(login_of(no)), signed_in("supervisor1")
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/exemption", **ASK)
    due = clock_of(no, "handle").due_at
    do(handler, f"/department/{no}/extension", reason="需等待检测报告出具", basis="检测规程第三条", days="1")
    asked = entry(no, "ask_extension").data["asked"]
    do(supervisor, f"/dispatch/{no}/extensions/{asked}", decision="granted", words="同意延期")
    assert clock_of(no, "handle").due_at > due
    work(signed_in, no)
    url = decide_url(no)
    assert supervisor.post(url, data={"decision": "refused", "words": ""}).status_code == 422
    do(supervisor, url, decision="refused", words="诉求在政策范围之内")
    assert sent(messages)[-1] == "department_not_exempted"
    assert (counted("exemptions_rejected")[0], tickets("exemptions_rejected", Part.COUNTED)) == (1, [no])
    assert (counted("exempted"), counted("on_time")) == ((0, 1, {}), (1, 1, {}))
    assert "超过5%" not in supervisor.get(f"/board?{MARCH}").text
    assert handler.post(f"/department/{no}/exemption", data=ASK).status_code == 409, "once only"
    assert "被驳回：诉求在政策范围之内" in handler.get(f"/department/{no}").text
    assert "陈桂芳" not in str(entry(no, "ask_exemption").data)
    assert "不计承办单位考核" not in web.get(f"/track/{no}").text
    other = write(web, PLAIN + "要求赔偿十万元。")
    do(signed_in(login_of(other)), f"/department/{other}/sign")
    do(signed_in(login_of(other)), f"/department/{other}/exemption", **ASK)
    do(supervisor, decide_url(other), decision="granted", words="核实无误")
    assert sorted(sent(messages)[-2:]) == ["department_exempted", "held_unreasonable"]
    told = web.get(f"/track/{other}").text.partition("您反映的内容")[0]
    assert ("按不合理诉求不计承办单位考核" in told, ASK["reason"][:10] in told, "陈桂芳" in told) == (True, True, False)
