"""What the carrier sends is what Twilio describes, what it can't do is refused before it is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from openapi_core.exceptions import OpenAPIError
from twilio.base.exceptions import TwilioRestException

from hotline.errors import NotConfigured
from hotline.gateways.carrier import CallGone, CallOrder, CarrierFailed, CarrierRefused, RecordingMissing
from hotline.gateways.twilio_account import RedirectedHttp, TwilioAccount, in_our_words
from hotline.gateways.twilio_carrier import TwilioCarrier
from hotline.telephone.pretend_line import Leg, Party
from hotline.telephone.pretend_twilio import PretendSettings, serving
from tests.gateways.checked_http import CheckedHttp
from tests.telephone.toy_desk import TOKEN, serving_on_loopback

SID = "AC" + "1" * 32
NUMBER = "+85230012345"
FLOW = "http://127.0.0.1:9/twilio/agent#rc=0"


@pytest.fixture
def carrier() -> Iterator[TwilioCarrier]:
    """A carrier on a pretend Twilio with one room `room` of caller CA00…0 and agent CA00…1."""
    server = serving(PretendSettings(SID, TOKEN, NUMBER, FLOW, pace=0.01), 0)
    with serving_on_loopback(server) as base:
        network = server.app.extensions["network"]
        for last, label in (("0", "caller"), ("1", "agent")):
            leg = Leg("CA" + "0" * 31 + last, "client:a", NUMBER, "inbound", status="in-progress")
            network.legs[leg.sid] = leg
            network.enter("room", Party(leg, label, ends_room=False, starts_room=True), {})
        carrier = TwilioCarrier(TwilioAccount(SID, TOKEN, NUMBER, api_base_url=base))
        carrier.client.http_client = CheckedHttp(base)
        yield carrier


CALLER_LEG = "CA" + "0" * 32
AGENT_LEG = "CA" + "0" * 31 + "1"


def order(to: str, tried_since: datetime | None = None) -> CallOrder:
    return CallOrder(to, FLOW, "http://127.0.0.1:9/twilio/agent-status#rc=0", 5, tried_since)


def test_every_request_and_every_answer_is_as_twilio_describes_it(carrier: TwilioCarrier) -> None:
    placed = carrier.place_call(order("client:agent-7"))
    assert placed.startswith("CA")
    assert carrier.place_call(order("client:agent-7", datetime(2020, 1, 1, tzinfo=UTC))) == placed
    assert carrier.add_party("room", order("sip:duty@example.com"), "department").startswith("CA")
    carrier.hold("room", CALLER_LEG, music_url="https://desk.example.com/hold.mp3")
    carrier.resume("room", CALLER_LEG)
    carrier.mute("room", AGENT_LEG, muted=True)
    carrier.coach("room", AGENT_LEG, CALLER_LEG)
    carrier.redirect(CALLER_LEG, FLOW)
    carrier.hang_up(CALLER_LEG)
    carrier.remove("room", AGENT_LEG)
    carrier.delete_recording("RE" + "0" * 32)


@pytest.mark.parametrize("wrong", [
    lambda client: client.calls("CA1").update(status="completed"),
    lambda client: client.calls(CALLER_LEG).update(status="finished"),
    lambda client: client.calls.create(to="", from_=NUMBER, url="no address", method="FETCH"),
    lambda client: client.conferences("CF" + "0" * 32).participants(CALLER_LEG).update(hold="perhaps"),
])
def test_a_request_that_twilio_would_refuse_is_noticed(carrier: TwilioCarrier, wrong: object) -> None:
    with pytest.raises(OpenAPIError):
        wrong(carrier.client)


@pytest.mark.parametrize("number", ["+8613800138000", "+861012345", "13800138000", ""])
def test_numbers_twilio_can_not_call_are_refused_in_chinese(carrier: TwilioCarrier, number: str) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        carrier.place_call(order(number))
    assert ("中国大陆" in refusal.value.sentence) == number.startswith("+86")
    with pytest.raises(CarrierRefused):
        carrier.add_party("room", order(number), "department")


def test_mainland_numbers_take_messages_without_links_and_no_calls(carrier: TwilioCarrier) -> None:
    mainland, abroad = carrier.capabilities("+8613800138000"), carrier.capabilities("+85261234567")
    assert (mainland.voice_out, mainland.sms_out, mainland.sms_in, mainland.url_in_sms) == (
        False, True, False, False)
    assert (abroad.voice_out, abroad.sms_out, abroad.sms_in, abroad.url_in_sms) == (True, True, True, True)


def test_a_room_that_has_ended_is_gone(carrier: TwilioCarrier) -> None:
    with pytest.raises(CallGone):
        carrier.mute("another room", AGENT_LEG, muted=True)


def test_an_unknown_recording_is_missing(carrier: TwilioCarrier) -> None:
    with pytest.raises(RecordingMissing):
        carrier.fetch_recording("RE" + "0" * 32)


def test_a_wrong_token_is_a_setting_to_mend() -> None:
    with serving_on_loopback(serving(PretendSettings(SID, TOKEN, NUMBER, FLOW), 0)) as base, \
            pytest.raises(NotConfigured):
        TwilioCarrier(TwilioAccount(SID, "wrong", NUMBER, api_base_url=base)).hang_up(CALLER_LEG)


def test_silence_and_overload_may_be_tried_again() -> None:
    nobody = TwilioCarrier(TwilioAccount(SID, TOKEN, NUMBER, api_base_url="http://127.0.0.1:9"))
    with pytest.raises(CarrierFailed):
        nobody.hang_up(CALLER_LEG)
    for status in (429, 500, 503):
        with pytest.raises(CarrierFailed), in_our_words():
            raise TwilioRestException(status, "/", code=20429)


def test_a_request_for_another_host_never_leaves() -> None:
    with pytest.raises(NotConfigured):
        RedirectedHttp("http://127.0.0.1:9").request("GET", "https://voice.twilio.com/v1/Settings")


def test_twilio_variables_in_the_environment_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    asked = "https://api.twilio.com/2010-04-01/Accounts.json"
    assert TwilioAccount(SID, TOKEN, NUMBER).connect().get_hostname(asked) == asked
    there = TwilioAccount(SID, TOKEN, NUMBER, region="ie1", edge="dublin")
    assert there.connect().get_hostname(asked).startswith("https://api.dublin.ie1.twilio.com/")
    assert there.media_url("RE1").startswith("https://api.dublin.ie1.twilio.com/")
