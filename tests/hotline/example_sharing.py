"""Example values of the state table of a ticket in several hands."""

from types import SimpleNamespace as Box
from typing import Any

from tests.hotline.example_screens import DEPARTMENTS, REPLY, ROWS

SHARES = [
    Box(id=1, unit="市住建局", part="主办", state_label="办理中", level="br", left=ROWS[0].time_left, reply=None,
        take_back_url=None, use_url=None),
    Box(id=2, unit="市生态环境局", part="协办", state_label="已提交办结", level="ok", left=None, reply=REPLY,
        take_back_url="/take-back", use_url="/use"),
]  # fmt: skip
JOINT: dict[str, Any] = {"shares": SHARES, "below": DEPARTMENTS[:1], "late": ["市生态环境局"], "reads_only": False}
ALONE: dict[str, Any] = {"shares": [], "below": [], "late": [], "reads_only": True}
UNITS: dict[str, Any] = {"units": [("市住建局", "办理中"), ("市生态环境局", "待签收")]}
PAGES: dict[str, list[dict[str, Any]]] = {
    "dispatch/ticket.html": [JOINT, ALONE],
    "department/ticket.html": [JOINT, ALONE],
    "public/track.html": [UNITS, {"units": []}],
    "department/copies.html": [{"rows": ROWS, "newer": None, "older": "?after=1"}],
}
"""What each page is drawn with beside its own values, one after the other."""
