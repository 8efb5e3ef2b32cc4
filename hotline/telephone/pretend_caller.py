"""Plays a call's TwiML to one leg, verb by verb, strictly: what it doesn't know ends the call."""

import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import NoReturn

from hotline.clock import now
from hotline.telephone.pretend_delivery import NoAnswer
from hotline.telephone.pretend_line import LETTERS_A_SECOND, HungUp, Leg, Network, Party, Redirected

IN_QUEUE = frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"})
MUSIC_SECONDS = 20


@dataclass(frozen=True)
class Step:
    """Where a call goes on: an address with what to tell it, or a document at hand."""

    url: str = ""
    told: dict[str, str] = field(default_factory=dict)
    document: str = ""


class Left(Exception):
    """The leg left the queue by its own TwiML."""


class Play(threading.Thread):
    """The life of one leg, from its first document to its end."""

    def __init__(self, network: Network, leg: Leg, first: Step, ring_seconds: int = 0) -> None:
        super().__init__(daemon=True, name=leg.sid)
        self.network, self.leg, self.first, self.ring_seconds = network, leg, first, ring_seconds

    def run(self) -> None:
        """Ring, play, end."""
        status = "completed"
        try:
            self._ring()
            self._follow(self.first)
        except HungUp as end:
            status = end.status
        finally:
            self.leg.doing = "ended"
            self.network.set_status(self.leg, status)

    def _ring(self) -> None:
        self.network.set_status(self.leg, "queued")
        self.network.set_status(self.leg, "ringing")
        if self.ring_seconds:
            self.network.wait(self.leg, self.ring_seconds, lambda: self.leg.picked_up)
            if not self.leg.picked_up:
                raise HungUp("no-answer")
            self.network.set_status(self.leg, "in-progress")

    def _follow(self, step: Step | None) -> None:
        while step:
            try:
                self.leg.doing = "listening"
                step = self._perform(step)
            except Redirected as order:
                step = Step(order.url)

    def _perform(self, step: Step, allowed: frozenset[str] | None = None) -> Step | None:
        """Play one document; where it leads, or None at its end."""
        for verb in self._document(step):
            handler = getattr(self, f"_do_{verb.tag.lower()}", None)
            if handler is None or (allowed is not None and verb.tag not in allowed):
                self._fail(f"此处不能使用 <{verb.tag}>")
            following = handler(verb)
            if following:
                return following
        return None

    def _document(self, step: Step) -> ET.Element:
        try:
            root = ET.fromstring(step.document or self.network.webhooks.ask(
                step.url, {**self.leg.params(), **step.told}))
        except NoAnswer as silence:
            self._fail(f"应用没有应答：{silence}。An application error has occurred. Goodbye.")
        except ET.ParseError as broken:
            self._fail(f"应答不是有效的TwiML：{broken}")
        if root.tag != "Response":
            self._fail(f"应答以 <{root.tag}> 开头")
        if self.leg.status == "ringing":
            self.network.set_status(self.leg, "in-progress")
        return root

    def _fail(self, words: str) -> NoReturn:
        self.network.hear(self.leg, "error", words)
        raise HungUp("failed")

    def _do_say(self, verb: ET.Element) -> None:
        words = "".join(verb.itertext())
        self.network.hear(self.leg, "say", words)
        self._listen(len(words) / LETTERS_A_SECOND)

    def _do_play(self, verb: ET.Element) -> None:
        self.network.hear(self.leg, "play", verb.text or "")
        self._listen(MUSIC_SECONDS)

    def _do_pause(self, verb: ET.Element) -> None:
        self._listen(int(verb.get("length", "1")))

    def _listen(self, seconds: float) -> None:
        self.network.wait(self.leg, seconds, lambda: self.leg.doing == "asked" and self._answered())

    def _answered(self) -> bool:
        return bool(self.leg.keys or self.leg.spoken)

    def _do_gather(self, verb: ET.Element) -> Step | None:
        was, self.leg.doing = self.leg.doing, "asked"
        self.leg.speech_counts = "speech" in verb.get("input", "dtmf")
        wanted, finish = int(verb.get("numDigits", "99")), verb.get("finishOnKey", "#")

        def enough() -> bool:
            finished = finish != "" and finish in self.leg.keys
            return finished or len(self.leg.keys) >= wanted or bool(self.leg.spoken)

        for prompt in verb:
            if not self._answered():
                getattr(self, f"_do_{prompt.tag.lower()}")(prompt)
        self.network.wait(self.leg, int(verb.get("timeout", "5")), enough)
        self.leg.doing = was
        keys, self.leg.keys = self.leg.keys[:wanted], ""
        spoken = self._take_words()
        if not (keys or spoken) and verb.get("actionOnEmptyResult") != "true":
            return None
        told = {"Digits": keys.rstrip(finish)}
        if spoken and not keys:
            told = {"SpeechResult": spoken, "Confidence": "0.9"}
        return Step(verb.get("action", ""), told)

    def _take_words(self) -> str:
        words, self.leg.speech_counts = "".join(self.leg.spoken), False
        self.leg.spoken.clear()
        return words

    def _do_redirect(self, verb: ET.Element) -> Step:
        return Step((verb.text or "").strip())

    def _do_enqueue(self, verb: ET.Element) -> Step | None:
        action = verb.get("action", "")
        if len(self.network.waiting()) >= int(verb.get("maxQueueSize", "1000")):
            return Step(action, {"QueueResult": "queue-full"})
        try:
            self._queue(verb.get("waitUrl", ""))
        except Left:
            return Step(action, {"QueueResult": "leave"})
        except Redirected:
            self._report_left(action, "redirected")
            raise
        except HungUp:
            self._report_left(action, "hangup")
            raise
        finally:
            self.leg.queued_since = None

    def _queue(self, wait_url: str) -> NoReturn:
        step, self.leg.queued_since = None, now()
        while True:
            self.leg.doing = "queued"
            place = self.network.waiting().index(self.leg) + 1
            step = step or Step(wait_url)
            size = len(self.network.waiting())
            told = {**step.told, "QueuePosition": str(place), "CurrentQueueSize": str(size)}
            step = self._perform(Step(step.url, told), IN_QUEUE)
            self.network.wait(self.leg, 0.1)

    def _report_left(self, action: str, result: str) -> None:
        self.network.webhooks.tell(action, {**self.leg.params(), "QueueResult": result})

    def _do_leave(self, _verb: ET.Element) -> None:
        if self.leg.queued_since is None:
            self._fail("此处不能使用 <Leave>")
        raise Left

    def _do_record(self, verb: ET.Element) -> Step | None:
        self.leg.doing, self.leg.keys, self.leg.speech_counts = "recording", "", True
        self.network.hear(self.leg, "beep", "嘀")
        stop = verb.get("finishOnKey", "1234567890*#")
        hung_up: HungUp | None = None
        try:
            self._listen_for_message(verb, stop)
        except HungUp as end:
            hung_up = end
        sound = self.network.keep_sound(self._take_words(), verb.attrib, {"CallSid": self.leg.sid})
        digits, self.leg.keys = self.leg.keys[:1], ""
        if hung_up:
            raise hung_up
        if sound is None:
            return None
        return Step(verb.get("action", ""), {
            "RecordingUrl": self.network.sound_url(sound.sid), "RecordingSid": sound.sid,
            "RecordingDuration": str(sound.seconds), "Digits": digits})

    def _listen_for_message(self, verb: ET.Element, stop: str) -> None:
        """Until a stop key, or `timeout` seconds in which nothing new is said."""
        heard = -1

        def news() -> bool:
            return len(self.leg.spoken) > heard or any(key in stop for key in self.leg.keys)

        while heard < len(self.leg.spoken) and not any(key in stop for key in self.leg.keys):
            heard = len(self.leg.spoken)
            self.network.wait(self.leg, int(verb.get("timeout", "5")), news)

    def _do_dial(self, verb: ET.Element) -> Step | None:
        nouns = list(verb)
        if len(nouns) != 1 or nouns[0].tag != "Conference":
            self._fail("这里只能拨入会议室 <Conference>")
        seat = nouns[0]
        party = Party(self.leg, seat.get("participantLabel", ""), seat.get("endConferenceOnExit") == "true",
                      seat.get("startConferenceOnEnter", "true") == "true")
        room = self.network.enter((seat.text or "").strip(), party, seat.attrib)
        self.leg.doing = "talking"
        try:
            while self.leg.sid in room.parties:
                self.network.wait(self.leg, 60, lambda: self.leg.sid not in room.parties)
        finally:
            self.network.leave(room, self.leg)
            self.leg.keys, self.leg.doing = "", "listening"
        action = verb.get("action")
        return Step(action, {"DialCallStatus": "completed"}) if action else None

    def _do_hangup(self, _verb: ET.Element) -> None:
        raise HungUp

    def _do_reject(self, verb: ET.Element) -> None:
        raise HungUp("busy" if verb.get("reason") == "busy" else "failed")
