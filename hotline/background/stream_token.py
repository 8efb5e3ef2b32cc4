"""The ticket to the live stream: a short-lived signed list of the topics this person may hear.

The web makes it, `hotline live` checks it; neither needs the database for that.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from hotline.errors import BadSignature

LASTS = timedelta(seconds=60)


def make_token(key: bytes, topics: Iterable[str], moment: datetime) -> str:
    """A token for these topics; `ticket:*` means every topic that begins with `ticket:`."""
    expires = int((moment + LASTS).timestamp())
    body = base64.urlsafe_b64encode(json.dumps([expires, sorted(topics)]).encode()).decode()
    return f"{body}.{_seal(key, body)}"


def check_token(key: bytes, token: str, moment: datetime) -> frozenset[str]:
    """The topics of a token. Raises `BadSignature` for a forged, damaged or expired one."""
    body, _, seal = token.partition(".")
    if not hmac.compare_digest(_seal(key, body).encode(), seal.encode("utf-8", "replace")):
        raise BadSignature()
    try:
        expires, topics = json.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error) as problem:
        raise BadSignature() from problem
    if moment.timestamp() >= expires:
        raise BadSignature()
    return frozenset(topics)


def may_hear(topics: frozenset[str], name: str) -> bool:
    """Whether a token with these topics lets its holder hear this name."""
    return name in topics or f"{name.partition(':')[0]}:*" in topics


def _seal(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
