"""Example values for every page, so that each can be drawn without a database; invented people and places."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Box
from typing import Any

from hotline.models.words import (
    BadReviewReason,
    Labelled,
    RequestType,
    ReturnReason,
    State,
    UrgencyGrade,
)
from tests.hotline.example_secrecy import SECRECY, UNMASKING

NOW = datetime(2026, 11, 21, 6, 33, tzinfo=UTC)
NO = 2026112100004318
TEXT = (
    "市民来电反映：望湖区湖滨街道金桂苑小区东侧工地（滨江花园二期）连续三天夜间 23 时至次日 3 时"
    "仍在浇筑混凝土，噪声严重影响休息，家中有 82 岁老人。要求责令停止夜间施工并查处，告知是否有夜间施工许可。"
)


def options(words: type[Labelled]) -> list[tuple[str, str]]:
    """All members of a list of words as choices."""
    return [(word.value, word.label) for word in words]


def left(words: str, level: str, used: int) -> Box:
    """A remaining time that reads `words`."""
    return Box(
        started_at=NOW - timedelta(days=1),
        due_at=NOW + timedelta(days=4, hours=3),
        words=words,
        level=level,
        used=used,
        due_words="11月27日 24:00",
        provisional=used == 18,
    )


def row(
    no: int, title: str, state: State, time: Box | None = None, tags: tuple[tuple[str, str], ...] = ()
) -> Box:
    """One ticket of a list."""
    return Box(
        ticket_no=2026112100004300 + no,
        title=title,
        place="湖滨街道",
        state=state,
        request_type=RequestType.COMPLAINT,
        urgency=UrgencyGrade.EMERGENCY if no == 1 else UrgencyGrade.NORMAL,
        department="市住房和城乡建设局",
        time_left=time,
        tags=list(tags),
        received_at=NOW,
        age="受理至今3个工作日（5天）",
        url="/board/tickets/1",
    )


ROWS = [
    row(
        1,
        "小区燃气味很重，家里有老人",
        State.TO_DISPATCH,
        left("剩 8 分钟", "bad", 90),
        (("安全警示", "bad"),),
    ),
    row(
        2,
        "金桂苑东侧工地连续三晚夜间施工",
        State.TO_SIGN,
        left("剩 4 天 3 小时", "ok", 18),
        (("重复 2 次", "bad"),),
    ),
    row(3, "学府路 88 号工地扬尘，未覆盖渣土", State.HANDLING, left("剩 1 天 2 小时", "warn", 76)),
    row(4, "公租房漏水两月未修", State.REHANDLING, left("超期 5 小时", "bad", 100), (("督办", "bad"),)),
    row(5, "供暖温度不达标", State.TO_EVALUATE),
]
PHOTO = Box(name="现场.jpg", url="/static/favicon.svg", is_image=True, size_words="214 KB")
PAPER = Box(name="检测报告.pdf", url="/files/2", is_image=False, size_words="1.2 MB")
TICKET = Box(
    **vars(ROWS[1]),
    content=TEXT,
    content_original=None,
    object="滨江花园二期项目部",
    happened_at_words="近三日 23:00 至 03:00",
    source_label="电话",
    deadline=ROWS[1].time_left,
    co_departments=["望湖区城市管理执法局"],
    photos=[PHOTO, PAPER],
    aliases=[("市110", "3690002611210077")],
    sensitive=["涉未成年人"],
    copied_to=["望湖区"],
    suspended="已挂起，12月4日恢复办理。原因：等待鉴定；计划：鉴定后维修",
    matter_path="城乡建设 / 施工管理 / 夜间施工噪声",
)
IDENTITY = Box(
    shown=False,
    name="陈**",
    phone="138****6621",
    company="江州某某电子有限公司",
    credit_code="91350100M000100Y43",
    named=True,
    confidential=True,
    labels=["老年人"],
)
JOURNAL = [
    Box(at=NOW, words="派单", who="林晓", data_words="市住房和城乡建设局", level="on"),
    Box(at=NOW, words="受理", who="系统", data_words="", level="ok"),
]
GUESSES = [
    Box(
        department_code=code,
        department=name,
        matter_code="010203",
        matter_path=path,
        probability=share,
        evidence=["夜间", "施工"],
        reason="确责清单 0312 条",
        duty_row_id=duty,
        direct=duty == 312,
        helps=duty == 313,
        co_units=("hbj",),
    )
    for code, name, path, share, duty in [
        ("zjj", "市住房和城乡建设局", "施工管理 / 夜间施工噪声", 0.92, 312),
        ("whq-cg", "望湖区城市管理执法局", "噪声执法 / 建筑施工", 0.71, 313),
        ("hbj", "市生态环境局", "噪声污染 / 工业噪声", 0.18, None),
    ]
]
DEPARTMENTS = [("zjj", "市住房和城乡建设局"), ("whq-cg", "望湖区城市管理执法局"), ("hbj", "市生态环境局")]
MATTERS = [("010203", "城乡建设 / 施工管理 / 夜间施工噪声")]
TABS = [
    Box(key=key, label=label, count=count, level=level, url="?tab=" + key, current=key == "to_sign")
    for key, label, count, level in [
        ("to_sign", "待签收", 4, "br"),
        ("handling", "办理中", 12, ""),
        ("due", "临期超期", 4, "bad"),
    ]
]
REPLY = Box(
    contacted=True,
    contact_note="11 月 13 日电话联系",
    facts="到现场查看，确有夜间浇筑",
    fact_true_label="属实",
    handling="责令停工，立案查处",
    public_reply="我局已责令项目部停止夜间施工。",
    who="周明",
    at=NOW,
    photos=[PHOTO],
    department="市住房和城乡建设局",
)
BAD = Box(
    grade_label="不满意",
    solved_label="没解决",
    reason_label="又出现了",
    words="停了两天又开工",
    left=ROWS[2].time_left,
    round=1,
)
PLAIN: dict[str, Any] = {"form": {}, "errors": {}}
WRONG: dict[str, Any] = {
    "form": {"content": "夜里施工", "phone": "1"},
    "errors": {"phone": "请填写 11 位手机号。", "words": "请写明。"},
}
LIST = {"rows": ROWS, "newer": None, "older": "?before=1", "tabs": TABS, "refresh_url": "/x"}
DETAIL = {
    "ticket": TICKET,
    "viewers": ["陈科"],
    "identity": IDENTITY,
    "unmask_url": "/unmask",
    "journal": JOURNAL,
}
REVIEW = {"reasons": options(BadReviewReason), "bad_words": "这件事会重新办理，热线回访员会在1个工作日内给您打电话"}
STEPS = (
    "dispatch ask_more add_supplement refuse transfer push_to_110 merge answer_directly check_reply"
    " give_up sign record_contact reply submit_reply ask_return ask_extension report_rectified send_back"
    " ask_suspension ask_termination resume edit ask_approval approve reject unpublish unmerge"
    " add_co_unit hand_in hand_down amend"
)
MAY = {name: True for name in STEPS.split(" ")}
TRACK = {
    "ticket_no": NO,
    "title": "金桂苑东侧工地夜间施工噪声",
    "state_words": "已办结，请您评价",
    "state_level": "ok",
    "steps": [
        ("受理", "11-12 09:38", "ok"),
        ("派单", "11-12 09:41", "ok"),
        ("办理", "市住建局", "ok"),
        ("答复", "11-14 17:02", "ok"),
        ("评价", "剩 5 天", "on"),
    ],
    "department": "市住房和城乡建设局",
    "deadline_words": "11月27日 24:00",
    "contact_words": "单位已于 11 月 13 日联系您",
    "content": TEXT,
    "replies": [REPLY],
    "lines": JOURNAL,
    "notices": ["办理时间延长到 12 月 4 日，原因：等待检测报告。"],
    "invited": True,
    "invitation_words": "请在 11 月 28 日前评价",
    "may_supplement": True,
    "may_urge": True,
    "may_withdraw": True,
    "may_contest": True,
    "may_reopen": True,
    **PLAIN,
    **REVIEW,
}
REFUSED = {"unsent": [("意见", "请先核实")], "live": ("ticket:1", "/x"), "open_dialog": ""}
FOR_CALLER = {
    "replies": [REPLY],
    "notices": ["不予受理：请向行业协会反映。"],
    "may": dict.fromkeys(("amend", "urge", "withdraw", "contest", "conceal"), True),
}
DISPATCH = {
    **DETAIL,
    **PLAIN,
    **REFUSED,
    "guesses": GUESSES,
    "helpers": [("hbj", "市生态环境局")],
    "helping": ["hbj"],
    "held_back": "把握62%，低于自动派单所需的90%。",
    "parts": [
        Box(words="路灯不亮。", matter_path="市政设施 / 路灯", department="市城管执法局", split_to=None),
        Box(words="公司欠薪。", matter_path="劳动人事 / 拖欠工资", department="市人社局", split_to=202611010000000001),
    ],
    "respondent": "zjj",
    "secrecy": SECRECY,
    "departments": DEPARTMENTS,
    "matters": MATTERS,
    "request_types": options(RequestType)[:7],
    "urgencies": options(UrgencyGrade)[1:],
    "refuse_reasons": [("court", "已进入诉讼程序")],
    "routes": [("litigation", "诉讼")],
    "scripts": [("已进入诉讼程序", "请按法定途径办理。")],
    "may": MAY,
    "may_decide_return": True,
    "ruling_url": "/rulings/1",
    "may_decide_extension": True,
    "may_decide_stop": True,
    "stop_due": "12月11日 24:00",
    "reopen_url": "/reopen",
    "asked_stop": Box(
        id=3,
        kind="suspension",
        kind_label="挂起",
        reason="等待鉴定",
        basis="条例第二十一条",
        plan="鉴定后维修",
        next_day_words="12月4日",
        who="周明",
        at=NOW,
    ),
    "reply": REPLY,
    "asked_return": Box(
        id=1,
        reason_label="不属本单位职责",
        reason="执法权已划转。",
        basis="三定规定第三条",
        proposed_department="whq-cg",
        proposed_name="望湖区城市管理执法局",
        who="周明",
        at=NOW,
        count=1,
        helper="",
    ),
    "asked_extension": Box(
        id=2,
        reason="等待检测",
        basis="条例第二十条",
        days=5,
        new_due_words="12月4日 24:00",
        helper="市生态环境局",
        who="周明",
        at=NOW,
    ),
}
DEPARTMENT = {
    **DETAIL,
    **PLAIN,
    **REFUSED,
    "department_name": "市住房和城乡建设局",
    "tabs": TABS,
    "list_url": "/department?tab=to_sign",
    "topic": "department:zjj",
    "guidance": "请同时查验许可。",
    "rectification": None,
    "may": MAY,
    "saved_reply": {},
    "reply_photos": [],
    "reply_at_words": "",
    "contacts": [Box(at=NOW, who="周明", contacted=True, note="已说明办理安排")],
    "pending": ["延期申请待督办员审批。"],
    "return_rule": Box(left_words="剩 1 小时 24 分", times=0, goes_to_arbiter=False),
    "return_reasons": options(ReturnReason),
    "departments": DEPARTMENTS,
    "extension_days": [("3", "3 个工作日"), ("5", "5 个工作日")], "extension_note": "由督办员审批",
    "fact_choices": [("true", "属实"), ("partly", "部分属实"), ("false", "不属实")],
    "unmasking": UNMASKING,
}
