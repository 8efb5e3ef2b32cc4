"""Signs the messages machines send each other, and checks that one comes from a key we know and is fresh."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.errors import BadSignature

WINDOW_SECONDS = 300
"""How far a message's time may lie from ours, either way (spine.md, "Signed messages")."""


@dataclass(frozen=True)
class SignedMessage:
    """One request as it arrived: `timestamp` and `signature` are the headers' texts, `body` the raw bytes."""

    timestamp: str
    method: str
    path: str
    body: bytes
    signature: str


def sign(secret: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of timestamp (Unix seconds), method, path and raw body, joined by newlines."""
    signed = b"\n".join([timestamp.encode(), method.upper().encode(), path.encode(), body])
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check(message: SignedMessage, secrets: Mapping[str, str], now: datetime) -> str:
    """The id of the key in `secrets` that signed it; `BadSignature` when none did or it is not fresh.

    Several keys may be known at once, so that a partner can change over without a gap.
    """
    if not (message.timestamp.isascii() and message.timestamp.isdigit()):
        raise BadSignature("缺少时间戳，或时间戳不是以秒为单位的整数。")
    given = message.signature.encode("utf-8", "replace")
    parts = (message.timestamp, message.method, message.path, message.body)
    signatures = {key_id: sign(secret, *parts).encode() for key_id, secret in secrets.items()}
    fitting = [key_id for key_id, ours in signatures.items() if hmac.compare_digest(ours, given)]
    if not fitting:
        raise BadSignature("签名无效，请核对密钥和签名方法。")
    if abs(now.timestamp() - int(message.timestamp[:20])) > WINDOW_SECONDS:
        raise BadSignature(f"时间戳与本平台时间相差超过{WINDOW_SECONDS}秒，请校准时钟后重发。")
    return fitting[0]
