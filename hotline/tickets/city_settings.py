"""Every setting with where its value comes from, and the change of one the city decides."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.config import Config
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Setting, Staff
from hotline.people.accounts import Person
from hotline.tickets.phone_number import read_phone
from hotline.tickets.rulebook import DEFAULTS, forget, rules
from routing.time_limits import CountingRules

PREFIX = "HOTLINE_"
HIDDEN = ("twilio_token", "twilio_account", "database_url", "redis_url")
"""May hold passwords: only whether they are set is shown."""
LONGEST = 500
LARGEST = 1_000_000
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
YES_NO: Mapping[str, bool] = {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False}
OWN = re.compile(r"\.md|^默认|^ux ")
"""Sources of a default that are no law and no standard."""
MIN_REASON = 2


@dataclass(frozen=True)
class SettingLine:
    """One setting as it stands; `who` and `since` for what a person decided."""

    key: str
    words: str
    value: str
    default: str
    source_label: str
    since: date | None = None
    who: str = ""


def machine_lines(config: Config, environ: Mapping[str, str] = os.environ) -> Sequence[SettingLine]:
    """The HOTLINE_* variables of this machine, secrets hidden."""
    plain = Config()
    return [
        SettingLine(
            PREFIX + one.name.upper(), one.metadata["meaning"], _machine_value(one.name, getattr(config, one.name)),
            _machine_value(one.name, getattr(plain, one.name)),
            "环境变量" if PREFIX + one.name.upper() in environ else "默认",
        )
        for one in fields(Config)
    ]  # fmt: skip


def default_words(source: str) -> str:
    """A default with the law or standard behind it; the design's own chapters tell a city nothing."""
    return "默认" if OWN.search(source) else f"默认（{source}）"


def city_lines() -> Sequence[SettingLine]:
    """What the city decided, each with its default and the default's source."""
    query = select(Setting, Staff.name).outerjoin(Staff, Staff.id == Setting.who)
    in_force = query.where(Setting.valid_from <= clock.now()).order_by(Setting.id)
    rows = {row.key: (row, name) for row, name in session().execute(in_force)}
    lines = []
    for key, default in DEFAULTS.items():
        row, name = rows.get(key, (None, None))
        value = row.value["value"] if row else default.value
        source = f"本市设置：{row.why}" if row else default_words(default.source)
        since = clock.city_day(row.valid_from) if row else None
        lines.append(
            SettingLine(
                key, default.meaning, written(value), written(default.value), source, since, name or ""
            )
        )
    return lines


def change_setting(key: str, text: str, why: str, by: Person | None) -> None:
    """A new row from now on; the old one stays as history. Raises `BadInput` by field.

    `by` is None when the machine's owner decides on the command line, where nobody is signed in.
    """
    if key not in DEFAULTS:
        raise BadInput(key="没有这个设置。")
    if len(why.strip()) < MIN_REASON:
        raise BadInput(why="请写明修改的原因。")
    value = read_value(key, text.strip())
    row = Setting(key=key, value={"value": value}, valid_from=clock.now(), who=by.id if by else None, why=why.strip())
    session().add(row)
    session().flush()
    forget()


def read_value(key: str, text: str) -> Any:
    """The value in the type of the default. Raises `BadInput` on `value`."""
    kind = type(DEFAULTS[key].value)
    read, sentence = READERS[kind]
    try:
        value = read(text)
        if isinstance(value, str):
            _check_form(key, value)
        elif value > MOST.get(key, LARGEST):
            raise ValueError
        return value
    except (ValueError, KeyError):
        raise BadInput(value=FORMS.get(key, sentence)) from None


def written(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        raise ValueError
    return int(text)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _words(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError
    return text


READERS: Mapping[type, tuple[Callable[[str], Any], str]] = {
    bool: (lambda text: YES_NO[text.lower()], "请填写“是”或“否”。"),
    int: (_whole, f"请填写整数，0至{LARGEST}。"),
    float: (_share, "请填写0至1之间的小数，如0.9。"),
    str: (_words, f"请填写文字，最多{LONGEST}字。"),
}

MOST: Mapping[str, int] = {
    "duty_day_hours": 24, "yellow_percent": 100, "yellow_working_days": 30, "exempted_percent": 100,
}  # fmt: skip
"""Whole numbers with a bound of their own."""

ONE_OF = {"ladder_mode": ("off", "list", "act"), "at_sign_limit": ("sign", "alarm")}
"""The words of which one must be chosen."""
FORMS: Mapping[str, str] = {
    **{key: f"请填写整数，0至{most}。" for key, most in MOST.items()},
    **{key: f"请填写{'、'.join(words)}中的一个。" for key, words in ONE_OF.items()},
    "service_hours": "请写作“08:00-20:00”或“00:00-24:00”。",
    "count_from": "请填写next_working_day（次一工作日起）或same_day（当日起）。",
    "duty_officer": "请填写值班单位代码或电话号码；留空为不通知。",
    "end_of_day": "请写作“18:00”或“24:00”。",
    "fallback_department": "请填写承办单位的代码。",
}
"""What the words with a form of their own must look like."""


def _check_form(key: str, value: str) -> None:
    """Raise for words that would stop the desk's reckoning, or reach nobody."""
    if not value and DEFAULTS[key].value:
        raise ValueError
    if key == "duty_officer" and value not in rules().departments:
        _check_phone(value)
    if key == "service_hours" and not HOURS.fullmatch(value):
        raise ValueError
    if key in ONE_OF and value not in ONE_OF[key]:
        raise ValueError
    if key in ("count_from", "end_of_day"):
        CountingRules(**{key: value})
    if key == "fallback_department" and value not in rules().departments:
        raise ValueError


def _check_phone(value: str) -> None:
    try:
        read_phone(value)
    except BadInput as problem:
        raise ValueError from problem


def _machine_value(name: str, value: Any) -> str:
    if name in HIDDEN:
        return "已设置（不显示）" if value else "未设置"
    return written(value) if value != "" else "（空）"
