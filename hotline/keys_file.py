"""The keys file: the desk's secrets, outside the database, readable by its owner only; new keys by
rotation."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.errors import NotConfigured
from hotline.sealing import KeyRing


@dataclass(frozen=True)
class Secrets:
    """The keys file, read."""

    ring: KeyRing
    session: str
    model: bytes
    stream: bytes


def read_secrets(path: Path) -> Secrets:
    """Read the keys file; `NotConfigured` when it is missing."""
    if not path.exists():
        raise NotConfigured(f"找不到密钥文件 {path}，请先运行 hotline make-keys。")
    stored = json.loads(path.read_text())
    raw = {name: base64.b64decode(value) for name, value in stored["keys"].items()}
    ring = KeyRing(keys=raw, current=stored["current"], hash_key=base64.b64decode(stored["hash"]))
    return Secrets(
        ring=ring,
        session=stored["session"],
        model=base64.b64decode(stored["model"]),
        stream=base64.b64decode(stored["stream"]),
    )


def make_secrets(path: Path) -> None:
    """Write fresh keys unless the file is there already."""
    if path.exists():
        return
    stored = {"current": "k1", "keys": {"k1": _fresh()}, "hash": _fresh()}
    stored |= {"session": secrets.token_urlsafe(32), "model": _fresh(), "stream": _fresh()}
    write_keys(path, stored)


def add_key(path: Path) -> str:
    """Rotation, first half: a new current key beside the old ones. Returns its id."""
    stored = json.loads(path.read_text())
    name = f"k{len(stored['keys']) + 1}"
    stored["keys"][name] = _fresh()
    stored["current"] = name
    write_keys(path, stored)
    return name


def write_keys(path: Path, stored: Mapping[str, Any]) -> None:
    """Replace the file whole, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(stored, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
