"""Reads the hand-written messages of this folder."""

import json
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
SCENE = datetime.fromtimestamp(1795137300, UTC)
"""The moment at which every message but the old and early ones is fresh."""

TO_US = "/api/v1/police110/"


def names(pattern: str) -> list[str]:
    """The messages whose file name fits, sorted."""
    return sorted(path.stem for path in FOLDER.glob(f"{pattern}.json"))


def message(name: str) -> dict[str, str]:
    """path, method, timestamp, secret, body (raw text), signature."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
