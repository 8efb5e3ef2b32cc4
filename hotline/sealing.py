"""Seals what must not be read from the disk: encryption with rotating keys, keyed hashes, masks for the
eye."""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(Exception):
    """The ciphertext's key is missing or the bytes were changed."""


@dataclass(frozen=True)
class KeyRing:
    """The desk's secrets: `keys` by id for encryption (`current` seals, all open), one key for hashes."""

    keys: Mapping[str, bytes]
    current: str
    hash_key: bytes

    def seal(self, plain: bytes, context: bytes = b"") -> bytes:
        """Encrypt; the result is key id length, key id, nonce, ciphertext. `context` must be given again."""
        return _seal(self.keys[self.current], self.current, plain, context)

    def open(self, sealed: bytes, context: bytes = b"") -> bytes:
        """The plain bytes again, or `Unreadable`."""
        key = self.keys.get(key_id_of(sealed))
        if key is None:
            raise Unreadable(f"no key {key_id_of(sealed)!r}")
        return _open(key, sealed, context)

    def new_file_key(self) -> bytes:
        """A fresh key for one person's words, itself sealed: losing it makes all of them unreadable."""
        return self.seal(os.urandom(KEY_BYTES), b"file-key")

    def file_ring(self, sealed_key: bytes) -> "FileRing":
        """What seals and opens with such a key."""
        return FileRing(self.open(sealed_key, b"file-key"))

    def rewrap(self, sealed_key: bytes) -> bytes:
        """The same file key under the current key (rotation touches nothing else)."""
        return self.seal(self.open(sealed_key, b"file-key"), b"file-key")

    def hash(self, purpose: str, value: str) -> bytes:
        """A keyed hash for look-up: equal values meet, nobody without the key can try numbers."""
        return hmac.new(self.hash_key, f"{purpose}\n{value}".encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class FileRing:
    """Seals the words and files of one person's case with that case's own key."""

    key: bytes

    def seal(self, text: str) -> bytes:
        """Encrypt a text."""
        return _seal(self.key, "file", text.encode(), b"text")

    def open(self, sealed: bytes) -> str:
        """The text again, or `Unreadable`."""
        return _open(self.key, sealed, b"text").decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Encrypt a file's bytes."""
        return _seal(self.key, "file", content, b"bytes")

    def open_bytes(self, sealed: bytes) -> bytes:
        """The bytes again, or `Unreadable`."""
        return _open(self.key, sealed, b"bytes")


def key_id_of(sealed: bytes) -> str:
    """The id of the key a ciphertext was made with."""
    return sealed[1 : 1 + sealed[0]].decode("ascii", "replace") if sealed else ""


def _seal(key: bytes, key_id: str, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    name = key_id.encode("ascii")
    return bytes([len(name)]) + name + nonce + AESGCM(key).encrypt(nonce, plain, context)


def _open(key: bytes, sealed: bytes, context: bytes) -> bytes:
    start = 1 + sealed[0]
    nonce, body = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context)
    except InvalidTag as problem:
        raise Unreadable("ciphertext changed or wrong key") from problem


def query_code(ring: KeyRing, ticket_no: int) -> str:
    """The 8 base32 characters a citizen looks a ticket up with: derived, so a repeated request gets the
    same."""
    return base64.b32encode(ring.hash("query-code", str(ticket_no)))[:8].decode()


def mask_phone(phone: str) -> str:
    """138****5678; a short number shows only its end."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else f"****{phone[-2:]}"


def mask_name(name: str) -> str:
    """张** : the family name (one character; two for the common double names), then stars."""
    if not name:
        return ""
    kept = 2 if re.match("欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐", name) else 1
    return name[:kept] + "*" * max(1, len(name) - kept)
