"""Two hosts are one desk: sessions and photos go from one to the other, and the death of one half loses nothing."""

import io
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
import requests
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from hotline.channels.partners import load_demo_partners
from hotline.config import Config
from hotline.database import session, transaction
from hotline.models import Assignment, Attachment, Clock, JournalEntry, Message, OutboxRow, Ticket
from hotline.models.words import ClockKind, State, Step
from tests.background.child_processes import child, free_ports, within
from tests.conftest import empty_tables
from tests.makers import PLACE, PLAIN
from tests.real_browser import RealBrowser

pytestmark = pytest.mark.two_hosts
DEMANDS, BEFORE_THE_KILL = 60, 25
CLAIMED = 15
"""Seconds for which a worker claims its rows; so long the others wait for a dead one's."""
RECLAIMED = 90.0
"""Seconds until other workers have done those as well."""


@dataclass(frozen=True)
class Hosts:
    """Two webs, two workers and a scheduler; each half could stand in another building."""

    addresses: tuple[str, ...]
    webs: tuple[subprocess.Popen[bytes], ...]
    workers: tuple[subprocess.Popen[bytes], ...]
    key: str

    def insist(self, number: int) -> str:
        """One demand, to one host after the other until one answers; the ticket number."""
        headers = {"X-API-Key": self.key, "Idempotency-Key": f"two-hosts-{number}"}
        body = {"content": f"{PLAIN}（第{number}次）", "place": PLACE, "phone": "13812345678"}
        taken: list[str] = []

        def sent() -> bool:
            for address in (self.addresses * 2)[number % 2 :][:2]:
                try:
                    answer = requests.post(f"{address}/api/v1/demands", json=body, headers=headers, timeout=5)
                except requests.RequestException:
                    continue
                if answer.status_code == 201:
                    taken.append(answer.json()["ticket_no"])
                    break
            return bool(taken)

        assert within(60, sent), f"nobody took demand {number}"
        return taken[0]


@pytest.fixture(scope="module")
def hosts(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Each host has a disk and an address of its own; they share servers, keys and the place of files."""
    config: Config = app.extensions["hotline-config"]
    own = replace(config, port=free_ports(), keys_file=str(config.keys_path), storage_url=config.storage_place,
                  twilio_account="", twilio_token="", demo=False, claim_seconds=CLAIMED)  # fmt: skip
    halves = [replace(own, host=f"127.0.0.{n}", data_folder=tmp_path_factory.mktemp(f"host{n}")) for n in (1, 2)]
    with app.app_context(), ExitStack() as stack:
        empty_tables()
        with transaction():
            key = load_demo_partners(config)["demo-api"]
        app.extensions["hotline-redis"].flushdb()
        webs = tuple(stack.enter_context(child(one, "web")) for one in halves)
        workers = tuple(stack.enter_context(child(one, "work")) for one in halves)
        stack.enter_context(child(halves[0], "cron"))
        made = Hosts(tuple(f"http://{one.host}:{one.port}" for one in halves), webs, workers, key)
        assert within(60, lambda: healthy(made.addresses))
        yield made


def healthy(addresses: tuple[str, ...]) -> bool:
    """Whether every host says that the whole desk lives."""
    try:
        return all(requests.get(f"{one}/healthz", timeout=3).status_code == 200 for one in addresses)
    except requests.RequestException:
        return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """The host loses power: the process and its children end at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def counted(query) -> int:
    """What the tables say now."""
    session().rollback()
    return session().execute(query).scalar_one()


def test_a_visitor_goes_from_host_to_host_and_notices_nothing(hosts: Hosts) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(photo, "JPEG")
    citizen, clerk = RealBrowser(hosts.addresses), RealBrowser(hosts.addresses)
    form = {"content": PLAIN, "place": PLACE, "phone": "13812345678"}
    sent = citizen.send("/demands", form, "/", host=1, files={"photos": ("a.jpg", photo.getvalue())})
    assert sent.status_code == 303
    assert citizen.get("/receipt", host=0).status_code == 200
    clean = select(func.count()).select_from(Attachment).where(Attachment.clean_key != "")
    assert within(30, lambda: counted(clean) == 1)
    row = session().execute(select(Attachment)).scalar_one()
    clerk.sign_in("dispatcher1")
    for host in (0, 1):
        shown = clerk.get(f"/tickets/{row.ticket_no}/files/{row.id}", host=host)
        assert Image.open(io.BytesIO(shown.content)).size == (40, 30)
        assert clerk.get("/dispatch", host=host).status_code == 200
    assert clerk.send("/logout", {}, "/dispatch", host=1).status_code == 303


def test_sixty_demands_are_sixty_tickets_though_a_web_and_a_worker_are_killed(hosts: Hosts) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(hosts.insist, number) for number in range(DEMANDS)]
        assert within(60, lambda: sum(one.done() for one in sent) >= BEFORE_THE_KILL)
        kill(hosts.webs[1])
        kill(hosts.workers[1])
        assert not all(one.done() for one in sent)
        numbers = {int(one.result()) for one in sent}
    assert len(numbers) == DEMANDS
    ours = Ticket.ticket_no.in_(numbers)
    arrived = select(func.count()).select_from(Ticket).where(ours, Ticket.state == State.TO_SIGN)
    assert within(RECLAIMED, lambda: counted(arrived) == DEMANDS), counted(arrived)
    assert counted(select(func.count()).select_from(Ticket).where(Ticket.source == "partner")) == DEMANDS
    told = select(func.count()).where(Message.template == "ticket_received", Message.ticket_no.in_(numbers))
    assert within(RECLAIMED, lambda: counted(told.where(Message.state != "waiting")) == DEMANDS)
    assert counted(told) == DEMANDS
    assert counted(select(func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_not(None))) == 0


@pytest.mark.usefixtures("hosts")
def test_every_step_was_taken_and_every_limit_started_once() -> None:
    for step in (Step.RECEIVE, Step.CLASSIFY, Step.DISPATCH):
        once = select(func.count(), func.count(JournalEntry.ticket_no.distinct())).where(JournalEntry.step == step)
        taken, tickets = session().execute(once).one()
        assert (taken, tickets) == (DEMANDS + 1, DEMANDS + 1), step
    led = select(func.count()).select_from(Clock).join(Assignment, Assignment.id == Clock.assignment_id)
    assert counted(led.where(Assignment.is_lead, Clock.kind == ClockKind.SIGN)) == DEMANDS + 1
