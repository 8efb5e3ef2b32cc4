"""Signatures: ours equal openssl's; forged, old and altered messages are refused; keys may change over."""

from datetime import timedelta

import pytest

from hotline.errors import BadSignature
from hotline.signing import SignedMessage, check, sign
from tests.police110.written_messages import SCENE, message, names


def signed(name: str) -> SignedMessage:
    written = message(name)
    parts = written["timestamp"], written["method"], written["path"], written["body"].encode()
    return SignedMessage(*parts, signature=written["signature"])


@pytest.mark.parametrize("name", [*names("good_*"), *names("bad_*")])
def test_a_signature_made_by_openssl_is_ours_too(name):
    written = message(name)
    ours = sign(written["secret"], written["timestamp"], "POST", written["path"], written["body"].encode())
    assert ours == written["signature"]
    assert check(signed(name), {"2026": written["secret"]}, SCENE) == "2026"


@pytest.mark.parametrize("name", [*names("forged_*"), *names("old_*"), *names("early_*")])
def test_forged_old_and_early_messages_are_refused_in_chinese(name):
    with pytest.raises(BadSignature, match="。"):
        check(signed(name), {"2026": message(name)["secret"]}, SCENE)


def test_a_message_is_fresh_for_300_seconds_both_ways():
    secrets = {"2026": message("good_push")["secret"]}
    for seconds in (-300, 300):
        assert check(signed("good_push"), secrets, SCENE + timedelta(seconds=seconds))
    for seconds in (-301, 301):
        with pytest.raises(BadSignature, match="300秒"):
            check(signed("good_push"), secrets, SCENE + timedelta(seconds=seconds))


@pytest.mark.parametrize("change", ["timestamp", "method", "path", "body"])
def test_every_part_is_signed(change):
    written = message("good_push") | {change: {"timestamp": "1795137301", "method": "PUT"}.get(change, "/x")}
    parts = written["timestamp"], written["method"], written["path"], written["body"].encode()
    with pytest.raises(BadSignature):
        check(SignedMessage(*parts, written["signature"]), {"2026": written["secret"]}, SCENE)


@pytest.mark.parametrize("timestamp", ["", "now", "1795137300.5", "-1795137300", "１７９５１３７３００"])
def test_a_timestamp_is_whole_unix_seconds(timestamp):
    body = b"{}"
    theirs = SignedMessage(timestamp, "POST", "/x", body, sign("s", timestamp, "POST", "/x", body))
    with pytest.raises(BadSignature, match="时间戳"):
        check(theirs, {"2026": "s"}, SCENE)


def test_while_keys_change_over_the_old_and_the_new_one_are_taken():
    old = message("good_push")["secret"]
    assert check(signed("good_push"), {"2027": "new", "2026": old}, SCENE) == "2026"
    for secrets in ({"2027": "new"}, {}):
        with pytest.raises(BadSignature, match="签名无效"):
            check(signed("good_push"), secrets, SCENE)


def test_a_signature_of_odd_letters_is_only_wrong():
    odd = SignedMessage("1795137300", "POST", "/x", b"", "签名\udcff")
    with pytest.raises(BadSignature):
        check(odd, {"2026": "s"}, SCENE)
