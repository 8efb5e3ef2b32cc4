"""What a test of the telephone does: callers ring, agents sit down, answer and hang up, and time passes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from hotline import clock
from hotline.app import create_app
from hotline.background.drain import drain_lane
from hotline.database import db, session, transaction
from hotline.gateways import desk_phone
from hotline.models import Call, Seat, Ticket
from hotline.people.accounts import Person
from hotline.telephone import seats
from tests.makers import person

RING_SECONDS = 900
"""Long enough that a phone still rings when a loaded machine gets round to answering it."""
CALLER = "+8613900000001"
UNHURRIED = pytest.mark.parametrize("stage", [{"pace": 0.1}], indirect=True, ids=["unhurried"])
"""For callers who must have time to speak after the beep."""


@contextmanager
def pumping(app: Flask) -> Iterator[None]:
    """A worker of the lanes the telephone needs."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.03):
            with app.app_context():
                for lane in ("phone", "outside", "desk"):
                    drain_lane(lane)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait for something that happens elsewhere; its value."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.03)
    return value


class DeskStage:
    """The desk, its pretend carrier, and the people at both ends."""

    def __init__(self, app: Flask, base: str, twilio: str) -> None:
        self.app, self.base, self.twilio = app, base, twilio

    def sit(self, username: str, state: str = "ready") -> Person:
        """An agent opens the console and chooses a state."""
        agent = person(username)
        with transaction():
            seats.beat(agent)
            seats.set_state(agent, state)
        return agent

    def ring(self, number: str = CALLER) -> str:
        return requests.post(f"{self.twilio}/caller/calls", json={"from": number}, timeout=5).json()["call"]

    def do(self, call: str, verb: str, **body: str) -> None:
        requests.post(f"{self.twilio}/caller/calls/{call}/{verb}", json=body, timeout=5).raise_for_status()

    def line(self, call: str) -> dict[str, Any]:
        return requests.get(f"{self.twilio}/caller/calls/{call}", timeout=5).json()

    def heard(self, call: str) -> str:
        return "\n".join(line["text"] for line in self.line(call)["lines"] if line["kind"] != "own")

    def until_line(self, call: str, state: str) -> None:
        until(lambda: self.line(call)["state"] == state)

    def until_call(self, call: str, state: str) -> Call:
        return until(lambda: (found := self.call(call)) and found.state == state and found)

    def until_seat(self, agent: Person, state: str) -> Seat:
        return until(lambda: (found := self.seat(agent)).state == state and found)

    def call(self, call: str) -> Call | None:
        with transaction():
            return session().get(Call, call, populate_existing=True)

    def seat(self, agent: Person) -> Seat:
        with transaction():
            return session().get_one(Seat, agent.id, populate_existing=True)

    def ticket(self, call: str) -> Ticket:
        query = select(Ticket).join(Call, Call.ticket_no == Ticket.ticket_no).where(Call.call_id == call)
        with transaction():
            return session().execute(query.execution_options(populate_existing=True)).scalar_one()

    def pick_up(self, agent: Person) -> str:
        """The agent answers the phone that rings; the caller's call."""
        seat = self.until_seat(agent, "ringing")
        with transaction():
            address = seats.ringing_phone(agent, seat.call_id)
        desk_phone.pick_up(self.twilio, address)
        self.until_seat(agent, "talking")
        self.until_line(seat.call_id, "talking")
        return seat.call_id

    def phones(self, address: str) -> list[dict[str, Any]]:
        return requests.get(f"{self.twilio}/caller/calls", params={"to": address}, timeout=5).json()["calls"]

    def later(self, agent: Person, seconds: int) -> None:
        """Time passes for one seat, whose console stays open."""
        back = timedelta(seconds=seconds)
        with transaction():
            session().execute(update(Seat).where(Seat.staff_id == agent.id).values(
                since=Seat.since - back, wrap_up_until=Seat.wrap_up_until - back))  # fmt: skip
        self.sweep()

    def sweep(self) -> None:
        with transaction():
            seats.expire(clock.now())

    def post(self, step: str, values: dict[str, str], **headers: str | None) -> requests.Response:
        """A webhook with a good signature, unless `headers` says otherwise."""
        sent = {"X-Twilio-Signature": self.sign(step, values), **headers}
        return requests.post(f"{self.base}/twilio/{step}", data=values, headers=sent, timeout=10)

    def sign(self, step: str, values: dict[str, str], token: str = "test-token") -> str:
        return RequestValidator(token).compute_signature(f"{self.base}/twilio/{step}", values)

    def post_to_another(self, changes: dict[str, str], step: str, values: dict[str, str]) -> TestResponse:
        """The same webhook at a desk that is set up differently."""
        app = create_app(replace(self.app.extensions["hotline-config"], **changes))
        signed = {"X-Twilio-Signature": self.sign(step, values)}
        answer = app.test_client().post(f"/twilio/{step}", data=values, headers=signed)
        with app.app_context():
            db.engine.dispose()
        return answer
