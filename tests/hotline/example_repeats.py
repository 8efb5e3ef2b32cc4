"""Example values of alarms, repeats and groups, beside those of the pages they stand on."""

from types import SimpleNamespace as Box
from typing import Any

import tests.hotline.example_screens as ex
from hotline.models.alarm_words import AlarmAnswer
from hotline.models.caller_words import CallerLabel

ALARM: dict[str, Any] = {
    "alarm": Box(words=["燃气味"], line="119", left=ex.ROWS[0].time_left, answers=ex.options(AlarmAnswer)),
    "alarm_url": "/alarm",
}
FOR_CALLER: dict[str, Any] = ex.FOR_CALLER | ALARM | {"may": ex.FOR_CALLER["may"] | {"flag": True}}
PERSON = Box(
    ticket_no=ex.NO, received_at=ex.NOW, name="陈**", phone="138****6621", state=ex.ROWS[0].state, review="满意，解决了"
)
GROUP = Box(
    id=3, label="群诉预警", level="bad", matter_path="环境保护 / 噪声", place="金桂苑小区", callers=5, tickets=6, last_at=ex.NOW
)
DISPATCH: dict[str, Any] = ALARM | {
    "similar": [Box(row=row, reasons=["同一诉求人", "同一事项"], open=True) for row in ex.ROWS[1:3]],
    "followers": [PERSON],
    "group": GROUP,
    "master_no": 2026111900000126,
}
GROUP_PAGES: dict[str, list[dict[str, Any]]] = {
    "dispatch/groups.html": [{"groups": [GROUP], "most": 50}, {"groups": [], "most": 50}],
    "dispatch/group.html": [{"group": GROUP, "people": [PERSON]}],
    "supervisor/flags.html": [
        {
            "flags": [
                Box(id=1, heard_in=ex.NO, reason="反复辱骂", asked_by=by, asked_at=ex.NOW, decided_at=at, until=at)
                for by, at in ((1, None), (2, None), (2, ex.NOW))
            ],
            "own": 1,
        },
        {"flags": [], "own": 1},
    ],
    "public/repeated.html": [
        {
            "form": {"content": "夜里施工"}, "form_key": "k1", "ticket_no": ex.NO, "title": "夜里施工", "day_words": "3月2日",
            "state_words": "办理中", "may_supplement": may, "had_photos": True,
        }
        for may in (True, False)
    ],
}  # fmt: skip
AGENT: dict[str, Any] = {"alarms": ex.ROWS[:1], "caller_labels": ex.options(CallerLabel)}
