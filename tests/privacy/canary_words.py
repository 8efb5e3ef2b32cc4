"""An invented name and number in every spelling, and the search for any trace of them in raw bytes."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

NAME = "欧阳青禾"
NUMBER = "13987650421"
NAME_SPELLINGS = (NAME, "歐陽青禾", "欧 阳 青 禾", "欧阳　青禾")
NUMBER_SPELLINGS = (
    NUMBER, "139 8765 0421", "139-8765-0421", "１３９８７６５０４２１", "一三九八七六五〇四二一", "139 8765-0421",
)  # fmt: skip
PARTS = ("欧阳", "歐陽", "青禾", "****0421", "139****")
"""What a mask leaves to see: of a confidential case a department gets not even that."""
SAID = "，".join(f"我叫{name}" for name in NAME_SPELLINGS) + "，电话" + "、".join(NUMBER_SPELLINGS)
SHORT = f"{NAME}{NUMBER}"


def base64_forms(raw: bytes) -> Iterator[bytes]:
    """The bytes as they look inside base64, at each of the three places they may begin."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        inner = whole[(0, 2, 3)[before] : (before + len(raw)) * 4 // 3]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def forms(word: str) -> Iterator[tuple[str, bytes]]:
    """A word as UTF-8, GBK, escapes, hex, percent signs and base64, each with the name of its form."""
    for coding in ("utf-8", "gbk", "utf-16-le"):
        raw = word.encode(coding)
        yield coding, raw
        yield f"hex of {coding}", raw.hex().encode()
        yield f"HEX of {coding}", raw.hex().upper().encode()
        for form in base64_forms(raw):
            yield f"base64 of {coding}", form
    escaped = json.dumps(word)[1:-1]
    yield "escapes", escaped.encode()
    yield "Escapes", escaped.upper().replace("\\U", "\\u").encode()
    yield "double escapes", escaped.replace("\\", "\\\\").encode()
    yield "percent", quote(word).encode()


@cache
def traces() -> dict[bytes, str]:
    """Every byte string that gives the person away, with what it is."""
    words = dict.fromkeys((*NAME_SPELLINGS, *NUMBER_SPELLINGS))
    return {raw: f"{word} as {form}" for word in words for form, raw in forms(word)}


def traces_in(blob: bytes) -> list[str]:
    """What of the person these bytes show, with the words around it."""
    found = []
    for raw, what in traces().items():
        at = blob.find(raw)
        if at >= 0:
            found.append(f"{what}: {blob[max(0, at - 120) : at + 60]!r}")
    return found


def parts_in(text: str) -> list[str]:
    """What of a masked name or number a text shows."""
    return [part for part in PARTS if part in text]
