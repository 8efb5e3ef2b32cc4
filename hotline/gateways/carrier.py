"""What the desk asks of whoever carries its calls, and how a carrier says no."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Protocol

from hotline.errors import DeskError


class CarrierRefused(DeskError):
    """The carrier can't do this for this number, today or tomorrow: take another way, don't try again."""

    status = 409
    sentence = "当前电话线路不支持此操作，请改用其他联系方式。"


class CallGone(DeskError):
    """The call, room or party is no longer there: nothing is left to do."""

    status = 409
    sentence = "通话已经结束。"


class RecordingMissing(DeskError):
    """The carrier has no such recording."""

    status = 404
    sentence = "线路上没有这段录音。"


class CarrierFailed(DeskError):
    """The carrier did not answer, or was too busy: try again later."""

    status = 502
    sentence = "电话线路暂时没有响应，请稍后再试。"


@dataclass(frozen=True)
class Capabilities:
    """What the carrier can do for one number."""

    voice_out: bool
    sms_out: bool
    sms_in: bool
    url_in_sms: bool


@dataclass(frozen=True)
class CallEvent:
    """Something that happened to a call. `delivery_id` is the same each time the carrier tells it again."""

    call_id: str
    kind: str
    at: datetime
    delivery_id: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CallOrder:
    """A call to place. `to` is E.164, `client:` or `sip:`; addresses are absolute.

    `tried_since`: set on every try but the first. No carrier knows our keys, so it then looks whether the
    call of an earlier try, whose answer was lost, is there already.
    """

    to: str
    flow_url: str
    status_url: str
    ring_seconds: int = 15
    tried_since: datetime | None = None


@dataclass(frozen=True)
class Recording:
    """A recording as fetched: readable from its start, `size` in bytes, `sha256` in hex."""

    content: IO[bytes]
    size: int
    sha256: str


class Carrier(Protocol):
    """A telephone carrier. Every method may raise CarrierRefused, CallGone or CarrierFailed.

    `call` is the carrier's id of a call, `room` the name the call flow gave to a conference.
    """

    def capabilities(self, number: str) -> Capabilities: ...

    def place_call(self, order: CallOrder) -> str:
        """Ring somebody; the id of the call."""

    def redirect(self, call: str, flow_url: str) -> None:
        """Let the call go on at another step of the flow."""

    def hang_up(self, call: str) -> None: ...

    def add_party(self, room: str, order: CallOrder, label: str) -> str:
        """Ring somebody into a room; the id of the call."""

    def hold(self, room: str, call: str, *, music_url: str) -> None: ...

    def resume(self, room: str, call: str) -> None: ...

    def mute(self, room: str, call: str, *, muted: bool) -> None: ...

    def coach(self, room: str, supervisor: str, agent: str) -> None:
        """Only the agent hears the supervisor."""

    def remove(self, room: str, call: str) -> None: ...

    def fetch_recording(self, recording: str) -> Recording:
        """Raises RecordingMissing. The caller closes `content`."""

    def delete_recording(self, recording: str) -> None:
        """Deleting what is gone already is no error."""
