"""What a caller hears: every answer is good TwiML, a person comes first, and bad TwiML is refused."""

import inspect
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest
from twilio.twiml import lower_camel, voice_response

from hotline.telephone import call_flow
from hotline.telephone.call_flow import FlowSettings, Why
from tests.telephone.twiml_checker import GRAMMAR, faults

FLOW = FlowSettings(public_base_url="https://desk.example.com", hold_music="https://desk.example.com/static/hold.mp3")
SID = "CA" + "0" * 32
ANSWERS: dict[str, Callable[[FlowSettings], str]] = {
    "greeting": call_flow.greeting,
    "enqueue": call_flow.enqueue,
    "left, message wanted": lambda flow: call_flow.left(flow, "leave"),
    "left, queue full": lambda flow: call_flow.left(flow, "queue-full"),
    "left, fetched": lambda flow: call_flow.left(flow, "redirected"),
    "agent": lambda flow: call_flow.agent_leg(flow, "企业诉求，尾号5678", call_flow.conference_name(SID)),
    "agent too late": call_flow.agent_too_late,
    "bridge": lambda flow: call_flow.bridge(flow, call_flow.conference_name(SID)),
    "after": call_flow.after,
    "score": call_flow.score,
    "voicemail done": call_flow.voicemail_done,
    "fallback": call_flow.fallback,
    "nothing": lambda _: call_flow.nothing(),
    **{f"voicemail {why}": lambda flow, why=why: call_flow.voicemail(flow, why) for why in Why},
}
SAY = '<Say language="cmn-CN" voice="Polly.Zhiyu-Neural">您好</Say>'
BAD = {
    "not XML": "<Response><Say>",
    "another root": "<Answer/>",
    "unknown verb": "<Response><Shout>hi</Shout></Response>",
    "unknown attribute": '<Response><Pause lenght="1"/></Response>',
    "unknown voice": '<Response><Say voice="Polly.Xiaoming">hello</Say></Response>',
    "zh-CN for Gather": f'<Response><Gather language="zh-CN" action="https://a.cn/b">{SAY}</Gather></Response>',
    "Chinese without a voice": "<Response><Say>您好</Say></Response>",
    "English voice for Chinese": '<Response><Say language="en-US" voice="Polly.Joanna">您好</Say></Response>',
    "Pause first": f'<Response><Pause length="1"/>{SAY}</Response>',
    "verb after Redirect": f"<Response><Redirect>https://a.cn/b</Redirect>{SAY}</Response>",
    "verb after Dial with action":
        f'<Response><Dial action="https://a.cn/b"><Conference>room</Conference></Dial>{SAY}</Response>',
    "relative action": f'<Response><Gather action="/b">{SAY}</Gather></Response>',
    "relative Redirect": "<Response><Redirect>/b</Redirect></Response>",
    "Gather without action": f"<Response><Gather>{SAY}</Gather></Response>",
    "Record without action": f'<Response>{SAY}<Record maxLength="10"/></Response>',
    "absent not subscribed":
        '<Response><Record action="https://a.cn/b" recordingStatusCallback="https://a.cn/c" '
        'recordingStatusCallbackEvent="completed"/></Response>',
    "Gather in Dial": f'<Response><Dial><Gather action="https://a.cn/b">{SAY}</Gather></Dial></Response>',
    "a phone number as room": "<Response><Dial><Conference>13800138000</Conference></Dial></Response>",
    "a phone number in an address":
        '<Response><Enqueue action="https://a.cn/b?from=13800138000">q</Enqueue></Response>',
    "wrong truth value": f'<Response><Gather action="https://a.cn/b" bargeIn="ja">{SAY}</Gather></Response>',
    "not a number": f'<Response>{SAY}<Pause length="two"/></Response>',
    "Say too long": f'<Response><Say language="cmn-CN" voice="Polly.Zhiyu">{"长" * 4097}</Say></Response>',
    "document too long": f"<Response>{SAY * 2000}</Response>",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_good_twiml(name: str) -> None:
    assert faults(ANSWERS[name](FLOW)) == []


@pytest.mark.parametrize("flow", [FLOW, replace(FLOW, hold_music="", keys=())])
def test_waiting_and_greeting_are_good_with_and_without_music_and_keys(flow: FlowSettings) -> None:
    answers = [call_flow.wait(flow, position) for position in (1, 7)] + [call_flow.leave_queue()]
    assert [faults(answer, in_queue=True) for answer in answers] == [[], [], []]
    assert faults(call_flow.greeting(flow)) == []


@pytest.mark.parametrize("name", BAD)
def test_bad_twiml_is_refused(name: str) -> None:
    assert faults(BAD[name]) != []


def test_recording_and_dialling_may_not_answer_a_waiting_caller() -> None:
    assert faults(call_flow.bridge(FLOW, "room"), in_queue=True) != []
    assert faults(call_flow.voicemail(FLOW, Why.ASKED), in_queue=True) != []


def test_a_caller_who_presses_nothing_reaches_a_person_within_a_second_of_the_greeting() -> None:
    gather = ET.fromstring(call_flow.greeting(FLOW))[0]
    assert gather.get("timeout") == "1"
    assert gather.get("actionOnEmptyResult") == "true"
    assert "/twilio/enqueue#" in gather.get("action", "")


def test_the_caller_is_told_of_the_recording_before_it_can_begin() -> None:
    spoken = "".join(ET.fromstring(call_flow.greeting(FLOW)).itertext())
    assert "江州市" in spoken
    assert spoken.index("您好") < spoken.index("将被录音")


def test_the_position_is_told_as_the_number_of_callers_ahead() -> None:
    assert "您前面还有6位" in call_flow.wait(FLOW, 7)
    assert "马上为您接通" in call_flow.wait(FLOW, 1)


def test_a_callback_address_is_absolute_and_asks_for_retries() -> None:
    assert call_flow.callback_url(FLOW, "agent", call=SID) == (
        f"https://desk.example.com/twilio/agent?call={SID}#rc=2&rp=ct,rt,5xx&tt=12000")


def test_key_one_chooses_the_enterprise_desk_and_any_other_key_a_general_agent() -> None:
    assert call_flow.chosen_skill(FLOW, "1") == "enterprise"
    assert {call_flow.chosen_skill(FLOW, digits) for digits in ("", "*", "#", "2", "11")} == {"general"}


def test_only_one_to_five_is_a_grade_and_silence_is_none() -> None:
    assert [call_flow.read_grade(digits) for digits in "12345"] == [1, 2, 3, 4, 5]
    assert {call_flow.read_grade(digits) for digits in ("", "0", "6", "*", "55", "五")} == {None}


@pytest.mark.parametrize("result", ["bridged", "redirected", "redirected-from-bridged", "hangup"])
def test_a_caller_who_was_fetched_or_hung_up_hears_nothing_more(result: str) -> None:
    assert call_flow.left(FLOW, result) == call_flow.nothing()


@pytest.mark.parametrize("result", ["error", "system-error", "a result Twilio has not named yet"])
def test_any_other_end_of_the_queue_leads_to_a_message(result: str) -> None:
    assert "Record" in call_flow.left(FLOW, result)


def test_the_room_ends_with_the_caller_and_not_with_the_agent() -> None:
    agent = ET.fromstring(call_flow.agent_leg(FLOW, "来电", "room")).find("Dial/Conference")
    caller = ET.fromstring(call_flow.bridge(FLOW, "room")).find("Dial/Conference")
    assert (agent.get("endConferenceOnExit"), caller.get("endConferenceOnExit")) == ("false", "true")


def test_the_grammar_agrees_with_the_installed_twilio_package() -> None:
    body = {"Dial": {"number"}, "Enqueue": {"name"}, "Say": {"message"}, "Play": {"url"}, "Redirect": {"url"}}
    for verb in ("Say", "Gather", "Enqueue", "Record", "Dial", "Pause", "Reject", "Play", "Redirect"):
        method = getattr(voice_response.VoiceResponse, verb.lower())
        known = {lower_camel(name) for name in inspect.signature(method).parameters} - {"self", "kwargs"}
        assert known - body.get(verb, set()) == set(GRAMMAR[verb]["attributes"]), verb
