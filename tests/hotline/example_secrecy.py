"""Example values of the pages about secrecy."""

from datetime import UTC, date, datetime
from types import SimpleNamespace as Box

NOW = datetime(2026, 11, 21, 6, 33, tzinfo=UTC)

SECRECY = Box(
    label="公开", levels=[("confidential", "保密")], may_name=True, go_up="望湖区城管局及其下属单位须回避，建议改派其上一级单位：望湖区。",
    may_extract=True, extract="三号楼夜间施工噪声扰民。",
)
UNMASKING = Box(words="查看身份的申请被驳回：请通过热线联系。", may_ask=True)
GRANT = Box(
    id=3, ticket_no=2026112100004318, who="周明", department="市生态环境局", reason="须约定上门时间", asked_at=NOW,
    words="批准查看2次，已用1次。", note="同意", holds=True,
)  # fmt: skip
GRANTS = {
    "waiting": [GRANT], "decided": [GRANT], "newer": None, "older": "/older", "looks": 1, "most_looks": 5,
    "most_hours": 72, "valid_from": "2026-11-21T14:33", "valid_to": "2026-11-22T14:33",
}  # fmt: skip
ALARM = Box(
    id=1, who="林晓", day=date(2026, 11, 21), words="一天内查看或查找的诉求人过多", counted="31人",
    ticket_no=2026112100004318, at=NOW, answer="", answered_by="", own=False,
)  # fmt: skip
ALARMS = [ALARM, Box(**{**vars(ALARM), "id": 2, "own": True}), Box(**{**vars(ALARM), "answer": "批量回访"})]
SECRECY_PAGES = {
    "supervisor/unmasking.html": [
        {**GRANTS, "form": {}, "errors": {}},
        {**GRANTS, "waiting": [], "decided": [], "form": {}, "errors": {}},
        {**GRANTS, "form": {"grant": "3", "looks": "9"}, "errors": {"looks": "查看次数为1至5次。"}},
    ],
    "admin/look_alarms.html": [
        {"lines": ALARMS, "newer": "/newer", "older": None, "form": {"id": "1"}, "errors": {"words": "请写明。"}},
        {"lines": [], "newer": None, "older": None, "form": {}, "errors": {}},
    ],
}
