"""The signed word with which a browser listens to the live stream: 60 seconds, and only the topics it
names."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from hotline.errors import BadSignature

HOLDS = timedelta(seconds=60)


def make_token(key: bytes, topics: Sequence[str], now: datetime) -> str:
    """A token for these topics, good for a minute."""
    content = json.dumps({"topics": list(topics), "until": int((now + HOLDS).timestamp())}).encode()
    return f"{_text(content)}.{_text(hmac.new(key, content, hashlib.sha256).digest())}"


def check_token(key: bytes, token: str, now: datetime) -> frozenset[str]:
    """The topics a token names. Raises `BadSignature` for a forged, broken or old one."""
    try:
        written, _, signature = token.partition(".")
        content = _bytes(written)
        expected = hmac.new(key, content, hashlib.sha256).digest()
        if not hmac.compare_digest(expected, _bytes(signature)):
            raise BadSignature()
        claims = json.loads(content)
    except (ValueError, TypeError) as problem:
        raise BadSignature() from problem
    if claims["until"] < now.timestamp():
        raise BadSignature()
    return frozenset(claims["topics"])


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
