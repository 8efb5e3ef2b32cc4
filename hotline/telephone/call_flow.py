"""What a caller hears at each moment of a call, as TwiML: pure functions, no table, no network.

Human first: greeting, then a person. GB/T 33358-2016 says a government hotline should have no voice menu, so
keys are only an overlay: pressed while the greeting plays they choose a desk; pressing nothing costs no time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

OVERRIDES = "rc=2&rp=ct,rt,5xx&tt=12000"
"""Twilio's connection overrides: two more tries when connecting, reading or we fail; 12 s in all."""


class Why(StrEnum):
    """Why a caller is asked to leave a message."""

    CLOSED = "closed"
    NOBODY = "nobody"
    FULL = "full"
    ASKED = "asked"
    FAULT = "fault"


VOICEMAIL_WORDS: Mapping[Why, str] = {
    Why.CLOSED: "现在是非人工服务时间。",
    Why.NOBODY: "抱歉，坐席暂时无人接听。",
    Why.FULL: "抱歉，当前来电较多，线路已满。",
    Why.ASKED: "好的，请您留言。",
    Why.FAULT: "抱歉，系统暂时繁忙。",
}


@dataclass(frozen=True)
class Key:
    """One key of the overlay: the digit, the desk it leads to, and the words that offer it."""

    digit: str
    skill: str
    words: str


@dataclass(frozen=True)
class FlowSettings:
    """How this city's line speaks. Times in seconds; `hold_music` is an absolute URL, empty for silence."""

    public_base_url: str
    city: str = "江州市"
    greeting: str = "您好，欢迎拨打{city}一二三四五政务服务便民热线。"
    recording_notice: str = "为保障服务质量，本次通话将被录音。"
    keys: tuple[Key, ...] = (Key("1", "enterprise", "企业诉求请按一，其他诉求请稍候。"),)
    key_wait: int = 1
    say_language: str = "cmn-CN"
    listen_language: str = "cmn-Hans-CN"
    voice: str = "Polly.Zhiyu-Neural"
    hold_music: str = ""
    wait_round: int = 20
    queue_size: int = 200
    voicemail_seconds: int = 180
    voicemail_words: Mapping[Why, str] = field(default_factory=lambda: VOICEMAIL_WORDS)


def callback_url(flow: FlowSettings, step: str, **query: str) -> str:
    """The absolute address Twilio shall ask for `step`, with our rules for retrying."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{flow.public_base_url.rstrip('/')}/twilio/{step}{asked}#{OVERRIDES}"


def conference_name(call_sid: str) -> str:
    """The room of a call. Unique in the account and without personal data, as Twilio asks."""
    return f"call-{call_sid}"


def chosen_skill(flow: FlowSettings, digits: str) -> str:
    """The desk the pressed key leads to; `general` for no key and for an unknown one."""
    return next((key.skill for key in flow.keys if key.digit == digits), "general")


def read_grade(digits: str) -> int | None:
    """5 (very satisfied) to 1, or None: silence and other keys are never a grade."""
    return int(digits) if digits in {"1", "2", "3", "4", "5"} else None


def greeting(flow: FlowSettings) -> str:
    """Greeting and recording notice, then straight to the queue, whether or not a key was pressed."""
    answer = VoiceResponse()
    words = flow.greeting.format(city=flow.city) + flow.recording_notice
    if not flow.keys:
        _say(flow, answer, words)
        answer.redirect(callback_url(flow, "enqueue"))
        return str(answer)
    keys = answer.gather(input="dtmf", num_digits=1, timeout=flow.key_wait, action_on_empty_result=True,
                         action=callback_url(flow, "enqueue"))
    _say(flow, keys, words + "".join(key.words for key in flow.keys))
    return str(answer)


def enqueue(flow: FlowSettings) -> str:
    """Park the caller. Order, skill and seats are kept by us; Twilio's queue only plays and waits."""
    answer = VoiceResponse()
    answer.enqueue("hotline", wait_url=callback_url(flow, "wait"), action=callback_url(flow, "left"),
                   max_queue_size=flow.queue_size)
    return str(answer)


def wait(flow: FlowSettings, position: int) -> str:
    """One round of waiting, asked again when it ends; `position` counts from 1. Key 1: leave a message."""
    answer = VoiceResponse()
    ahead = f"您前面还有{position - 1}位。" if position > 1 else "马上为您接通。"
    keys = answer.gather(input="dtmf", num_digits=1, timeout=1, action=callback_url(flow, "wait"))
    _say(flow, keys, f"正在为您转接人工坐席，{ahead}如不便等候，请按一留言。")
    if flow.hold_music:
        answer.play(flow.hold_music)
    else:
        answer.pause(length=flow.wait_round)
    return str(answer)


def leave_queue() -> str:
    """Take the caller out of the queue; Twilio then asks `left`."""
    answer = VoiceResponse()
    answer.leave()
    return str(answer)


def left(flow: FlowSettings, queue_result: str) -> str:
    """After the queue. Connected, fetched or gone: nothing to say. Any other end: a message can be left."""
    if queue_result in {"bridged", "redirected", "redirected-from-bridged", "hangup"}:
        return nothing()
    reasons = {"leave": Why.ASKED, "queue-full": Why.FULL}
    return voicemail(flow, reasons.get(queue_result, Why.FAULT))


def agent_leg(flow: FlowSettings, whisper: str, conference: str) -> str:
    """The agent has picked up: say who is calling, then open the room. Its end is not the caller's end."""
    answer = VoiceResponse()
    _say(flow, answer, whisper)
    _room(flow, answer.dial(), conference, label="agent")
    return str(answer)


def agent_too_late(flow: FlowSettings) -> str:
    """The agent picked up, but the caller has gone or a colleague was quicker."""
    return hang_up(flow, "来电已挂断或已由同事接听。")


def bridge(flow: FlowSettings, conference: str) -> str:
    """The caller enters the room, recorded from the start; when they leave, it ends."""
    answer = VoiceResponse()
    _room(flow, answer.dial(action=callback_url(flow, "after")), conference, label="caller")
    return str(answer)


def after(flow: FlowSettings) -> str:
    """After the talk: one key for how the call was served."""
    answer = VoiceResponse()
    keys = answer.gather(input="dtmf speech", language=flow.listen_language, num_digits=1, timeout=5,
                         action_on_empty_result=True, action=callback_url(flow, "score"))
    _say(flow, keys, "请对本次通话服务评价。非常满意请按五，满意请按四，"
         "基本满意请按三，不满意请按二，非常不满意请按一。")
    return str(answer)


def score(flow: FlowSettings) -> str:
    """Thank and end, whatever was pressed."""
    return hang_up(flow, "感谢您的来电，再见。")


def voicemail(flow: FlowSettings, why: Why) -> str:
    """Ask for a message and record it. The ticket must exist before this answer is given."""
    answer = VoiceResponse()
    _say(flow, answer, flow.voicemail_words[why]
         + "请在提示音后说明诉求、地点和您的联系方式，按井号键结束。您的来电已经登记，我们会尽快回电。")
    answer.record(max_length=flow.voicemail_seconds, timeout=8, finish_on_key="#", play_beep=True,
                  action=callback_url(flow, "voicemail-done"),
                  recording_status_callback=callback_url(flow, "recording"),
                  recording_status_callback_event="completed absent")
    _say(flow, answer, "没有听到您的留言。我们会尽快回电，再见。")
    answer.hangup()
    return str(answer)


def voicemail_done(flow: FlowSettings) -> str:
    """The message is recorded."""
    return hang_up(flow, "您的留言已收到，工单已经登记，我们会尽快与您联系。再见。")


def fallback(flow: FlowSettings) -> str:
    """What to say when we can't read our tables. Host this document outside the desk as the fallback URL."""
    return voicemail(flow, Why.FAULT)


def hang_up(flow: FlowSettings, words: str) -> str:
    """Say one thing and end the call."""
    answer = VoiceResponse()
    _say(flow, answer, words)
    answer.hangup()
    return str(answer)


def nothing() -> str:
    """The empty answer to a notice that asks for none."""
    return str(VoiceResponse())


def _say(flow: FlowSettings, parent: VoiceResponse | Gather, words: str) -> None:
    parent.say(words, language=flow.say_language, voice=flow.voice)


def _room(flow: FlowSettings, dial: Dial, name: str, label: str) -> None:
    """Both legs name the same callbacks: Twilio takes those of whoever enters first."""
    dial.conference(
        name, participant_label=label, beep="false", wait_url="",
        start_conference_on_enter=True, end_conference_on_exit=label == "caller",
        status_callback=callback_url(flow, "conference"), status_callback_event="start end join leave",
        record="record-from-start", recording_status_callback=callback_url(flow, "recording", room=name),
        recording_status_callback_event="completed absent")
