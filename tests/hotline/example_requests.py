"""Example values of changes and exemptions."""

from types import SimpleNamespace as Box

from tests.hotline.example_screens import NOW, REPLY

CHOICES = [("help", "求助")]
ASKING = {
    "change_url": "/change", "change_choices": dict.fromkeys(("request_type", "matter_code", "urgency"), CHOICES),
    "exemption_url": "/exemption", "exemption_reasons": [("unreasonable", "不合理诉求")],
}  # fmt: skip
NOT_ASKING = {"change_url": None, "change_choices": {}, "exemption_url": None, "exemption_reasons": []}
NO_REQUESTS = {"requests": [], "request_photos": [], "may_decide_requests": False}
REQUESTS = {
    "may_decide_requests": True,
    "request_photos": REPLY.photos,
    "requests": [
        Box(id=7, kind_label="变更", what="诉求类型改为投诉", reason="诉求人要求处罚", basis="", who="周明", at=NOW,
            decide_url="/decide"),
        Box(id=8, kind_label="不计考核", what="不合理诉求", reason="要求超出政策", basis="政策文件第三条", who="周明", at=NOW,
            decide_url="/decide"),
    ],
}  # fmt: skip
