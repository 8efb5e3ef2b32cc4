"""The pretend Twilio plays whole calls against a desk of one file, through HTTP, as the demo's phones do."""

import io
import time
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from twilio.twiml.voice_response import VoiceResponse

from hotline.gateways.carrier import CallGone, CallOrder
from hotline.gateways.twilio_account import TwilioAccount
from hotline.gateways.twilio_carrier import TwilioCarrier
from hotline.telephone import call_flow
from hotline.telephone.pretend_delivery import Mischief, read_overrides
from hotline.telephone.pretend_twilio import PretendSettings, serving
from tests.telephone.toy_desk import TOKEN, Seen, running_desk, serving_on_loopback

pytestmark = pytest.mark.proof

ACCOUNT = "AC" + "1" * 32
NUMBER = "+85230012345"
CALLER = "+8613900000001"
AGENT = "client:agent-7"


class Stage:
    """A desk, a pretend Twilio and the carrier between them."""

    def __init__(self, seen: Seen, desk: str, twilio: str) -> None:
        self.seen, self.desk, self.twilio = seen, desk, twilio
        self.carrier = TwilioCarrier(TwilioAccount(ACCOUNT, TOKEN, NUMBER, api_base_url=twilio))

    def ring(self) -> str:
        return requests.post(f"{self.twilio}/caller/calls", json={"from": CALLER}, timeout=5).json()["call"]

    def do(self, call: str, verb: str, **body: str) -> None:
        requests.post(f"{self.twilio}/caller/calls/{call}/{verb}", json=body, timeout=5).raise_for_status()

    def call(self, call: str) -> dict[str, Any]:
        return requests.get(f"{self.twilio}/caller/calls/{call}", timeout=5).json()

    def heard(self, call: str) -> str:
        return "\n".join(line["text"] for line in self.call(call)["lines"] if line["kind"] != "own")

    def until_state(self, call: str, state: str) -> None:
        until(lambda: self.call(call)["state"] == state)

    def order(self, call: str) -> CallOrder:
        return CallOrder(AGENT, f"{self.desk}/twilio/agent?call={call}", f"{self.desk}/twilio/agent-status")

    def connect(self, call: str) -> str:
        """An agent picks up and the waiting caller is fetched; the agent's call."""
        self.until_state(call, "queued")
        agent = self.carrier.place_call(self.order(call))
        self.do(agent, "answer")
        self.until_state(agent, "talking")
        self.carrier.redirect(call, f"{self.desk}/twilio/bridge")
        self.until_state(call, "talking")
        return agent


def until(true: Callable[[], bool], seconds: float = 8) -> None:
    """Wait for something that happens on another thread."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Twenty times as fast as life; a test's parameter is the mischief."""
    with ExitStack() as stack:
        seen = Seen()
        desk = stack.enter_context(running_desk(seen))
        twilio = stack.enter_context(serving_on_loopback(serving(PretendSettings(
            ACCOUNT, TOKEN, NUMBER, f"{desk}/twilio/voice#rc=2&rp=ct,rt,5xx", f"{desk}/twilio/status",
            fallback_url=f"{desk}/twilio/fallback", pace=0.05,
            mischief=getattr(request, "param", Mischief())), 0)))
        yield Stage(seen, desk, twilio)


def test_a_caller_who_presses_nothing_waits_talks_to_an_agent_and_rates(stage: Stage) -> None:
    call = stage.ring()
    agent = stage.connect(call)
    stage.do(call, "speak", text="金桂苑小区停水两天了")
    stage.do(agent, "speak", text="已为您登记")
    assert "金桂苑小区停水两天了" in stage.heard(agent)
    assert "已为您登记" in stage.heard(call)
    stage.carrier.redirect(call, f"{stage.desk}/twilio/after")
    until(lambda: "请对本次通话服务评价" in stage.heard(call))
    stage.do(call, "keys", digits="5")
    stage.until_state(call, "ended")
    heard = stage.heard(call)
    assert heard.index("将被录音") < heard.index("正在为您转接") < heard.index("感谢您的来电")
    assert [told["Digits"] for told in stage.seen.told("score")] == ["5"]
    assert [told["QueueResult"] for told in stage.seen.told("left")] == ["redirected"]
    stage.until_state(agent, "ended")


def test_the_talk_is_recorded_and_the_sound_can_be_fetched_once_and_deleted(stage: Stage) -> None:
    call = stage.ring()
    stage.connect(call)
    stage.do(call, "speak", text="路灯不亮")
    stage.do(call, "hang-up")
    until(lambda: bool(stage.seen.told("recording")))
    report = stage.seen.told("recording")[0]
    assert report["RecordingStatus"] == "completed"
    kept = stage.carrier.fetch_recording(report["RecordingSid"])
    with wave.open(io.BytesIO(kept.content.read())) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 8000)
    stage.carrier.delete_recording(report["RecordingSid"])
    stage.carrier.delete_recording(report["RecordingSid"])


def test_a_room_reports_who_came_and_went_in_numbered_order(stage: Stage) -> None:
    call = stage.ring()
    stage.connect(call)
    stage.do(call, "hang-up")
    until(lambda: "conference-end" in [told["StatusCallbackEvent"] for told in stage.seen.told("conference")])
    told = sorted(stage.seen.told("conference"), key=lambda each: int(each["SequenceNumber"]))
    assert [(each["StatusCallbackEvent"], each.get("ParticipantLabel")) for each in told] == [
        ("participant-join", "agent"), ("participant-join", "caller"), ("conference-start", None),
        ("participant-leave", "caller"), ("participant-leave", "agent"), ("conference-end", None)]


def test_an_agent_who_leaves_does_not_take_the_caller_along(stage: Stage) -> None:
    call = stage.ring()
    agent = stage.connect(call)
    stage.do(agent, "hang-up")
    stage.until_state(agent, "ended")
    assert stage.call(call)["state"] == "talking"


def test_a_waiting_caller_may_leave_a_message_by_key(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    stage.do(call, "keys", digits="1")
    stage.until_state(call, "recording")
    stage.do(call, "speak", text="学府路井盖缺失")
    stage.do(call, "keys", digits="#")
    stage.until_state(call, "ended")
    assert "您的留言已收到" in stage.heard(call)
    assert call in stage.seen.tickets
    until(lambda: bool(stage.seen.told("recording")))
    assert stage.seen.told("recording")[0]["RecordingStatus"] == "completed"


def test_a_message_of_silence_is_reported_absent(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    stage.carrier.redirect(call, f"{stage.desk}/twilio/voicemail")
    stage.until_state(call, "ended")
    assert "没有听到您的留言" in stage.heard(call)
    until(lambda: bool(stage.seen.told("recording")))
    assert stage.seen.told("recording")[0]["RecordingStatus"] == "absent"


def test_a_caller_who_hangs_up_while_waiting_is_reported(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    stage.do(call, "hang-up")
    until(lambda: bool(stage.seen.told("status")))
    assert [told["QueueResult"] for told in stage.seen.told("left")] == ["hangup"]
    assert stage.seen.told("status")[0]["CallStatus"] == "completed"


def test_a_grade_may_be_spoken_and_words_said_while_waiting_answer_nothing(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    stage.do(call, "speak", text="喂，有人吗")
    stage.carrier.redirect(call, f"{stage.desk}/twilio/after")
    until(lambda: "请对本次通话服务评价" in stage.heard(call))
    stage.do(call, "speak", text="非常满意")
    stage.until_state(call, "ended")
    assert [told.get("SpeechResult") for told in stage.seen.told("score")] == ["非常满意"]


def test_a_supervisor_who_coaches_is_heard_by_the_agent_alone(stage: Stage) -> None:
    call = stage.ring()
    agent = stage.connect(call)
    room = call_flow.conference_name(call)
    order = CallOrder("client:chief", "", f"{stage.desk}/twilio/agent-status")
    supervisor = stage.carrier.add_party(room, order, "supervisor")
    stage.do(supervisor, "answer")
    stage.until_state(supervisor, "talking")
    stage.carrier.coach(room, supervisor, agent)
    stage.do(supervisor, "speak", text="请核对地址")
    assert "请核对地址" in stage.heard(agent)
    assert "请核对地址" not in stage.heard(call)


def test_a_caller_on_hold_neither_hears_nor_is_heard(stage: Stage) -> None:
    call = stage.ring()
    agent = stage.connect(call)
    room = call_flow.conference_name(call)
    stage.carrier.hold(room, call, music_url="https://desk.example.com/hold.mp3")
    stage.do(agent, "speak", text="请稍等")
    stage.do(call, "speak", text="还在吗")
    stage.carrier.resume(room, call)
    stage.do(agent, "speak", text="我回来了")
    assert "请稍等" not in stage.heard(call)
    assert "还在吗" not in stage.heard(agent)
    assert "我回来了" in stage.heard(call)


def test_a_second_caller_is_told_how_many_are_ahead(stage: Stage) -> None:
    first = stage.ring()
    stage.until_state(first, "queued")
    second = stage.ring()
    until(lambda: "您前面还有1位" in stage.heard(second))


@pytest.mark.parametrize(("deed", "status"), [("hang-up", "busy"), (None, "no-answer")])
def test_an_agent_who_declines_or_lets_it_ring_is_reported(
        stage: Stage, deed: str | None, status: str) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    agent = stage.carrier.place_call(CallOrder(AGENT, f"{stage.desk}/twilio/agent?call={call}",
                                               f"{stage.desk}/twilio/agent-status", ring_seconds=5))
    if deed:
        stage.do(agent, deed)
    until(lambda: [told["CallStatus"] for told in stage.seen.told("agent-status")][-1:] == [status])
    assert stage.call(call)["state"] == "queued"


def test_an_ended_call_can_not_be_sent_elsewhere(stage: Stage) -> None:
    call = stage.ring()
    stage.do(call, "hang-up")
    stage.until_state(call, "ended")
    with pytest.raises(CallGone):
        stage.carrier.redirect(call, f"{stage.desk}/twilio/bridge")


def test_a_call_whose_answer_was_lost_is_found_again_and_not_placed_twice(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    order = stage.order(call)
    placed = stage.carrier.place_call(order)
    since = stage.carrier.client.calls(placed).fetch().start_time
    again = CallOrder(order.to, order.flow_url, order.status_url, tried_since=since)
    assert stage.carrier.place_call(again) == placed


@pytest.mark.parametrize("stage", [Mischief(lost_answers=1)], indirect=True)
def test_a_lost_answer_is_asked_for_again_with_the_same_token(stage: Stage) -> None:
    call = stage.ring()
    stage.until_state(call, "queued")
    tokens = [token for step, token, _ in stage.seen.arrived if step == "voice"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    assert stage.heard(call).count("您好") == 1


@pytest.mark.parametrize("stage", [Mischief(copies=2)], indirect=True)
def test_everything_told_twice_changes_nothing(stage: Stage) -> None:
    call = stage.ring()
    stage.connect(call)
    stage.do(call, "hang-up")
    until(lambda: len(stage.seen.told("status")) == 2)
    until(lambda: set(Counter(token for _, token, _ in stage.seen.arrived).values()) == {2})
    assert stage.seen.tickets == {call}


@pytest.mark.parametrize("stage", [Mischief(statuses_reversed=True)], indirect=True)
def test_statuses_may_arrive_last_one_first(stage: Stage) -> None:
    call = stage.ring()
    agent = stage.connect(call)
    stage.do(agent, "hang-up")
    until(lambda: len(stage.seen.told("agent-status")) == 4)
    assert [told["CallStatus"] for told in stage.seen.told("agent-status")] == [
        "completed", "in-progress", "ringing", "queued"]


def test_a_failing_step_is_tried_three_times_and_then_the_fallback_takes_a_message(stage: Stage) -> None:
    stage.seen.breaks = [503, 503, 503]
    call = stage.ring()
    stage.until_state(call, "recording")
    assert "系统暂时繁忙" in stage.heard(call)
    assert len(stage.seen.told("voice")) == 3
    assert stage.seen.told("fallback")[0]["ErrorCode"] == "11200"


def test_a_refusal_is_not_tried_again(stage: Stage) -> None:
    stage.seen.breaks = [403]
    stage.ring()
    until(lambda: bool(stage.seen.told("fallback")))
    assert len(stage.seen.told("voice")) == 1


@pytest.mark.parametrize("document", ["<Response><Shout/></Response>", "Internal error", "<Answer/>",
                                      "<Response><Leave/></Response>"])
def test_what_twilio_would_not_understand_ends_the_call_with_a_line_that_says_so(
        stage: Stage, document: str) -> None:
    stage.seen.breaks = [document]
    call = stage.ring()
    stage.until_state(call, "ended")
    assert [line["kind"] for line in stage.call(call)["lines"]] == ["error"]


def test_recording_is_refused_while_waiting_in_the_queue(stage: Stage) -> None:
    spoiled = VoiceResponse()
    spoiled.record(action=f"{stage.desk}/twilio/voicemail-done")
    call = stage.ring()
    until(lambda: bool(stage.seen.told("enqueue")))
    stage.seen.breaks = [str(spoiled)]
    until(lambda: "<Record>" in stage.heard(call))


def test_a_wrong_token_is_refused_by_the_rest_interface(stage: Stage) -> None:
    place = f"{stage.twilio}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert requests.get(place, auth=(ACCOUNT, "wrong"), timeout=5).json()["code"] == 20003
    assert requests.get(place, timeout=5).status_code == 401


def test_a_phone_that_says_nothing_useful_is_told_so(stage: Stage) -> None:
    place = f"{stage.twilio}/caller/calls"
    assert requests.post(place, json={"number": CALLER}, timeout=5).status_code == 400
    assert requests.post(f"{place}/CA0/keys", json={"digits": "1"}, timeout=5).status_code == 404
    assert stage.seen.arrived == []


def test_wishes_are_read_from_the_fragment_and_bounded() -> None:
    address, wishes = read_overrides("https://a.cn/b?c=1#rc=9&rp=ct,5xx&tt=12000")
    assert (address, wishes.retries, wishes.read) == ("https://a.cn/b?c=1", 5, 12.0)
    assert wishes.policies == {"ct", "5xx"}
    assert read_overrides("https://a.cn/b")[1].policies == {"ct"}
