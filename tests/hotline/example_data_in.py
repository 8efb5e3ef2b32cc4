"""Example values of the pages of 数据导入."""

from types import SimpleNamespace as Box

from tests.hotline.example_desks import ADMIN
from tests.hotline.example_screens import NO, NOW

WAY = ("望湖区城管局", "清单无条目，人工派单", 41)
TRIAL = Box(
    done=True, read=900, total=900, share=1.0, guessed=880, elsewhere=1041, on=NOW.date(), outdated=True, ways=[WAY],
    cases=[(NO, "占道经营", "望湖区城管局", "市城管局")],
)  # fmt: skip
LINE = Box(mark="修改", level="warn", cells=[("0101", "0101"), ("cgj", ""), ("", "whq-cg")])
OVERVIEW = {
    **ADMIN,
    "kinds": [Box(code="limits", label="办理时限", columns="环节、数值", remark="文件代表整张表。")],
    "faulty": "办理时限",
    "faults": [("第3行", "数值", "“三”不是非负整数")],
    "uploads": [Box(label="人员", source="人员.xlsx", at=NOW, who="赵启明", url="/u")],
    "versions": [
        Box(number=8, at=NOW, label="人员", source="人员.csv", who="命令行", counts="新增1行", undoes=False, undo_url="/undo"),
        Box(number=9, at=NOW, label="人员", source="人员.csv", who="赵启明", counts="取消1行", undoes=True, undo_url=None),
    ],
    "newer": None,
    "older": "/admin/data?before=3",
}
PREVIEW = {
    **ADMIN,
    "upload_id": 7,
    "label": "确责清单",
    "source": "清单.xlsx",
    "counts": "新增0行，修改1行，取消0行",
    "unchanged": 319,
    "remark": "文件代表整张表。",
    "warning": "请再核对一次。",
    "headings": ["事项代码", "主办单位代码", "协办单位代码"],
    "lines": [LINE],
    "seen": "ab12",
    "findings": [("空档", "事项0101自2026-11-23至2026-11-30没有兜底的主办单位")],
    "more_findings": 3,
    "trial": TRIAL,
    "days": 30,
    "most_listed": 1000,
    "newer": None,
    "older": "/admin/data/uploads/7?after=100",
}
RUNNING = Box(**{**vars(TRIAL), "done": False, "read": 300, "share": 0.33, "ways": [], "cases": []})
DATA_IN = {
    "admin/data_in.html": [OVERVIEW, {**OVERVIEW, "faulty": "", "faults": [], "uploads": [], "versions": []}],
    "admin/data_preview.html": [
        PREVIEW,
        {**PREVIEW, "trial": RUNNING, "warning": ""},
        {**PREVIEW, "trial": Box(**{**vars(RUNNING), "total": None})},
        {**PREVIEW, "trial": None, "lines": [], "seen": "", "findings": [], "more_findings": 0},
        {**PREVIEW, "trial": None, "label": "人员"},
    ],
}
