"""The acts of a random walk: where each kind of verb is entered, and what they are varied by."""

from collections.abc import Callable
from typing import Any

from hotline.models import Ticket
from hotline.people.accounts import Person
from hotline.tickets.find import ticket_for
from hotline.tickets.rulebook import rules

WORDS = "这里写明了理由和经过"
TEXTS = (
    "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。",
    "我们公司拖欠三十多名农民工三个月工资，老板电话打不通，要求支付。",
    "请问办理异地就医报销需要带哪些材料，在哪里办？",
    "举报金桂苑小区物业公司的经理收受回扣。",
    "楼道里着火了，浓烟很大，有人被困，请快来。",
    "望湖路路口井盖缺失，晚上很危险，请尽快处理。",
    "这里的情况一直没有人来看过。",
    "表扬社区医院的医生，态度很好。",
)
UNITS = ("zjj", "cgj", "rsj", "whq", "whq-cg")
Act = Callable[[int, Person, int], object]
Verb = Callable[[Ticket, Person, int], object]
ACTS: dict[str, Act] = {}


def act(verb: Act) -> Act:
    """Something that can happen to a ticket."""
    ACTS[verb.__name__] = verb
    return verb


def nth(several: Any, n: int) -> Any:
    """One of them, round and round."""
    return tuple(several)[n % len(tuple(several))]


def unit(n: int) -> int:
    """A department with people."""
    return rules().departments[nth(UNITS, n)]


def staff_act(verb: Verb) -> Verb:
    """An act on a ticket this person may see, as every desk begins."""
    ACTS[verb.__name__] = lambda no, who, n: verb(ticket_for(who, no), who, n)
    return verb
