"""Words of danger open the alarm at every door, and it waits for a person, whatever becomes of the ticket."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from hotline import clock
from hotline.background.expiring import tell_of_alarms
from hotline.channels.partners import load_demo_partners
from hotline.database import session, transaction
from hotline.models import GridTask, Ticket
from hotline.models.words import State
from hotline.telephone import calls
from hotline.tickets.city_settings import change_setting
from hotline.tickets.find import shown_number
from tests.journeys.front_door import PLAIN, REPLY, clock_of, do, entry, invitations, steps, write
from tests.makers import drain, ticket
from tests.police110.desk_and_police import PLATFORM, deliver_body, know_police
from tests.police110.test_desk_side import pushed_ticket
from tests.police110.written_messages import message
from tests.web.prepared_tickets import prepare

pytestmark = pytest.mark.proof

FIRE = "楼道里着火了，浓烟很大，有人被困，请快来。"
FORM = {"content": FIRE, "place": "金桂苑小区", "phone": "13812345678", "version": "0"}
SAID = {"connected": "yes", "contacted": "yes", "solved": "solved", "satisfied": "4", "note": FIRE}
REVIEW = {"grade": "5", "solved": "solved", "words": FIRE}


def newest():
    """The ticket that was made last."""
    return session().execute(select(func.max(Ticket.ticket_no))).scalar_one()


def police(web):
    """A push of 110."""
    know_police()
    body = json.loads(message("good_push")["body"]) | {"BJNR": FIRE, "JJDBH": f"{PLATFORM} fire"}
    assert deliver_body(web, "/api/v1/police110/transfers", body).status_code == 200
    return newest()


def partner(web):
    """A partner's message."""
    with transaction():
        key = load_demo_partners(web.application.extensions["hotline-config"])["demo-api"]
    headers = {"X-API-Key": key, "Idempotency-Key": "fire"}
    return int(web.post("/api/v1/demands", json={"content": FIRE}, headers=headers).json["ticket_no"])


def registered(agent, no=""):
    """What an agent types: refused until the danger was seen."""
    assert agent.post("/agent/register", data=FORM | {"ticket_no": no}).status_code == 422
    do(agent, "/agent/register", **FORM, ticket_no=no, emergency_seen="1")
    return no or newest()


def voicemail(agent):
    """A message left at night, written down in the morning."""
    with transaction():
        call = calls.arrive("CAfire")
        calls.leave_word(call, "13900000001")
        no = call.ticket_no
    return registered(agent, no)


def reviewed(web, no):
    """The citizen's review, from the look-up page."""
    do(web, "/track", ticket_no=str(no), proof="13812345678")
    assert web.post(f"/track/{no}/review", data=REVIEW).status_code == 200


def returned(web):
    """110 gives back what we pushed, for there is a danger that is not its own."""
    know_police()
    ours = pushed_ticket()
    body = json.loads(message("good_return_from_110")["body"]) | {"FLOWID": str(ours.ticket_no), "HANDLEOPINION": FIRE}
    assert deliver_body(web, "/api/v1/police110/returns", body).status_code == 200
    return ours.ticket_no


def on_the_spot(sign_in):
    """What a grid worker finds."""
    no = posted(sign_in("zjj_handler"), "handling", "/department/{}/grid", cell="hb-01", kind="verify", words="请到现场看看")
    task = session().execute(select(func.max(GridTask.id)).where(GridTask.ticket_no == no)).scalar_one()
    do(sign_in("grid1"), f"/grid/tasks/{task}", result="confirmed", words=FIRE)
    return no


def posted(browser, situation, path, **fields):
    """A form about a ticket in this situation."""
    no = prepare(situation)
    do(browser, path.format(no), **fields)
    return no


DOORS = {
    "web form": lambda web, _: write(web, FIRE, emergency_seen="1"),
    "partner": lambda web, _: partner(web),
    "110": lambda web, _: police(web),
    "console": lambda _, sign_in: registered(sign_in("agent1")),
    "voicemail": lambda _, sign_in: voicemail(sign_in("agent1")),
    "supplement": lambda _, sign_in: posted(
        sign_in("dispatcher1"), "to_supplement", "/dispatch/{}/supplement", words=FIRE),
    "amend": lambda _, sign_in: posted(sign_in("agent1"), "handling", "/agent/tickets/{}/amend", words=FIRE),
    "urge": lambda _, sign_in: posted(sign_in("agent1"), "handling", "/agent/tickets/{}/urge", words=FIRE),
    "contest": lambda _, sign_in: posted(sign_in("agent1"), "refused", "/agent/tickets/{}/contest", words=FIRE),
    "reopen": lambda _, sign_in: posted(sign_in("agent1"), "closed", "/agent/tickets/{}/reopen", words=FIRE),
    "callback": lambda _, sign_in: posted(sign_in("callback1"), "to_callback", "/callback/{}", **SAID),
    "contact": lambda _, sign_in: posted(sign_in("zjj_handler"), "handling", "/department/{}/contact",
                                       contacted="yes", contact_note=FIRE),
    "reply": lambda _, sign_in: posted(
        sign_in("zjj_handler"), "handling", "/department/{}/reply", **(REPLY | {"contact_note": FIRE})),
    "grid": lambda _, sign_in: on_the_spot(sign_in),
    "withdrawal": lambda _, sign_in: posted(sign_in("agent1"), "handling", "/agent/tickets/{}/withdraw", words=FIRE),
    "return of 110": lambda web, _: returned(web),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_words_of_danger_alarm_at_every_door_before_anything_else(web, signed_in, door):
    quiet = prepare("to_dispatch")
    no = DOORS[door](web, signed_in)
    found = ticket(no)
    assert (found.alarm_open, found.urgency.value) == (True, "emergency")
    assert "着火" in found.text
    assert clock_of(no, "alarm").due_at - clock_of(no, "alarm").started_at == timedelta(minutes=5)
    shown = signed_in("agent2").get("/agent").text
    assert f"/agent/tickets/{no}" in shown
    assert f"/agent/tickets/{quiet}" not in shown


def test_danger_written_beside_the_text_is_heard_and_the_citizen_is_told_the_number_first(web):
    told = {"place": "金桂苑3栋着火", "content": "请快一点来看看。", "phone": "13812345678", "form_key": "place"}
    assert "119" in web.post("/demands", data=told).text
    no = write(web, "请快一点来看看。", place="金桂苑3栋着火", emergency_seen="1")
    assert (ticket(no).alarm_open, ticket(no).urgency.value) == (True, "emergency")


def test_an_alarm_in_a_closing_review_stays_until_somebody_says_what_was_done(web, signed_in):
    no = prepare("to_evaluate")
    reviewed(web, no)
    assert (ticket(no).state, ticket(no).alarm_open) == (State.CLOSED, True)
    agent, desk = signed_in("agent1"), signed_in("dispatcher1")
    assert f"/dispatch/{no}" in desk.get("/dispatch?tab=alarms").text
    assert "着火" in desk.get(f"/dispatch/{no}").text
    path = f"/agent/tickets/{no}/alarm"
    for wrong in ({"answer": "to_119", "words": "好"}, {"answer": "made up", "words": "已三方通话，119出动"}):
        refused = agent.post(path, data=wrong)
        assert (refused.status_code, wrong["words"] in refused.text) == (422, True)
    do(agent, path, answer="to_119", words="已三方通话，119出动")
    assert entry(no, "answer_alarm").data["answer"] == "to_119"
    assert "已转119：已三方通话，119出动" in desk.get(f"/dispatch/{no}").text
    assert clock_of(no, "alarm").met_at is not None
    assert agent.post(path, data={"answer": "to_119", "words": "再次说明"}).status_code == 409
    assert f"/agent/tickets/{no}" not in agent.get("/agent/alarms").text


def test_the_duty_officer_is_told_of_an_alarm_that_ran_out_and_again_while_nobody_answers(web, signed_in, messages):
    with transaction():
        change_setting("duty_officer", "13800009999", "按值班表", None)
    answered, left = (write(web, FIRE, form_key=f"fire {n}", emergency_seen="1") for n in range(2))
    do(signed_in("dispatcher1"), f"/dispatch/{answered}/alarm", answer="to_119", words="119已经出动到场")

    def told():
        tell_of_alarms()
        drain()
        late = [one for one in messages.sent if one[1] == "alarm_unanswered"]
        return [(to, params["ticket_no"]) for to, _, params, _ in late]

    assert told() == []
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert len(told()) == len(told()) == 1
        assert told()[0] == ("+8613800009999", shown_number(left))
        assert "超期" in signed_in("agent1").get(f"/agent/tickets/{left}").text
    with time_machine.travel(clock.now() + timedelta(minutes=37), tick=True):
        assert len(told()) == len(told()) == 2, "every half hour (default)"
    assert ticket(left).alarm_open
    assert "answer_alarm" not in steps(left)
    do(signed_in("dispatcher1"), f"/dispatch/{left}/alarm", answer="to_119", words="119已经出动到场")
    with time_machine.travel(clock.now() + timedelta(minutes=90), tick=True):
        assert len(told()) == 2


def test_new_danger_after_an_answer_is_a_new_alarm(web, signed_in):
    no = write(web, FIRE, emergency_seen="1")
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{no}/alarm", answer="to_119", words="119已经出动到场")
    first = clock_of(no, "alarm").id
    do(signed_in("agent1"), f"/agent/tickets/{no}/amend", words=PLAIN)
    assert not ticket(no).alarm_open
    do(signed_in("agent1"), f"/agent/tickets/{no}/amend", words="又着火了，烟更大了。")
    assert ticket(no).alarm_open
    assert clock_of(no, "alarm").id != first
    assert invitations(no) == []
