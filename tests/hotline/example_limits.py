"""Example values of the page of time limits."""

from datetime import date
from types import SimpleNamespace as Box
from typing import Any

from tests.hotline.example_screens import NOW

ROW = Box(
    step="签收", request_type="不限", urgency="一般", length="4个工作小时，最长1个工作日", since=date(2025, 1, 1), until=None,
    due_words="11月23日 10:30",
)  # fmt: skip
CHOICES = [("sign", "签收")]
LIMITS: dict[str, Any] = {
    "in_force": [ROW], "planned": [Box(**{**vars(ROW), "due_words": "", "since": date(2026, 12, 1)})],
    "ended": [Box(**{**vars(ROW), "due_words": "", "until": date(2025, 6, 30)})],
    "defaults": [Box(**{**vars(ROW), "step": "会商裁定", "due_words": "", "since": None})],
    "counting": "按日计算的时限次一工作日起算。",
    "versions": [Box(number=2, at=NOW, who="管理员", words="签收、不限、一般自2026-12-01起4个工作小时：市里会议决定")],
    "newer": "/admin/limits", "older": "/admin/limits?before=2",
    "steps": CHOICES, "request_types": CHOICES, "urgencies": CHOICES, "units": CHOICES,
}  # fmt: skip
NOTHING: dict[str, Any] = dict.fromkeys(("in_force", "planned", "ended", "defaults", "versions"), ())
NO_LIMITS = LIMITS | NOTHING | {"newer": None, "older": None}
