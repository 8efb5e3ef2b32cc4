"""Codes of a journal row in words: of a change what is wanted, what was and what is; of a review its grade."""

from collections.abc import Mapping
from typing import Any

from classifier.matters import load_matters
from hotline.models.words import Grade, RequestType, Solved, UrgencyGrade

WORDS = {"request_type": "诉求类型", "matter_code": "事项", "urgency": "紧急程度"}


def wanted_words(wanted: Mapping[str, str]) -> str:
    """诉求类型改为投诉，紧急程度改为紧急."""
    return "，".join(f"{WORDS[name]}改为{code_words(name, code)}" for name, code in wanted.items())


def change_words(data: Mapping[str, Any]) -> list[str]:
    """What a journal row says of old and new: 诉求类型由咨询改为投诉."""
    changed: Mapping[str, list[str]] = data.get("changed") or {}
    return [
        f"{WORDS[name]}由{code_words(name, old)}改为{code_words(name, new)}" for name, (old, new) in changed.items()
    ]


def review_words(data: Mapping[str, Any]) -> list[str]:
    """What a journal row says of a review: 满意、解决了."""
    return [f"{Grade(data['grade']).label}、{Solved(data['solved']).label}"] if {"grade", "solved"} <= set(data) else []


def code_words(name: str, code: str) -> str:
    """The Chinese of a type, matter or urgency."""
    if name == "matter_code":
        found = load_matters().get(code)
        return found.name if found else "未定"
    return RequestType(code).label if name == "request_type" else UrgencyGrade(code).label
