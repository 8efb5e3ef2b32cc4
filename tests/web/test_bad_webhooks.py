"""Whatever the carrier's webhooks carry: an answer a carrier understands, and fifty deliveries are one call."""

import pytest
from twilio.request_validator import RequestValidator

from hotline.models import Call, Ticket
from tests.telephone.twiml_checker import faults
from tests.web.test_bad_input import EMOJI, HTML, HUGE, OURS, SQL, at_once, city, rows  # noqa: F401 - city is a fixture

CARRIERS_WORDS = ("From", "To", "CallStatus", "Digits", "QueueResult", "QueuePosition", "RecordingStatus")


@pytest.mark.parametrize("step", ["voice", "enqueue", "wait", "left", "status", "recording", "voicemail-done"])
def test_signed_nonsense_is_answered_in_words_a_carrier_understands(city, web, step):  # noqa: F811 - the fixture
    for said in ("", HTML, SQL, EMOJI, HUGE[:5000], "a\0b"):
        form = dict.fromkeys(CARRIERS_WORDS, said)
        answer = signed(city, web, step, form | {"CallSid": f"CA{len(said)}"})
        assert answer.status_code in (200, 422), (step, said[:20])
        assert not OURS.search(answer.text)
        if answer.status_code == 200 and answer.text:
            assert faults(answer.text, in_queue=step == "wait") == []


@pytest.mark.database
def test_fifty_deliveries_of_one_webhook_at_once_make_one_call_and_one_ticket(city):  # noqa: F811 - the fixture
    form = {"CallSid": "CA50", "From": "+8613812345678", "CallStatus": "in-progress"}
    assert set(at_once(city, lambda browser: signed(city, browser, "enqueue", form))) == {200}
    assert (rows(Call), rows(Ticket)) == (1, 1)


def signed(city, browser, step, form):  # noqa: F811 - the fixture
    """A webhook as the carrier sends it."""
    config = city.extensions["hotline-config"]
    signature = RequestValidator(config.twilio_token).compute_signature(f"{config.base_url}/twilio/{step}", form)
    return browser.post(f"/twilio/{step}", data=form, headers={"X-Twilio-Signature": signature})
