"""Example values of the grid's pages and of what other pages show of it."""

from types import SimpleNamespace as Box

from hotline.models.grid_words import GridKind, GridResult
from tests.hotline.example_screens import NO, NOW, REPLY, left, options

WAITING = {"left": left("剩 4 小时", "ok", 50), "result": "", "report": "", "done_at": None}
DONE = {"left": None, "result": "情况属实", "report": "夜里仍在施工", "done_at": NOW}
TASK = {"url": "/grid/tasks/1", "kind": "现场核实", "cell": "金桂社区第一网格", "words": "请看夜里是否还在施工"}
SHOWN = {"who": "周明", "at": NOW, "gps": "", "worker": "", "photos": []}
GRID = {
    "number": NO, "title": "夜间施工", "grid_url": "/grid", "back_url": "/dispatch/1", "may_ask": True,
    "near": [("hb-01", "hb-01 金桂社区第一网格（地点在该网格内）")], "kinds": options(GridKind)[:2], "form": {}, "errors": {},
    "tasks": [
        Box(**TASK, **WAITING, **SHOWN),
        Box(**TASK, **DONE, **SHOWN | {"gps": "24.1，118.1", "worker": "程巡安", "photos": REPLY.photos}),
    ],
}  # fmt: skip
NO_GRID = GRID | {"may_ask": False, "near": [], "tasks": []}
REPORT = {"results": options(GridResult), "text_limit": 5000}
WORKER_TASK = {"place": "望湖区湖滨街道金桂苑小区", "content": "夜里施工噪声大。"}
ROWS = {"rows": [Box(**TASK, **WORKER_TASK, **WAITING)], "newer": "/grid", "older": "/grid?after=1"}
NO_ROWS = {"rows": [], "newer": None, "older": None}
LIVE = {"topics": "grid:7", "refresh_url": "/grid"}
PATROL = {**REPORT, "cells": [("hb-01", "金桂社区第一网格")], "form_key": "k"}
FAULTS = {"form": {"words": "看"}, "errors": {"words": "请写明现场情况。", "photos": "只能上传照片。"}}
PAGES = {
    "ticket/_grid.html": [GRID, NO_GRID],
    "ticket/grid.html": [GRID, NO_GRID, GRID | {"form": {"cell": "没有"}, "errors": {"cell": "没有这个网格。", "kind": "请选择。"}}],
    "grid/_rows.html": [ROWS, NO_ROWS],
    "grid/list.html": [ROWS | LIVE, NO_ROWS | LIVE],
    "grid/task.html": [
        {**REPORT, **FAULTS, "report_url": "/1", "unsent": [], "task": Box(**TASK, **WORKER_TASK, **WAITING)},
        {**REPORT, "form": {}, "errors": {}, "report_url": "/1", "unsent": [("现场情况", "又看了一次")],
         "task": Box(**TASK, **WORKER_TASK | {"content": ""}, **DONE)},
    ],
    "grid/patrol.html": [{**PATROL, "form": {}, "errors": {}}, {**PATROL, **FAULTS}],
}  # fmt: skip
