"""Twilio's signatures: the published examples, our own arithmetic, and what must not pass."""

import base64
import hashlib
import hmac

import pytest
from twilio.request_validator import RequestValidator

PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "To": "+18005551212"}
CHINESE_URL = "https://desk.example.com/twilio/voicemail?why=closed"
CHINESE = {"CallSid": "CA1", "SpeechResult": "金桂苑小区停水，请尽快处理！", "Confidence": "0.9"}


def by_hand(token: str, url: str, values: dict[str, str]) -> str:
    """As Twilio describes it: address, then every name and value sorted by name; HMAC-SHA1; base64."""
    text = url + "".join(name + values[name] for name in sorted(values))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@pytest.mark.parametrize(("caller", "published"), [
    ("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")])
def test_the_published_examples_are_reproduced(caller: str, published: str) -> None:
    values = PUBLISHED | {"From": caller, "Caller": caller}
    assert RequestValidator("12345").compute_signature(PUBLISHED_URL, values) == published
    assert by_hand("12345", PUBLISHED_URL, values) == published


def test_chinese_words_are_signed_as_utf_8() -> None:
    signature = RequestValidator("12345").compute_signature(CHINESE_URL, CHINESE)
    assert signature == by_hand("12345", CHINESE_URL, CHINESE)


@pytest.mark.parametrize(("token", "url", "values"), [
    ("12346", CHINESE_URL, CHINESE),
    ("12345", CHINESE_URL.replace("https", "http"), CHINESE),
    ("12345", CHINESE_URL.replace("closed", "asked"), CHINESE),
    ("12345", CHINESE_URL, CHINESE | {"Digits": "1"}),
    ("12345", CHINESE_URL, CHINESE | {"CallSid": "CA2"}),
])
def test_another_key_address_or_content_does_not_pass(token: str, url: str, values: dict[str, str]) -> None:
    signature = by_hand("12345", CHINESE_URL, CHINESE)
    assert RequestValidator("12345").validate(CHINESE_URL, CHINESE, signature)
    assert not RequestValidator(token).validate(url, values, signature)


def test_a_missing_signature_does_not_pass_when_given_as_empty() -> None:
    assert not RequestValidator("12345").validate(CHINESE_URL, CHINESE, "")
