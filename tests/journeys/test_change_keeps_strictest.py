"""After dispatch a case is called otherwise on request only, and no limit gets longer by it (domain.md §18, I22)."""

from datetime import date

import time_machine

from hotline import clock
from hotline.database import session
from hotline.supervision.rates import Part, figure_named, listed
from hotline.supervision.scope import Scope
from tests.journeys.front_door import PLAIN, clock_of, do, entry, login_of, sent, steps, write
from tests.makers import ticket

TUESDAY, WEDNESDAY = "2026-03-10T02:00:00+00:00", "2026-03-11T03:00:00+00:00"
WHY = "诉求人说明只是咨询政策，陈桂芳"


def due(no):
    """Until when the unit has to handle the case."""
    return clock.shown(clock_of(no, "handle").due_at)


@time_machine.travel(TUESDAY, tick=True)
def test_a_shorter_limit_moves_the_due_date_and_a_longer_one_never_does(web, signed_in, messages):
    no = write(web)
    handler, dispatcher, supervisor = signed_in(login_of(no)), signed_in("dispatcher1"), signed_in("supervisor1")
    was, matter = ticket(no).request_type.value, ticket(no).matter_code
    assert (due(no), was != "consultation") == ("3月17日 24:00", True)
    do(handler, f"/department/{no}/change", reason=WHY, request_type="consultation", matter_code="0101")
    asked = entry(no, "ask_change").data["asked"]
    assert (due(no), ticket(no).request_type.value) == ("3月17日 24:00", was)
    assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=others").text
    assert "诉求类型改为咨询" in supervisor.get(f"/dispatch/{no}").text
    assert dispatcher.post(f"/dispatch/{no}/requests/{asked}", data={"decision": "granted"}).status_code == 403
    do(supervisor, f"/dispatch/{no}/requests/{asked}", decision="granted", words="情况属实")
    assert (due(no), ticket(no).request_type.value, ticket(no).matter_code) == ("3月13日 24:00", "consultation", "0101")
    journal = entry(no, "change_type").data
    assert journal["changed"] == {"request_type": [was, "consultation"], "matter_code": [matter, "0101"]}
    assert [one["kind"] for one in journal["clocks"]].count("handle") >= 1
    assert clock_of(no, "handle").original_due_at == clock_of(no, "handle").due_at
    assert sent(messages)[-1] == "department_changed"
    assert "改为咨询" in handler.get(f"/department/{no}").text
    do(dispatcher, f"/dispatch/{no}/change", reason=WHY, request_type=was)
    url = f"/dispatch/{no}/requests/{entry(no, 'ask_change').data['asked']}"
    do(supervisor, url, decision="granted", words="仍按原类型")
    assert (due(no), ticket(no).request_type.value, entry(no, "change_type").data["clocks"]) == ("3月13日 24:00", was, [])
    assert supervisor.post(url, data={"decision": "granted"}).status_code == 409, "decided already"
    assert "陈桂芳" not in str([entry(no, "ask_change").data, entry(no, "change_type").data])

    figure, scope = figure_named("changed"), Scope(date(2026, 3, 1), date(2026, 3, 31), clock.now())
    assert [one.ticket_no for one in session().execute(listed(figure, Part.COUNTED, scope)).scalars()] == [no]

    ask = {"reason_code": "not_our_duty", "reason": "不属于我单位职责范围", "basis": "三定规定第三条"}
    do(handler, f"/department/{no}/return", **ask, proposed_department="zjj")
    returned = entry(no, "ask_return").data["asked"]
    do(dispatcher, f"/dispatch/{no}/returns/{returned}", decision="granted", words="同意改派", department="zjj")
    assert (ticket(no).round, due(no)) == (2, "3月13日 24:00"), "the strictest stays for the next unit too"


@time_machine.travel(TUESDAY, tick=True)
def test_what_is_refused_or_asked_badly_changes_nothing(web, signed_in):
    no = write(web)
    handler, supervisor, before = signed_in(login_of(no)), signed_in("supervisor1"), (due(no), ticket(no).urgency)
    for form, sentence in (
        ({"reason": WHY}, "请至少改变"),
        ({"reason": "急", "urgency": "urgent"}, "请写明变更的理由"),
        ({"reason": WHY, "request_type": "harassment"}, "请从列表中选择"),
        ({"reason": WHY, "matter_code": "9999"}, "请从列表中选择"),
    ):
        answer = handler.post(f"/department/{no}/change", data=form)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert form["reason"] in answer.text
    assert "ask_change" not in steps(no)
    do(handler, f"/department/{no}/change", reason=WHY, urgency="urgent")
    assert "变更申请（紧急程度改为紧急）待热线审批" in handler.get(f"/department/{no}").text
    url = f"/dispatch/{no}/requests/{entry(no, 'ask_change').data['asked']}"
    assert supervisor.post(url, data={"decision": "refused", "words": ""}).status_code == 422
    do(supervisor, url, decision="refused", words="按一般件办理即可")
    assert (due(no), ticket(no).urgency) == before
    own = supervisor.post(f"/dispatch/{no}/change", data={"reason": WHY, "urgency": "urgent"})
    assert own.status_code == 403, "who decides does not ask"


def test_a_limit_that_would_be_over_already_runs_from_the_change_on(web, signed_in):
    with time_machine.travel(TUESDAY, tick=False):
        no = write(web, PLAIN)
        do(signed_in(login_of(no)), f"/department/{no}/sign")
    with time_machine.travel(WEDNESDAY, tick=False):
        dispatcher, supervisor = signed_in("dispatcher1"), signed_in("supervisor1")
        do(dispatcher, f"/dispatch/{no}/change", reason=WHY, urgency="critical")
        url = f"/dispatch/{no}/requests/{entry(no, 'ask_change').data['asked']}"
        do(supervisor, url, decision="granted", words="有人受伤")
        assert due(no) == "3月12日 11:00"
        assert (ticket(no).urgency.value, ticket(no).priority) == ("critical", 1)
