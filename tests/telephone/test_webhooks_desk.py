"""The carrier's door: only signed messages, one answer a message, and words for the caller whatever is down."""

import pytest
from sqlalchemy import func, select

from hotline.database import session, transaction
from hotline.models import Call, InboxRow, Ticket
from hotline.telephone import calls, seats
from tests.telephone.desk_stage import CALLER, RING_SECONDS, DeskStage, until
from tests.telephone.twiml_checker import faults

pytestmark = pytest.mark.proof

NO_DATABASE = {"database_url": "postgresql://nobody@127.0.0.1:1/none"}
VALUES = {"CallSid": "CA" + "a" * 32, "From": CALLER, "CallStatus": "in-progress"}


def test_a_forged_signature_is_refused_and_changes_nothing(stage: DeskStage) -> None:
    for signature in ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""):
        refused = stage.post("enqueue", VALUES, **{"X-Twilio-Signature": signature})
        assert (refused.status_code, refused.text) == (403, "签名无效或已过期。")
    with transaction() as current:
        assert current.execute(select(func.count()).select_from(Call)).scalar_one() == 0


def test_a_missing_signature_is_refused(stage: DeskStage) -> None:
    assert stage.post("voice", VALUES, **{"X-Twilio-Signature": None}).status_code == 403


def test_the_address_is_the_configured_one_whatever_the_request_says(stage: DeskStage) -> None:
    forged = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https"}
    assert stage.post("voice", VALUES, **forged).status_code == 200


@pytest.mark.parametrize(("tokens", "status"), [
    ("new-token, test-token", 200), ("test-token,new-token", 200), ("new-token", 403), ("", 403)])
def test_a_token_is_good_while_it_is_in_the_list(stage: DeskStage, tokens: str, status: int) -> None:
    assert stage.post_to_another({"twilio_token": tokens}, "voice", VALUES).status_code == status


def test_an_unknown_step_is_not_found_and_get_is_refused(stage: DeskStage) -> None:
    assert stage.post("no-such-step", VALUES).status_code == 404


@pytest.mark.parametrize("headers", [{"I-Twilio-Idempotency-Token": "t-1"}, {}])
def test_the_same_message_gets_the_same_answer_and_works_once(
        stage: DeskStage, headers: dict[str, str]) -> None:
    stage.sit("agent1", "busy")
    answers = {stage.post("enqueue", VALUES, **headers).text for _ in range(3)}
    assert len(answers) == 1
    assert "Enqueue" in answers.pop()
    with transaction() as current:
        assert current.execute(select(func.count()).select_from(Ticket)).scalar_one() == 1
        assert current.execute(select(func.count()).select_from(InboxRow)).scalar_one() == 1


def test_a_notice_that_comes_after_the_end_changes_nothing(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    stage.post("enqueue", VALUES)
    stage.post("status", VALUES | {"CallStatus": "completed"})
    for step, status in (("status", "ringing"), ("status", "in-progress"), ("enqueue", "in-progress"),
                         ("left", "completed"), ("bridge", "in-progress"), ("status", "completed")):
        told = {"CallStatus": status, "QueueResult": "hangup", "SequenceNumber": "9"}
        assert stage.post(step, VALUES | told).status_code == 200
        assert stage.call(VALUES["CallSid"]).state == "abandoned"


def test_a_call_taken_by_the_fallback_document_becomes_a_ticket_afterwards(stage: DeskStage) -> None:
    sound = {"RecordingSid": "RE1", "RecordingStatus": "absent", "RecordingDuration": "-1"}
    stage.post("recording", VALUES | sound)
    stage.post("status", VALUES | {"CallStatus": "completed"})
    taken = stage.ticket(VALUES["CallSid"])
    assert (taken.state, taken.source) == ("to_supplement", "voicemail")


def test_redis_down_a_call_still_reaches_the_queue(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    answer = stage.post_to_another({"redis_url": "redis://127.0.0.1:1/0"}, "enqueue", VALUES)
    assert "<Enqueue" in answer.text
    assert stage.call(VALUES["CallSid"]).state == "queued"


@pytest.mark.parametrize(("step", "said"), [
    ("voice", "<Record"), ("enqueue", "<Record"), ("wait", "正在为您转接"), ("left", "<Record"),
    ("agent", "已由同事接听"), ("bridge", "<Conference"), ("after", "请对本次通话服务评价"), ("score", "感谢您的来电"),
    ("voicemail-done", "您的留言已收到"), ("fallback", "<Record")])
def test_database_down_the_caller_still_hears_what_helps(stage: DeskStage, step: str, said: str) -> None:
    answer = stage.post_to_another(NO_DATABASE, step, VALUES)
    assert (answer.status_code, faults(answer.text, in_queue=step == "wait")) == (200, [])
    assert said in answer.text


@pytest.mark.parametrize("step", ["status", "conference", "recording", "agent-status"])
def test_database_down_a_notice_is_asked_to_come_again(stage: DeskStage, step: str) -> None:
    told = VALUES | {"CallStatus": "completed", "StatusCallbackEvent": "participant-leave"}
    assert stage.post_to_another(NO_DATABASE, step, told).status_code == 503


def test_a_number_the_carrier_refuses_to_ring_counts_as_missed(stage: DeskStage) -> None:
    agent = stage.sit("agent1", "busy")
    with transaction():
        seats.seat_of(agent.id).desk_phone = "+8613900000099"
    stage.sit("agent1")
    call = stage.ring()
    until(lambda: (found := stage.call(call)) and found.missed_by)
    assert (stage.seat(agent).state, stage.call(call).state) == ("busy", "queued")


def test_a_recording_the_carrier_has_lost_is_shown_as_missing(stage: DeskStage) -> None:
    stage.post("voicemail-done", VALUES)
    told = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingDuration": "7"}
    stage.post("recording", VALUES | told)
    number = stage.ticket(VALUES["CallSid"]).ticket_no

    def states() -> list[str]:
        with transaction():
            session().expire_all()
            return [one.state for one in calls.recordings_of(number)]

    assert states() in (["waiting"], ["missing"])
    until(lambda: states() == ["missing"])


def test_the_agents_leg_is_told_it_is_too_late_when_the_caller_has_gone(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.until_call(call, "offering")
    stage.do(call, "hang-up")
    stage.until_call(call, "abandoned")
    assert stage.seat(agent).state == "ready"
    late = stage.post(f"agent?call={call}&seat={agent.id}", {"CallSid": "CAlate", "CallStatus": "in-progress"})
    assert "已由同事接听" in late.text


def test_an_agents_leg_that_is_picked_up_after_the_next_seat_rings_does_not_take_the_call(
        stage: DeskStage) -> None:
    slow, quick = stage.sit("agent1"), stage.sit("agent2")
    call = stage.ring()
    until(lambda: (found := stage.call(call)) and found.agent_leg)
    stage.later(slow, RING_SECONDS)
    stage.until_seat(quick, "ringing")
    late = stage.post(f"agent?call={call}&seat={slow.id}", {"CallSid": "CAslow", "CallStatus": "in-progress"})
    assert "已由同事接听" in late.text
    assert stage.pick_up(quick) == call
