"""Every page with values to draw it with, and a Jinja that draws them without the application."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace as Box
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import tests.hotline.example_repeats as repeats
import tests.hotline.example_screens as ex
from hotline.models.words import Role
from hotline.supervision.settled_cases import Part
from hotline.tickets.find import shown_number
from hotline.web.template_filters import clock_time, day, label, moment, percent
from tests.hotline import example_sharing
from tests.hotline.example_consultation import DISPATCHING, INVITATION, MEETINGS, RULING
from tests.hotline.example_data_in import DATA_IN
from tests.hotline.example_desk_calls import EMERGENCY, SUPPLEMENT
from tests.hotline.example_desks import ADMIN, AGENT, BAR, CALL, ENTRY, FIGURES, HITS
from tests.hotline.example_enterprise import BESIDES
from tests.hotline.example_grid import PAGES as GRID_PAGES
from tests.hotline.example_limits import LIMITS, NO_LIMITS
from tests.hotline.example_requests import ASKING, NO_REQUESTS, NOT_ASKING, REQUESTS
from tests.hotline.example_screens import BAD, DEPARTMENT, DETAIL, DISPATCH, LIST, NOW, PLAIN, WRONG
from tests.hotline.example_secrecy import SECRECY_PAGES
from tests.hotline.example_supervision import REMINDERS, SUMMONSES, SUPERVISION_PAGES

DISPATCH, DEPARTMENT = ({**one, "reminders": REMINDERS, "summonses": SUMMONSES[1:]} for one in (DISPATCH, DEPARTMENT))
DISPATCH, AGENT = DISPATCH | repeats.DISPATCH, AGENT | repeats.AGENT
TEMPLATES = Path(__file__).parents[2] / "hotline" / "templates"
DEMO_CALL = Box(
    id="CA1",
    from_number="13800006621",
    state_label="通话中",
    live=True,
    started_at=NOW,
    heard=[Box(words="您好，江州 12345。", mine=False), Box(words="路灯坏了", mine=True)],
)
MEMBERSHIP = Box(id=1, role_label="话务员", department_name="市12345热线中心", since=ENTRY.updated_on)
STAFF = Box(id=3, login="agent1", name="林晓", active=True, locked=False, memberships=[MEMBERSHIP], skills=["law"])
TERMINATION = Box(**{**vars(DISPATCH["asked_stop"]), "kind": "termination"})
QUIET = {
    "may": dict.fromkeys(ex.MAY, False),
    "asked_return": None,
    "asked_extension": None,
    "asked_stop": None,
    "reply": None,
    "alarm": None,
    "similar": [],
    "followers": [],
    "group": None,
    "master_no": None,
}
SEARCH = {
    "q": "夜间",
    "state": "",
    "states": [("draft", "草稿")],
    "entries": [ENTRY],
    "newer": None,
    "older": None,
}
BOARD = {
    **FIGURES,
    "date_from": ENTRY.updated_on,
    "date_to": ENTRY.updated_on,
    "department": "",
    "departments_choice": ex.DEPARTMENTS,
    "periods": [("本月", "?p=month", True)],
    "alarms": [Box(week=ENTRY.updated_on, sentence="首选单位自报把握平均91%，实际派对83%。")],
    "figures_url": "/board/figures",
}
DUTY = Box(
    number=37, conditions="占道经营，望湖区", lead="望湖区城管局", cases=18, cases_url="/c", followed=7, followed_url="/f",
    share=7 / 18, mark="清单可能过时或执行有偏差",
)  # fmt: skip
COMPARISON = {
    "date_from": ENTRY.updated_on,
    "date_to": ENTRY.updated_on,
    "parts": {part.value: (18, "/p") for part in Part},
    "most_cases": 5000,
    "groups": [Box(row=DUTY, matter="城市管理 / 占道经营", department="湖滨街道", count=11, url="/g", share=11 / 18)],
    "more_groups": 2,
    "findings": [("重叠", "第3行与第4行条件相同且同时有效")],
    "more_findings": 1,
    "rows": [DUTY],
    "idle": [Box(**{**vars(DUTY), "number": 38})],
    "versions": [Box(at=NOW, source="duty_list.csv", who="")],
    "today": 412, "direct": [("望湖区城管局", 2)],
}
SETTING = Box(
    key="dispatch.threshold",
    words="自动派单的把握",
    value="0.90",
    default="0.90",
    source_label="默认",
    since=None,
    who="",
)
CITIZEN = {
    "form_key": "k1", "request_types": [("help", "求助")], "max_photos": 9, "asked_back": "", "had_photos": True,
    "caller_labels": [("elderly", "老年人")], **BESIDES,
}  # fmt: skip
LETTER = Box(
    id=5, reaction_label="发送短信", lane="outer", ticket_no=ex.NO, attempts=8, last_error="连接超时", at=NOW
)
MODEL = Box(
    version="desk-20261121", trained_at=NOW, cases=3120, period="2026-01-01", judged=52, right=45, in_three=50,
    active=False, note="由本市工单训练", compared="胜出：在较新的52件上判对52件", confusions=[("物业服务", "小区停车与车位", 7)],
    readable=True, cleared=False, labels=[("物业服务", 20, 15, 13)],
)  # fmt: skip
LOG = Box(
    at=NOW,
    who="林晓",
    role_label="话务员",
    action_label="查看身份",
    ticket_no=ex.NO,
    reason="回电",
    rows=None,
)
RATIO = Box(counted=83, among=100, rate=0.83, url="/l", among_url="/l")
LINE = Box(
    name="市住建局", automatic=RATIO, right=RATIO, in_three=RATIO, automatic_right=RATIO, stated=0.91, ranked=False,
    own=Box(sure=92, sent=RATIO, right=RATIO),
)  # fmt: skip
CLASSIFIER = {
    "date_from": ENTRY.updated_on, "date_to": ENTRY.updated_on, "counted_at": NOW, "small": 30,
    "alarms": BOARD["alarms"], "total": LINE, "weeks": [LINE], "departments": [LINE], "left_out": [("举报", 3, "/l")],
    "confusions": [Box(guessed="市住建局", accepted="市城管局", times=7, url="/l")],
    "costs": [Box(sure=90, current=True, sent=RATIO, right=RATIO)], "wanted": "要95%派对，门槛应为87%。",
    "models": [MODEL], "models_url": "/admin/models", "export_urls": [("按周", "/x")],
}  # fmt: skip
NO_GUESSES = {
    "counted_at": None, "alarms": [], "weeks": [], "departments": [], "left_out": [], "confusions": [], "models": [],
    "models_url": None,
}  # fmt: skip

PAGES: dict[str, list[dict[str, Any]]] = {
    **repeats.GROUP_PAGES,
    "public/write.html": [{**CITIZEN, **PLAIN}, {**CITIZEN, **WRONG}],
    "public/emergency.html": [{**WRONG, "form_key": "k1", "line": "119", "had_photos": True, "carried": ["kind"]}],
    "public/receipt.html": [
        {"ticket_no": ex.NO, "query_code": "K7M2QX4A", "phone_masked": "138****6621",
         "state_words": "已受理，正在确定负责的单位", "deadline_words": "11 月 27 日 24:00"}
    ],
    "public/lookup.html": [
        {"form": {}, "error": ""},
        {"form": {"ticket_no": "1"}, "error": "没有找到，请核对后再试。"},
    ],
    "public/track.html": [ex.TRACK, {**ex.TRACK, **WRONG, "invited": False, "department": "", "replies": []}],
    "public/review.html": [
        {**ex.REVIEW, **PLAIN, "token": "t", "title": "夜间施工", "department": "市住建局", "public_reply": "已停工。"}
    ],
    "public/review_done.html": [
        {"reopened": True, "caller_words": "热线会", "told": ""},
        {"reopened": False, "caller_words": "", "told": "这件事到此办结。"},
    ],
    "public/gone.html": [{"unsent": []}, {"unsent": [("意见", "夜里仍旧在施工")]}],
    "public/message.html": [
        {"heading": "已撤回", "sentence": "承办单位不再办理。", "back_url": "/", "back_words": "回到首页"}
    ],
    "error.html": [{"status": 404, "sentence": "没有找到您要的内容，请核对。", "unsent": [], "back_url": "/agent"}],
    "login.html": [
        {"next": "/", "login": "", "error": "账号或密码不对。", "demo_logins": [("agent1", "话务员")]}
    ],
    "password.html": [
        {"errors": {"again": "两次输入的新密码不一致。"}, "first": True, "min_length": 10},
        {"errors": {}, "first": False, "min_length": 10},
    ],
    "dispatch/list.html": [
        {**LIST, "alarms": ex.ROWS[:1], "groups": [repeats.GROUP]}, {**LIST, "alarms": [], "rows": [], "groups": []}
    ],
    "dispatch/_rows.html": [LIST],
    "dispatch/ticket.html": [
        {**DISPATCH, **ASKING, **REQUESTS},
        {**DISPATCH, **QUIET, **NOT_ASKING, **NO_REQUESTS, "guesses": []},
        {**DISPATCH, **ASKING, **REQUESTS, **WRONG, "open_dialog": "refuse"},
        {**DISPATCH, **ASKING, **NO_REQUESTS, "asked_stop": TERMINATION},
        {**DISPATCH, **ASKING, **REQUESTS, "may_decide_stop": False, "stop_due": "", "may_decide_requests": False},
    ],
    "department/list.html": [
        {**LIST, "department_name": "市住建局", "may_sign_many": True, "topic": "department:zjj", "meetings": MEETINGS}
    ],
    "department/meeting.html": INVITATION,
    "supervisor/ruling.html": RULING,
    "department/_rows.html": [{**LIST, "may_sign_many": False}],
    "department/_new_date.html": [
        {"what": "延期后的截止时间", "new_due_words": "12月4日 24:00", "provisional": True, "sentence": ""},
        {"what": "延期后的截止时间", "new_due_words": "", "provisional": False, "sentence": "已延过一次。"},
    ],
    "department/ticket.html": [
        {**DEPARTMENT, **ASKING},
        {**DEPARTMENT, **ASKING, **WRONG, "open_dialog": "change"},
        {**DEPARTMENT, **ASKING, "rectification": BAD, "open_dialog": "return", **WRONG},
        {**DEPARTMENT, **QUIET, **NOT_ASKING, "reply_at_words": "11-20 10:00"},
    ],
    "ticket/_timeline.html": [{"journal": ex.JOURNAL}],
    "callback/list.html": [LIST],
    "callback/_rows.html": [LIST],
    "callback/ticket.html": [
        {
            **DETAIL,
            **PLAIN,
            **ex.REFUSED,
            "reply": ex.REPLY,
            "may_close": True,
            "has_contact": True,
            "rectified": ex.REPLY,
            "tries": [Box(at=NOW, who="何倩", words="未接通")],
            "bad_review": BAD,
            "tries_left_words": "第 2 次，共 3 次",
            "may_record": True,
            "may_verify": True,
            "script": "您好，这里是 12345。",
        }
    ],
    "supervisor/board.html": [BOARD],
    "supervisor/_figures.html": [FIGURES, {**FIGURES, "quota_alarm": None}],
    "supervisor/classifier.html": [CLASSIFIER, {**CLASSIFIER, **NO_GUESSES}],
    "supervisor/duty_list.html": [
        COMPARISON,
        {**COMPARISON, "most_cases": None, "groups": [], "findings": [], "rows": [], "idle": [], "versions": []},
    ],
    "desk_calls/waiting.html": [{**LIST, "wanted": 3}, {**LIST, "rows": [], "wanted": 3}],
    "desk_calls/supplement.html": SUPPLEMENT,
    "desk_calls/emergencies.html": [LIST, {**LIST, "rows": []}],
    "desk_calls/emergency.html": EMERGENCY,
    "supervisor/dispatching.html": DISPATCHING,
    "supervisor/list.html": [
        {
            **LIST,
            "heading": "超期 · 本月",
            "note": "本列表是现在的情况。",
            "total": 12,
            "back_url": "/board",
            "export_url_csv": "/c",
            "export_url_xlsx": "/x",
        }
    ],
    "supervisor/ticket.html": [
        {**DETAIL, "decide_url": "/dispatch/1"},
        {**DETAIL, "decide_url": None, "identity": Box(**{**vars(ex.IDENTITY), "shown": True})},
    ],
    "agent/ticket.html": [
        {**DETAIL, **PLAIN, **ex.REFUSED, **repeats.FOR_CALLER, "reopen_url": None},
        {**DETAIL, **WRONG, **ex.REFUSED, **repeats.FOR_CALLER, "reopen_url": None, "open_dialog": "withdraw"},
        {**DETAIL, **WRONG, **ex.REFUSED, **repeats.FOR_CALLER, "reopen_url": "/reopen", "open_dialog": "reopen"},
    ],
    "agent/proactive.html": [
        {**PLAIN, "form_key": "k", "text_limit": 5000},
        {**WRONG, "form_key": "k", "text_limit": 5000},
    ],
    "agent/find.html": [
        {**PLAIN, "rows": None, "newest": 20},
        {**WRONG, "rows": ex.ROWS, "newest": 5},
        {**PLAIN, "rows": [], "newest": 20},
    ],
    "agent/console.html": [
        AGENT,
        {
            **AGENT,
            "call": {**vars(CALL), "state": "ringing"},
            "open_dialog": "answer",
            "form": {},
            "guesses": [],
        },
        {**AGENT, "call": {**vars(CALL), "state": "wrap_up"}},
        {**AGENT, "call": None, "caller": None, "ticket_no": 0, "available": False, "guesses": []},
    ],
    "agent/call_bar.html": [BAR],
    "agent/_queue.html": [AGENT],
    "agent/_alarms.html": [AGENT],
    "agent/_state.html": [AGENT],
    "agent/history.html": [AGENT],
    "agent/suggestions.html": [{**AGENT, "alarm": Box(words=["着火"], line="119", seen=False)}],
    "agent/knowledge.html": [{"available": True, "asked": True, "hits": HITS}, {"available": False, "hits": []}],
    "entries/list.html": [{**SEARCH, "may_edit": True, "may_approve": True, "approvals": 2}],
    "entries/entry.html": [
        {
            "entry": ENTRY,
            "versions": [Box(version=1, at=NOW, who="林晓", state_label="已更新")],
            "cited": 4,
            "may": ex.MAY,
            **{**PLAIN, "open_dialog": "unpublish"},
        }
    ],
    "entries/edit.html": [
        {"entry_id": None, "departments": ex.DEPARTMENTS, **PLAIN},
        {"entry_id": 9, "departments": ex.DEPARTMENTS, **WRONG},
    ],
    "entries/approvals.html": [
        {
            "waiting": [
                Box(
                    entry_id=9,
                    version=2,
                    title="夜间施工",
                    department="市住建局",
                    who="林晓",
                    at=NOW,
                    own=True,
                )
            ]
        }
    ],
    "admin/staff.html": [
        {
            **ADMIN,
            "q": "",
            "desks": [("law", "政策法律")],
            "staff": [STAFF, Box(**{**vars(STAFF), "id": 4})],
            "roles": ex.options(Role),
            "departments": ex.DEPARTMENTS,
            "newer": None,
            "older": None,
        }
    ],
    "admin/departments.html": [
        {
            **ADMIN,
            "departments": [
                Box(
                    code="zjj",
                    name="市住建局",
                    depth=1,
                    kind_label="市级部门",
                    staff=3,
                    duty_rows=0,
                    valid_to=None,
                )
            ],
        }
    ],
    **DATA_IN,
    "admin/dead_letters.html": [{**ADMIN, "letters": [LETTER]}],
    "admin/settings.html": [{**ADMIN, "settings": [SETTING]}],
    "admin/limits.html": [{**ADMIN, **LIMITS}, {**ADMIN, **NO_LIMITS}],
    "admin/models.html": [{**ADMIN, "models": [MODEL], "training": "正在训练", "problems": ["x"]}],
    "admin/access_log.html": [
        {**ADMIN, "who": "", "ticket_no": "", "lines": [LOG], "newer": None, "older": None}
    ],
    **SUPERVISION_PAGES,
    **SECRECY_PAGES,
    "demo/phone.html": [
        {**PLAIN, "numbers": [("13800006621", "陈女士")], "call": None},
        {**PLAIN, "numbers": [], "call": DEMO_CALL},
    ],
    "demo/_call.html": [{"call": DEMO_CALL}],
    **GRID_PAGES,
}
for _page, _more in example_sharing.PAGES.items():
    _drawn = PAGES.get(_page, [{}])
    PAGES[_page] = [{**_more[at % len(_more)], **one} for at, one in enumerate(_drawn)]


def url_for(endpoint: str, **values: Any) -> str:
    """An address that shows the endpoint and its arguments."""
    if endpoint == "static":
        return "/static/" + values["filename"]
    return "/" + endpoint.replace(".", "/") + "".join(f"/{value}" for value in values.values())


def environment() -> Environment:
    """Jinja with the names that the application gives to every template; undefined names fail."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=False
    )
    env.filters.update(
        ticket_no=shown_number, moment=moment, clock=clock_time, day=day, percent=percent, label=label
    )
    env.globals.update(
        url_for=url_for,
        csrf_token=lambda: "token-of-the-test",
        get_flashed_messages=lambda with_categories=False: [("ok", "已保存。")] if with_categories else [],
        request=Box(path="/"),
        now=NOW,
        city_name="江州市",
        me=Box(name="林晓", login="agent1", role_label="话务员", department_name="热线中心"),
        nav=[("受理台", "/agent", True), ("承办", "/department", False), ("知识库", "/entries", False)],
        elder=False,
        live_url="",
        live_token="",
        find_url=None,
    )
    return env


@cache
def drawings() -> dict[str, str]:
    """Every page drawn once: name and number of the example, and its HTML."""
    env = environment()
    return {
        f"{name}#{number}": env.get_template(name).render(**values)
        for name, examples in PAGES.items() for number, values in enumerate(examples)
    }  # fmt: skip


def names() -> list[str]:
    """The names of all drawings, without drawing them."""
    return [f"{name}#{number}" for name, examples in PAGES.items() for number in range(len(examples))]
