"""A department asks to end its work for a reason in law; the supervisor decides, and the citizen has the last word."""

import pytest
import time_machine

from tests.journeys.front_door import (
    RECTIFIED,
    VAGUE,
    clock_of,
    do,
    entry,
    invitations,
    login_of,
    review_link,
    running,
    sent,
    steps,
    work,
    write,
)
from tests.makers import ticket

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"
ASK = {"reason": "诉求人已就同一争议向法院起诉，陈桂芳", "basis": "行政诉讼法第四十九条"}
BAD = {"grade": "1", "solved": "not", "reason": "not_solved"}


def asked(signed_in, no):
    """Signed, and a termination asked for; the address at which it is decided."""
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/termination", **ASK)
    return f"/dispatch/{no}/terminations/{entry(no, 'ask_termination').data['asked']}"


@time_machine.travel(TUESDAY, tick=True)
def test_a_granted_termination_is_told_with_its_reason_and_goes_to_the_review(web, signed_in, messages):
    no = write(web)
    url, supervisor = asked(signed_in, no), signed_in("supervisor1")
    assert running(no) >= {"handle", "contact"}
    assert "终止申请待热线审批" in signed_in(login_of(no)).get(f"/department/{no}").text
    assert signed_in("dispatcher1").post(url, data={"decision": "granted", "words": ""}).status_code == 403
    assert f"/dispatch/{no}" in supervisor.get("/dispatch?tab=stops").text
    assert ASK["basis"] in supervisor.get(f"/dispatch/{no}").text
    do(supervisor, url, decision="granted", words="同意终止")
    assert (ticket(no).state.value, running(no)) == ("to_evaluate", {"evaluate"})
    handled = clock_of(no, "handle")
    assert (handled.met_at, handled.stopped_at is None) == (None, False)
    assert steps(no)[-3:] == ["ask_termination", "grant_termination", "invite_review"]
    assert sent(messages)[-3:] == ["department_terminated", "terminated", "review_invitation"]
    words = "经批准终止办理。原因：诉求人已就同一争议向法院起诉"
    pages = web.get(f"/track/{no}").text, web.get(review_link(messages)).text
    assert all(words in page and ASK["basis"] in page for page in pages)
    assert pages[0].count("已完成") == 4
    assert all("陈桂芳" not in page.partition("您反映的内容")[0] for page in pages)
    assert web.post(review_link(messages), data=BAD).status_code == 200
    assert ticket(no).state.value == "rectifying"
    do(signed_in(login_of(no)), f"/department/{no}/rectified", **RECTIFIED)
    do(signed_in("callback2"), f"/callback/{no}/rectification", verified="yes", words="已核实")
    assert len(invitations(no)) == 2


@time_machine.travel(TUESDAY, tick=True)
def test_a_refused_termination_changes_nothing_and_the_work_goes_on(web, signed_in, messages):
    no = write(web)
    url, supervisor, before = asked(signed_in, no), signed_in("supervisor1"), running(no)
    assert supervisor.post(url, data={"decision": "refused", "words": ""}).status_code == 422
    do(supervisor, url, decision="refused", words="法院尚未立案，请继续办理")
    assert (ticket(no).state.value, running(no)) == ("handling", before)
    assert sent(messages)[-1] == "department_not_terminated"
    assert "被驳回：法院尚未立案" in signed_in(login_of(no)).get(f"/department/{no}").text
    work(signed_in, no)
    assert ticket(no).state.value == "to_check"


@time_machine.travel(TUESDAY, tick=True)
def test_what_followed_a_terminated_ticket_has_no_answer_and_is_dispatched_on_its_own(web, signed_in):
    no, follower = write(web), write(web, VAGUE, form_key="told again")
    do(signed_in("dispatcher1"), f"/dispatch/{follower}/merge", master_no=str(no))
    do(signed_in("supervisor1"), asked(signed_in, no), decision="granted", words="同意终止")
    assert (ticket(follower).state.value, ticket(follower).master_no) == ("to_dispatch", follower)


@time_machine.travel(TUESDAY, tick=True)
def test_a_termination_without_reason_or_basis_is_not_taken(web, signed_in):
    no = write(web)
    handler = signed_in(login_of(no))
    do(handler, f"/department/{no}/sign")
    refused = handler.post(f"/department/{no}/termination", data={"reason": "起诉", "basis": ""})
    assert refused.status_code == 422
    assert "请写明终止的依据。" in refused.text
    assert steps(no)[-1] == "sign"
