"""Without Redis every door still takes demands, limits are counted in memory, and no page waits for it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from hotline import clock
from hotline.channels.partners import load_demo_partners
from hotline.config import Config
from hotline.database import session, transaction
from hotline.models import Ticket
from hotline.signing import sign
from hotline.web.error_pages import SENTENCES
from tests.background.child_processes import child, free_ports, within
from tests.makers import PLACE, PLAIN, send_demand
from tests.police110.desk_and_police import SECRET, know_police
from tests.police110.written_messages import message
from tests.real_browser import RealBrowser

pytestmark = [pytest.mark.proof, pytest.mark.usefixtures("desk")]
SLOWEST = 1.5
NOBODY_LISTENS = "redis://127.0.0.1:1/0"
PAGES = {
    None: ("/", "/track", "/login", "/livez"),
    "dispatcher1": ("/dispatch", "/dispatch/{}", "/entries?q=停水"),
    "agent1": ("/agent", "/agent/queue"), "zjj_handler": ("/department",), "callback1": ("/callback",),
    "supervisor1": ("/board", "/board/tickets/{}"), "admin": ("/admin/staff", "/admin/dead-letters"),
}  # fmt: skip


@pytest.fixture(scope="module")
def served(app: Flask) -> Iterator[Config]:
    """A real web process, with limits and tokens, that finds no Redis."""
    own = replace(app.extensions["hotline-config"], port=free_ports(), redis_url=NOBODY_LISTENS)
    with child(own, "web"):
        assert within(30, lambda: answers(own))
        yield own


def answers(config: Config) -> bool:
    """Whether the web process is there."""
    try:
        return requests.get(f"{config.base_url}/livez", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.fixture
def browser(served: Config) -> RealBrowser:
    """A visitor of that process."""
    return RealBrowser((served.base_url,))


def sources() -> list[str]:
    """By which doors tickets came."""
    session().rollback()
    return sorted(session().execute(select(Ticket.source)).scalars())


def test_a_web_message_is_taken(browser):
    form = {"content": PLAIN, "place": PLACE, "phone": "13812345678"}
    assert browser.send("/demands", form, "/").headers["Location"] == "/receipt"
    assert browser.get("/receipt").status_code == 200
    assert sources() == ["web"]
    assert max(browser.seconds) < SLOWEST


def test_a_partners_demand_is_taken_once(browser, app):
    with transaction():
        key = load_demo_partners(app.extensions["hotline-config"])["demo-api"]
    headers = {"X-API-Key": key, "Idempotency-Key": "dead-1"}
    sent = [browser.ask("POST", "/api/v1/demands", json={"content": PLAIN}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    assert sources() == ["partner"]
    assert max(browser.seconds) < SLOWEST


def test_an_alarm_of_110_is_taken(browser):
    know_police()
    written, stamp = message("good_push"), str(int(clock.now().timestamp()))
    raw = written["body"].encode()
    signed = {"X-Timestamp": stamp, "X-Signature": sign(SECRET, stamp, "POST", written["path"], raw)}
    taken = browser.ask("POST", written["path"], data=raw, headers=signed)
    assert (taken.status_code, taken.json()["RECEIVE"]) == (200, "1")
    assert sources() == ["police110"]
    assert max(browser.seconds) < SLOWEST


def test_a_call_is_answered_and_becomes_a_ticket(browser, served):
    form = {"CallSid": "CAdead", "From": "+8613812345678", "CallStatus": "in-progress"}
    for step in ("voice", "enqueue"):
        address = f"{served.base_url}/twilio/{step}"
        signature = RequestValidator(served.twilio_token).compute_signature(address, form)
        heard = browser.ask("POST", f"/twilio/{step}", data=form, headers={"X-Twilio-Signature": signature})
        assert heard.status_code == 200
        assert "<Response>" in heard.text
    assert sources() == ["voicemail"]
    assert max(browser.seconds) < SLOWEST


@pytest.mark.parametrize("login", PAGES)
def test_every_desk_opens_its_pages(browser, login):
    no = send_demand()
    if login:
        browser.sign_in(login)
    for path in PAGES[login]:
        assert browser.get(path.format(no)).status_code == 200, path
    assert max(browser.seconds) < SLOWEST, dict(zip(PAGES[login], browser.seconds[-len(PAGES[login]) :], strict=True))


def test_limits_are_counted_in_memory(browser):
    form = {"ticket_no": "2026010199999999", "proof": "13812345678"}
    tries = [browser.send("/track", form, "/track") for _ in range(6)]
    assert [one.status_code for one in tries] == [404] * 5 + [429]
    assert SENTENCES[429] in tries[-1].text
    assert max(browser.seconds) < SLOWEST


def test_health_names_the_dead_part_and_calls_the_process_alive(browser):
    told = browser.get("/healthz")
    assert (told.status_code, json.loads(told.text)["queue"]) == (503, "down")
