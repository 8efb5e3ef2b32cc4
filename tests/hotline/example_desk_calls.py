"""Example values of the pages about calls of the desk: missing facts, emergency lines; invented people and words."""

from types import SimpleNamespace as Box

from hotline.models.emergency_words import AgreedOwner, Party
from tests.hotline.example_screens import DETAIL, NOW, PLAIN, REFUSED, WRONG, options

ASKED = {**DETAIL, **PLAIN, **REFUSED, "question": "具体在哪一栋", "waits": True, "tries": 1, "early": "已联系1次。"}
SUPPLEMENT = [
    ASKED,
    {**ASKED, **WRONG, "early": "", "question": "", "open_dialog": "give-up"},
    {**ASKED, "waits": False},
]
CALL = Box(at=NOW, owner="119办理", words="已派车", parties=[("诉求人", "10:01", "10:04")])
AT_119 = {
    **DETAIL, **PLAIN, **REFUSED, "line": "119", "calls": [CALL], "parties": options(Party),
    "owners": options(AgreedOwner), "may_note": True, "may_take_back": True, "may_call": True,
}  # fmt: skip
NOTHING_TO_DO = dict.fromkeys(("may_note", "may_take_back", "may_call"), False)
EMERGENCY = [AT_119, {**AT_119, **WRONG, "open_dialog": "call"}, {**AT_119, **NOTHING_TO_DO, "line": "", "calls": []}]
