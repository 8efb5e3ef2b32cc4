"""The pretend telephone network: legs, rooms, recordings and messages, kept in memory."""

import io
import math
import queue
import struct
import threading
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from hotline.clock import now
from hotline.telephone.pretend_delivery import Webhooks

ENDED = {"completed", "busy", "no-answer", "canceled", "failed"}
LETTERS_A_SECOND = 5
"""How fast the pretend voice speaks Chinese; default."""


class HungUp(Exception):
    """The leg is over; `status` is what Twilio would call it."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


class Redirected(Exception):
    """The REST interface sent the leg to another step."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True)
class Line:
    """What one leg heard (`say`, `play`, `beep`, `voice`, `error`) or did (`own`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Sound:
    """A recording: WAV bytes and whole seconds."""

    sid: str
    call_sid: str
    wav: bytes
    seconds: int


@dataclass(eq=False)
class Leg:
    """One call, seen from the phone at its end. `order` is what is to happen to it next."""

    sid: str
    from_: str
    to: str
    direction: str
    status_url: str = ""
    status_events: frozenset[str] = frozenset({"completed"})
    status: str = "queued"
    started: datetime = field(default_factory=now)
    lines: list[Line] = field(default_factory=list)
    keys: str = ""
    spoken: list[str] = field(default_factory=list)
    order: HungUp | Redirected | None = None
    picked_up: bool = False
    doing: str = "ringing"
    queued_since: datetime | None = None
    speech_counts: bool = False
    held_back: list[dict[str, str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Nothing more can happen to it."""
        return self.status in ENDED

    def params(self) -> dict[str, str]:
        """What every webhook tells of the call."""
        return {"CallSid": self.sid, "From": self.from_, "To": self.to, "Caller": self.from_,
                "Called": self.to, "CallStatus": self.status, "Direction": self.direction}


@dataclass(eq=False)
class Party:
    """A leg in a room."""

    leg: Leg
    label: str
    ends_room: bool
    starts_room: bool
    muted: bool = False
    on_hold: bool = False
    coaches: str = ""


@dataclass(eq=False)
class Room:
    """A conference. Its callbacks are those of whoever entered first."""

    sid: str
    name: str
    callbacks: Mapping[str, str]
    status: str = "init"
    created: datetime = field(default_factory=now)
    parties: dict[str, Party] = field(default_factory=dict)
    sequence: int = 0
    spoken: str = ""


class Network:
    """All that is on the line. `changed` guards everything and wakes whoever waits.

    `pace` scales every time: 1 is as long as in life, 0.1 ten times as fast.
    """

    def __init__(self, webhooks: Webhooks, pace: float = 1.0) -> None:
        self.webhooks = webhooks
        self.pace = pace
        self.changed = threading.Condition(threading.RLock())
        self.legs: dict[str, Leg] = {}
        self.rooms: dict[str, Room] = {}
        self.sounds: dict[str, Sound] = {}
        self.messages: list[dict[str, str]] = []
        self._notices: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
        threading.Thread(target=self._tell_all, daemon=True).start()

    def wait(self, leg: Leg, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass for a leg, at most until `until` is true. Raises the order that came for it."""
        with self.changed:
            self.changed.wait_for(lambda: leg.order is not None or until(), seconds * self.pace)
            order, leg.order = leg.order, None
        if order:
            raise order

    def give_order(self, leg: Leg, order: HungUp | Redirected) -> None:
        """Tell a leg what to do next, whatever it does now."""
        with self.changed:
            leg.order = order
            self.changed.notify_all()

    def set_status(self, leg: Leg, status: str) -> None:
        """Move a leg on and tell whoever asked to know."""
        with self.changed:
            leg.status = status
            event = {"in-progress": "answered", "queued": "initiated"}.get(status, status)
            if event in leg.status_events or (leg.ended and "completed" in leg.status_events):
                self._tell_status(leg)
            self.changed.notify_all()

    def speak(self, leg: Leg, text: str) -> None:
        """The person at the leg says something; the others in its room hear it."""
        with self.changed:
            leg.lines.append(Line("own", text))
            room = self.room_of(leg)
            if room is None:
                if leg.speech_counts:
                    leg.spoken.append(text)
            elif not (room.parties[leg.sid].muted or room.parties[leg.sid].on_hold):
                room.spoken += text
                for party in self._who_hears(room, room.parties[leg.sid]):
                    party.leg.lines.append(Line("voice", text))
            self.changed.notify_all()

    def press(self, leg: Leg, digits: str) -> None:
        """Keys, kept until the next question when pressed ahead of it."""
        with self.changed:
            leg.lines.append(Line("own", f"按键 {digits}"))
            leg.keys += digits
            self.changed.notify_all()

    def hear(self, leg: Leg, kind: str, text: str) -> None:
        """Something reaches the ear at a leg."""
        with self.changed:
            leg.lines.append(Line(kind, text))
            self.changed.notify_all()

    def waiting(self) -> list[Leg]:
        """The queue, longest first."""
        inside = [leg for leg in list(self.legs.values()) if leg.queued_since]
        return sorted(inside, key=lambda leg: leg.queued_since or leg.started)

    def room_of(self, leg: Leg) -> Room | None:
        """The room a leg is in."""
        return next((room for room in list(self.rooms.values()) if leg.sid in room.parties), None)

    def open_room(self, name: str) -> Room | None:
        """The room of that name that has not ended."""
        living = (room for room in list(self.rooms.values()) if room.status != "completed")
        return next((room for room in living if room.name == name), None)

    def enter(self, name: str, party: Party, callbacks: Mapping[str, str]) -> Room:
        """Join the room of that name, making it if need be."""
        with self.changed:
            room = self.open_room(name)
            if room is None:
                room = Room(new_sid("CF"), name, callbacks)
                self.rooms[room.sid] = room
            room.parties[party.leg.sid] = party
            self._tell_room(room, "participant-join", party)
            starts = any(each.starts_room for each in room.parties.values())
            if room.status == "init" and len(room.parties) > 1 and starts:
                room.status = "in-progress"
                self._tell_room(room, "conference-start")
            self.changed.notify_all()
            return room

    def leave(self, room: Room, leg: Leg) -> None:
        """A party goes; the room ends with whoever must end it, and with the last."""
        with self.changed:
            party = room.parties.pop(leg.sid, None)
            if party is None:
                return
            self._tell_room(room, "participant-leave", party)
            if party.ends_room or not room.parties:
                self.end_room(room)
            self.changed.notify_all()

    def end_room(self, room: Room) -> None:
        """Everybody is out; the recording, if there was talk, follows."""
        with self.changed:
            if room.status == "completed":
                return
            for party in room.parties.values():
                self._tell_room(room, "participant-leave", party)
            started, room.status = room.status == "in-progress", "completed"
            room.parties.clear()
            self._tell_room(room, "conference-end")
            if room.callbacks.get("record") == "record-from-start":
                said = room.spoken or ("…" if started else "")
                self.keep_sound(said, room.callbacks, {"ConferenceSid": room.sid})
            self.changed.notify_all()

    def keep_sound(self, said: str, callbacks: Mapping[str, str], about: Mapping[str, str]) -> Sound | None:
        """Make the recording of what was said and report it, or report it absent."""
        sound = None
        report = {**about, "RecordingStatus": "absent", "RecordingSid": new_sid("RE"),
                  "RecordingDuration": "-1"}
        if said:
            seconds = max(1, math.ceil(len(said) / LETTERS_A_SECOND))
            sound = Sound(report["RecordingSid"], about.get("CallSid", ""), tone(seconds), seconds)
            self.sounds[sound.sid] = sound
            report |= {"RecordingStatus": "completed", "RecordingDuration": str(seconds),
                       "RecordingUrl": self.sound_url(sound.sid)}
        wanted = callbacks.get("recordingStatusCallbackEvent", "completed").split()
        if callbacks.get("recordingStatusCallback") and report["RecordingStatus"] in wanted:
            self.notify(callbacks["recordingStatusCallback"], report)
        return sound

    def sound_url(self, sid: str) -> str:
        """The address Twilio names; fetched through the account's own REST address."""
        return f"https://api.twilio.com/2010-04-01/Accounts/{self.webhooks.account_sid}/Recordings/{sid}"

    def notify(self, url: str, params: dict[str, str]) -> None:
        """Send a notice soon, without waiting for it."""
        self._notices.put((url, params))

    def _tell_status(self, leg: Leg) -> None:
        if not leg.status_url:
            return
        report = {**leg.params(), "SequenceNumber": str(len(leg.held_back)),
                  "CallDuration": str(int((now() - leg.started).total_seconds()))}
        leg.held_back.append(report)
        if not self.webhooks.mischief.statuses_reversed:
            self.notify(leg.status_url, report)
        elif leg.ended:
            for late in reversed(leg.held_back):
                self.notify(leg.status_url, late)

    def _tell_room(self, room: Room, event: str, party: Party | None = None) -> None:
        wanted = room.callbacks.get("statusCallbackEvent", "").split()
        if room.callbacks.get("statusCallback") and event.rsplit("-", 1)[1] in wanted:
            room.sequence += 1
            about = {"CallSid": party.leg.sid, "ParticipantLabel": party.label} if party else {}
            self.notify(room.callbacks["statusCallback"], {
                "ConferenceSid": room.sid, "FriendlyName": room.name, "StatusCallbackEvent": event,
                "SequenceNumber": str(room.sequence), **about})

    def _who_hears(self, room: Room, speaker: Party) -> Iterator[Party]:
        for party in room.parties.values():
            only_one = speaker.coaches and speaker.coaches != party.leg.sid
            if party is not speaker and not party.on_hold and not only_one:
                yield party

    def _tell_all(self) -> None:
        while True:
            self.webhooks.tell(*self._notices.get())


def new_sid(kind: str) -> str:
    """An id as Twilio makes them: two letters and 32 hexadecimal digits."""
    return kind + uuid4().hex


def tone(seconds: int) -> bytes:
    """A WAV of that length: 440 Hz, 8 kHz, 16 bits, one channel."""
    waves = (8000 * math.sin(2 * math.pi * 440 * n / 8000) for n in range(8000))
    one_second = b"".join(struct.pack("<h", int(height)) for height in waves)
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(one_second * seconds)
    return kept.getvalue()
