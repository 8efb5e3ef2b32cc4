"""Example values of the pages about a consultation meeting; invented units and words."""

from types import SimpleNamespace as Box

from hotline.models.consultation_words import Outcome
from tests.hotline.example_screens import (
    DEPARTMENTS,
    DETAIL,
    DISPATCH,
    MATTERS,
    NOW,
    PLAIN,
    REFUSED,
    ROWS,
    TEXT,
    WRONG,
    options,
)

OPEN = Box(
    id=4, question="夜间施工由谁主办", meets_words="11月23日 09:00", outcome="", minutes="", ruled_unit="", ruled_words="",
    cancelled="",
    opinions=[Box(unit="市住建局", words="许可不由我局审批", at=NOW), Box(unit="市生态环境局", words="", at=None)],
)  # fmt: skip
CANCELLED = Box(**{**vars(OPEN), "cancelled": "主办单位已同意承办"})
RULED = Box(**{**vars(OPEN), "outcome": "确定主办单位", "minutes": "按三定规定", "ruled_unit": "市住建局", "ruled_words": "今天"})
MEETINGS = [Box(title="工地夜间施工", url="/meetings/4", meets_words="11月23日 09:00", question="由谁主办")]
INVITED = {
    "row": ROWS[1], "content": TEXT, "matter": "城乡建设", "meeting": OPEN, "caller": "陈科", "my_opinion": "",
    "open": True, "asked": DISPATCH["asked_return"], **PLAIN, **REFUSED,
}  # fmt: skip
INVITATION = [INVITED, {**INVITED, "meeting": RULED, "open": False, "my_opinion": "不属我局", "asked": None}]
INVITATION.append({**INVITED, "meeting": CANCELLED, "open": False})
CALLING = {
    **DETAIL, **PLAIN, **REFUSED, "asked": DISPATCH["asked_return"], "may_call": True, "meeting": None, "fewest": 2,
    "convener": False,
    "departments": DEPARTMENTS, "outcomes": options(Outcome), "fallback": "", "changes": [("", "不修改清单")],
    "rule_by": "11月23日 12:00", "row_today": "", "seen_row": None, "matters": MATTERS, "areas": [("", "全市")],
    "holder": "zjj", "matter": "010203", "chosen": [],
}  # fmt: skip
RULING = [
    CALLING,
    {**CALLING, **WRONG, "chosen": ["zjj"]},
    {**CALLING, "may_call": False, "meeting": OPEN, "convener": True, "fallback": "望湖区",
     "row_today": "第3行", "seen_row": 3},
]
RATE = Box(counted=9, among=10, rate=0.9, url="/n", among_url="/d", excluded=1, excluded_url="/e")
DISPATCHING = [
    {"date_from": NOW.date(), "date_to": NOW.date(), "definitions": [("一次派单准确率", "分子：…")],
     "labels": ["一次派单准确率"], "lines": [Box(name="智能派单", rates=[RATE])]},
    {"date_from": NOW.date(), "date_to": NOW.date(), "definitions": [], "labels": [], "lines": []},
]  # fmt: skip
