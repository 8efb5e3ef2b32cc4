"""Example values of the board, the agent's console, knowledge and administration."""

from datetime import date, timedelta
from types import SimpleNamespace as Box

from hotline.models.phone_words import Desk, SeatState
from hotline.models.words import EntryState, RequestType
from tests.hotline.example_enterprise import BESIDES
from tests.hotline.example_screens import DEPARTMENTS, GUESSES, MATTERS, NO, NOW, PLAIN, ROWS, TEXT, options

FIGURES = {
    "figures": [
        Box(
            key=key,
            label=label,
            value=value,
            level=level,
            url="/board/tickets",
            numerator=part,
            denominator=whole,
            excluded=3,
            numerator_url="/a",
            denominator_url="/b",
            excluded_url="/c",
            definition="按事件时间统计。",
            exclusions=[("测试件", 1)],
        )
        for key, label, value, level, part, whole in [
            ("open", "在办", "1,284", "", None, None),
            ("due_soon", "24 小时内到期", "37", "warn", None, None),
            ("overdue", "超期", "12", "bad", None, None),
            ("on_time", "按时办结率", "97.3%", "", 973, 1000),
            ("response", "响应率", "98.1%", "", 981, 1000),
            ("resolution", "解决率", "88.2%", "", 882, 1000),
            ("satisfaction", "满意率", "91.8%", "", 918, 1000),
        ]
    ],
    "departments": [
        Box(
            code=code,
            name=name,
            url="/d",
            open=31,
            open_url="/d",
            overdue=index,
            overdue_url="/d",
            closed=204,
            closed_url="/d",
            on_time=0.973,
            on_time_url="/d",
            solved=None,
            solved_url="/d",
            satisfied=0.918,
            satisfied_url="/d",
        )
        for index, (code, name) in enumerate(DEPARTMENTS)
    ],
    "endings": [("邀请到期未评价", 41, "/e")],
    "quota_alarm": ("不计考核9件，占办结100件的9%，超过5%，请核查。", "/x"),
    "counted_at": NOW,
}
SEAT = Box(state_label="通话中", level="br", since=NOW, choices=options(SeatState)[1:3], next_label="", notice="")
CALL = Box(
    id="CA7",
    ticket_no=NO,
    state="talking",
    phone="138****6621",
    region="江州 · 移动",
    name="陈桂芳",
    tags=[("老年人", "vio"), ("30 天内第 3 次来电", "warn")],
    rings_since=NOW,
    ring_seconds=15,
    talks_since=NOW,
    recorded=True,
    lasted_words="04:18",
    wrap_up_ends=NOW + timedelta(seconds=38),
    wrap_up_seconds=60,
    next_state="ready",
)
BAR = {"call": CALL, "seat_words": "示闲中，来电会自动出现在这里。", "notice": "", "next_states": options(SeatState)[1:3],
       "desks": options(Desk)}
HITS = [
    Box(
        entry_id=9,
        version=2,
        title=title,
        snippet=[
            ("噪声敏感建筑物集中区域", False),
            ("禁止夜间", True),
            ("进行产生噪声的建筑施工作业。", False),
        ],
        answer="夜间指 22 时至次日 6 时。",
        source="市住建局 · 法规库",
        updated_on=date(2026, 6, 1),
        expired=index == 2,
    )
    for index, title in enumerate(["夜间建筑施工噪声怎么管？", "夜间施工许可查询口径", "重复投诉如何登记"])
]
AGENT = {
    **BAR,
    **PLAIN,
    **BESIDES,
    "ticket_no": NO,
    "auto": ["place", "object"],
    "saved_at": NOW,
    "version": 3,
    "max_text": 5000,
    "request_types": options(RequestType)[:5],
    "urgencies": [("normal", "一般"), ("urgent", "紧急"), ("critical", "特急")],
    "matters": MATTERS,
    "departments": DEPARTMENTS,
    "phrases": [("复述确认", "我复述一下您反映的问题。"), ("告知时限", "承办单位会在时限内答复您。")],
    "open_dialog": "",
    "topic": "seat:1",
    "history_url": "/h",
    "form": {
        "content": TEXT,
        "place": "望湖区湖滨街道金桂苑东侧工地",
        "object": "滨江花园二期项目部",
        "request_type": "complaint",
        "matter_code": "010203",
        "department": "zjj",
        "name": "陈桂芳",
        "phone": "13800006621",
    },
    "queue": Box(waiting=3, longest_words="00:42", ready=5, online=18, mine_today=46, desks=[("企业", 2)]),
    "seat": SEAT,
    "caller": Box(
        name="陈**",
        phone="138****6621",
        region="国内手机",
        known=True,
        tags=[("老年人", "vio"), ("30 天内第 3 次来电", "warn")],
        likely=Box(ticket_no=NO, title="夜间施工噪声", words="追问 11 月 12 日的一件（办理中）："),
        tickets=ROWS,
        recordings=[
        Box(recording_id="RE1", state="kept", seconds=12), Box(recording_id="RE2", state="missing", seconds=0),
    ],
        unmask_url="/u",
        shown=False,
    ),
    "drafts": [Box(ticket_no=NO, title="", saved_at=NOW, tag=("草稿", "warn"))],
    "available": True,
    "guesses": GUESSES,
    "fills": [("place", "金桂苑", "发生地点")],
    "deadline_words": "办理时限 5 个工作日，截止 11 月 27 日（周五）24:00。",
    "alarm": None,
    "sensitive": [Box(tier=Box(label="涉未成年人"), words=["打学生"])],
    "alike": 5,
    "repeats": [],
    "alike_url": "/s",
    "hits": HITS,
}
ENTRY = Box(
    entry_id=9,
    version=2,
    title="夜间建筑施工噪声怎么管？",
    question="半夜工地施工找谁",
    answer="夜间指 22 时至次日 6 时。",
    keywords=["夜间施工", "噪声"],
    department="市住房和城乡建设局",
    source="噪声污染防治办法第十二条",
    valid_from=date(2026, 1, 1),
    valid_to=None,
    expired=False,
    state_label=EntryState.PUBLISHED.label,
    state_level="ok",
    edited_by="林晓",
    approved_by="",
    updated_on=date(2026, 6, 1),
    snippet=HITS[0].snippet,
)
ADMIN = {"admin_tabs": [("人员", "/admin/staff", True), ("承办单位", "/admin/departments", False)], **PLAIN}
