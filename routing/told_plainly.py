"""Says in Chinese lines what `explained` found."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from routing.choose import sureness
from routing.working_calendar import ONE_DAY

Found = Mapping[str, Any]
TYPES = {
    "consultation": "咨询", "help": "求助", "complaint": "投诉", "report": "举报", "suggestion": "建议",
    "guidance": "在线办理指导", "praise": "表扬", "withdrawn": "撤单", "harassment": "骚扰", "invalid": "无效",
}  # fmt: skip
GRADES = {"emergency": "紧急警情", "critical": "特急", "urgent": "紧急", "normal": "一般"}
UNITS = {
    "minutes": "分钟", "hours": "小时", "working_minutes": "工作分钟", "working_hours": "工作小时",
    "working_days": "个工作日", "days": "天",
}  # fmt: skip


def told_plainly(found: Found) -> Iterator[str]:
    """The lines, most needed first."""
    if found["says_nothing"]:
        yield "内容：看不出诉求，请先联系市民补充。"
    yield f"诉求类型：{TYPES[found['request_type']['kind']]}{quoted([found['request_type']['words']])}"
    urgency = found["urgency"]
    yield f"紧急程度：{GRADES[urgency['grade']]}{quoted(urgency['words'])}{to_line(urgency['line'])}"
    yield f"归属：{found['boundary']['owner']}（{found['boundary']['reason']}）"
    yield from (f"敏感：{one['label']}{quoted(one['words'])}" for one in found["sensitive"])
    yield f"地点：{place_words(found['place'])}"
    yield f"办理时限：{limit_words(found['limit'])}"
    for one in found["guesses"]:
        yield f"事项：{one['name']}（{one['matter']}，{sureness(one['probability'])}）{quoted(one['evidence'])}"
    for one in found["routes"]:
        yield f"派往：{one['name']}（{one['unit']}，{sureness(one['probability'])}）。{one['reason']}"
    if not found["routes"] and not found["says_nothing"]:
        yield "派往：确责清单中没有对应的条目，须人工派单。"
    if found["parts"]:
        yield f"文中似有{len(found['parts'])}件事："
    yield from (f"  “{one['text']}”：{one['matter_name']}，{one['name']}" for one in found["parts"])
    for one in found["similar"]:
        yield f"相似：{one['text']}（{one['label']}，{one['likeness']:.2f}）"


def quoted(words: Any) -> str:
    """Words of the text in quotation marks, "" for none."""
    return "".join(f"“{word}”" for word in words if word)


def to_line(line: str | None) -> str:
    """Where to transfer the caller."""
    return f"，即转{line}" if line else ""


def place_words(place: Found | None) -> str:
    """District, street, community and name, as far as known."""
    if place is None:
        return "未识别"
    names = dict.fromkeys(place[key] for key in ("district", "street", "community", "name"))
    return " ".join(name for name in names if name)


def limit_words(limit: Found | None) -> str:
    """The span and its end."""
    if limit is None:
        return "无"
    ends, begins = datetime.fromisoformat(limit["due"]), datetime.fromisoformat(limit["from"])
    shown = f"{ends:%Y-%m-%d %H:%M}"
    if ends.time() == time():
        shown = f"{ends - ONE_DAY:%Y-%m-%d} 24:00"
    provisional = "（暂定）" if limit["provisional"] else ""
    return f"{limit['value']}{UNITS[limit['unit']]}，如{begins:%Y-%m-%d %H:%M}派单，至{shown}{provisional}"
