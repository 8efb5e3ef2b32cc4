"""An alarm nobody has answered yet: no ending makes it vanish, but handing the case to the emergency line."""

import pytest
import time_machine

from hotline.background.expiring import close_expired_invitations
from hotline.database import transaction
from hotline.models.words import State
from tests.journeys.front_door import VAGUE, do, invitations, settle, write
from tests.makers import ticket

GAS = "楼道里燃气泄漏，气味很重，请马上派人来看。"
ENDINGS = {
    "refuse": {"reason_code": "no_duty", "words": "该事项应通过市场途径解决。"},
    "merge": {},
}


@pytest.mark.parametrize("way", ["refuse", "merge"])
def test_a_demand_with_an_open_alarm_is_not_ended_before_somebody_answered_it(web, signed_in, way):
    no, master = write(web, GAS, emergency_seen="1"), write(web, VAGUE)
    desk, form = signed_in("dispatcher1"), {**ENDINGS[way], "master_no": str(master)}
    refused = desk.post(f"/dispatch/{no}/{way}", data=form)
    assert (refused.status_code, "警示尚未处置" in refused.text) == (409, True)
    assert (ticket(no).state, ticket(no).alarm_open) == (State.TO_DISPATCH, True)
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=alarms").text
    do(desk, f"/dispatch/{no}/alarm", answer="rescuers_told", words="已通知燃气集团，现场无泄漏")
    do(desk, f"/dispatch/{no}/{way}", **form)
    assert ticket(no).state in (State.NOT_ACCEPTED, State.MERGED)


def test_the_emergency_line_may_have_it_at_once(web, signed_in):
    no = write(web, GAS, emergency_seen="1")
    do(signed_in("dispatcher1"), f"/dispatch/{no}/transfer", line="119", words="119已接警出动，诉求人已撤离")
    assert ticket(no).state is State.TRANSFERRED


def test_a_citizen_cannot_withdraw_words_of_danger_nobody_has_answered(web):
    no = write(web, GAS, emergency_seen="1")
    refused = web.post(f"/track/{no}/withdraw")
    assert (refused.status_code, "工作人员正在核实" in refused.text) == (409, True)
    assert ticket(no).state is State.TO_DISPATCH


def test_an_invitation_that_ran_out_closes_nothing_while_the_alarm_is_open(web, signed_in):
    no = write(web)
    settle(signed_in, no)
    with transaction():
        ticket(no).alarm_open = True
    with time_machine.travel(invitations(no)[0].expires_at, tick=True):
        close_expired_invitations()
        assert ticket(no).state is State.TO_EVALUATE
        with transaction():
            ticket(no).alarm_open = False
        close_expired_invitations()
        assert ticket(no).state is State.CLOSED
