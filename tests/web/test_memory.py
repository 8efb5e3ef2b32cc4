"""A web process stays small: what it weighs after a thousand mixed requests, and at its heaviest."""

import io
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import psutil
import pytest
import requests
from flask import Flask
from PIL import Image

from tests.background.child_processes import child, free_ports, within
from tests.makers import PLACE, PLAIN, drain, send_demand
from tests.real_browser import RealBrowser

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("desk")]
REQUESTS = 1000
AT_REST, AT_MOST = 150, 200
"""MB; spine.md, "The web never thinks"."""


@pytest.fixture
def served(app: Flask) -> Iterator[tuple[str, int]]:
    """A real web process on compiled libraries, as an installation has them (to compile one in there leaves 13 MB): its
    address and the pid of the command."""
    import_module("xlsxwriter")  # all others are loaded by the tests themselves
    own = replace(app.extensions["hotline-config"], port=free_ports())
    with child(own, "web") as process:
        assert within(30, lambda: lives(own.base_url))
        yield own.base_url, process.pid


def lives(address: str) -> bool:
    """Whether the web process is there."""
    try:
        return requests.get(f"{address}/livez", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def serving(pid: int) -> psutil.Process:
    """The process that serves: granian's own child."""
    return max(psutil.Process(pid).children(recursive=True), key=lambda one: one.memory_info().rss)


def highest(process: psutil.Process) -> float:
    """MB at its heaviest, as Linux kept it."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def photo() -> bytes:
    """A photo of four megabytes, as telephones take them."""
    made = io.BytesIO()
    Image.effect_noise((2400, 2000), 80).save(made, "JPEG", quality=92)
    return made.getvalue()


def visit(address: str) -> None:
    """A thousand requests of a citizen, a dispatcher and a supervisor, uploads and sign-ins among them."""
    tickets = [send_demand(f"第{n}号路灯坏了，请派人来修。") for n in range(60)]
    drain()
    people = [RealBrowser((address,)) for _ in range(3)]
    citizen, clerk, boss = people
    clerk.sign_in("dispatcher1")
    boss.sign_in("supervisor1")
    form = {"content": PLAIN, "place": PLACE, "phone": "13812345678", "repeat_seen": "1"}
    for _ in range(3):
        sent = citizen.send("/demands", form, "/", files={"photos": ("a.jpg", photo())})
        assert sent.status_code == 303
    lists = ("/dispatch", f"/dispatch/{tickets[0]}", "/entries", "/dispatch?tab=replies")
    board = ("/board", "/board/figures", "/board/tickets?figure=open", "/board/export?figure=open&format=xlsx")
    pages = 5 * [(citizen, path) for path in ("/", "/track", "/login", "/receipt", "/static/app.css", "/nowhere")]
    pages += [(clerk, path) for path in lists] + [(boss, path) for path in board]
    for number in range(REQUESTS - sum(len(one.seconds) for one in people)):
        browser, path = pages[number % len(pages)]
        assert browser.get(path).status_code in (200, 404), path


def test_a_web_process_stays_under_150_mb_at_rest_and_200_at_its_peak(served: tuple[str, int]) -> None:
    address, pid = served
    started = serving(pid).memory_info().rss / 2**20
    visit(address)
    process = serving(pid)
    rest, peak = process.memory_info().rss / 2**20, highest(process)
    print(f"web process, MB: {started:.0f} at its start, {rest:.0f} at rest, {peak:.0f} at its peak")
    assert rest <= AT_REST
    assert peak <= AT_MOST
