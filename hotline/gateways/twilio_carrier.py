"""The Carrier spoken to through Twilio's official client."""

import hashlib
from tempfile import SpooledTemporaryFile

import requests
from twilio.rest.api.v2010.account.conference.participant import ParticipantContext

from hotline.gateways.carrier import (
    CallGone,
    CallOrder,
    Capabilities,
    CarrierFailed,
    Recording,
    RecordingMissing,
)
from hotline.gateways.twilio_account import TIMEOUT, TwilioAccount, capabilities, in_our_words, refuse_voice

MAX_RECORDING = 512 * 1024 * 1024
"""Bytes; a WAV of 8 kHz, 16 bits and two channels that lasts four and a half hours; default."""
STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]


class TwilioCarrier:
    """See `carrier.Carrier` for what each method means and raises."""

    def __init__(self, account: TwilioAccount) -> None:
        self.account = account
        self.client = account.connect()

    def capabilities(self, number: str) -> Capabilities:
        return capabilities(number)

    def place_call(self, order: CallOrder) -> str:
        refuse_voice(order.to)
        with in_our_words():
            return self._earlier_try(order) or self.client.calls.create(
                to=order.to, from_=self.account.number, url=order.flow_url, timeout=order.ring_seconds,
                status_callback=order.status_url, status_callback_event=STATUS_EVENTS).sid

    def redirect(self, call: str, flow_url: str) -> None:
        with in_our_words():
            self.client.calls(call).update(url=flow_url, method="POST")

    def hang_up(self, call: str) -> None:
        with in_our_words():
            self.client.calls(call).update(status="completed")

    def add_party(self, room: str, order: CallOrder, label: str) -> str:
        refuse_voice(order.to)
        with in_our_words():
            parties = self.client.conferences(self._room_sid(room)).participants
            return self._earlier_try(order) or parties.create(
                to=order.to, from_=self.account.number, label=label, timeout=order.ring_seconds, beep="false",
                early_media=True, end_conference_on_exit=False, status_callback=order.status_url,
                status_callback_event=STATUS_EVENTS).call_sid

    def hold(self, room: str, call: str, *, music_url: str) -> None:
        with in_our_words():
            self._party(room, call).update(hold=True, hold_url=music_url)

    def resume(self, room: str, call: str) -> None:
        with in_our_words():
            self._party(room, call).update(hold=False)

    def mute(self, room: str, call: str, *, muted: bool) -> None:
        with in_our_words():
            self._party(room, call).update(muted=muted)

    def coach(self, room: str, supervisor: str, agent: str) -> None:
        with in_our_words():
            self._party(room, supervisor).update(coaching=True, call_sid_to_coach=agent)

    def remove(self, room: str, call: str) -> None:
        with in_our_words():
            self._party(room, call).delete()

    def fetch_recording(self, recording: str) -> Recording:
        with in_our_words(), requests.get(
                self.account.media_url(recording), auth=(self.account.sid, self.account.token),
                stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 404:
                raise RecordingMissing
            answer.raise_for_status()
            return _copy(answer)

    def delete_recording(self, recording: str) -> None:
        try:
            with in_our_words():
                self.client.recordings(recording).delete()
        except CallGone:
            return

    def _earlier_try(self, order: CallOrder) -> str | None:
        """Best effort: a call to the same place begun since our first try."""
        if order.tried_since is None:
            return None
        found = self.client.calls.list(to=order.to, start_time_after=order.tried_since, limit=1)
        return found[0].sid if found else None

    def _room_sid(self, room: str) -> str:
        found = self.client.conferences.list(friendly_name=room, status="in-progress", limit=1)
        if not found:
            raise CallGone
        return found[0].sid

    def _party(self, room: str, call: str) -> ParticipantContext:
        return self.client.conferences(self._room_sid(room)).participants(call)


def _copy(answer: requests.Response) -> Recording:
    """Read the whole sound, small ones in memory. A broken or endless one is CarrierFailed."""
    content, digest, size = SpooledTemporaryFile(max_size=1 << 20), hashlib.sha256(), 0  # noqa: SIM115
    for chunk in answer.iter_content(1 << 16):
        size += len(chunk)
        if size > MAX_RECORDING:
            raise CarrierFailed("录音文件过大，未保存。")
        digest.update(chunk)
        content.write(chunk)
    if size != int(answer.headers.get("Content-Length", size)):
        raise CarrierFailed("录音文件不完整，请稍后再试。")
    content.seek(0)
    return Recording(content, size, digest.hexdigest())
