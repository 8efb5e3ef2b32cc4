"""`python -m bench [--tickets N] [--sweeps N]`: what actions and sweeps cost beside floors of the same run."""

import argparse
import itertools
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from bench.fill import fill
from bench.measure import Measured, measure, times
from bench.sweeps import sweeps
from hotline.app import create_app
from hotline.background.drain import drain_lane
from hotline.config import Config
from hotline.database import db, session, transaction
from hotline.demo_city import load_city
from hotline.keys_file import make_secrets
from hotline.machine import held
from hotline.migrating import upgrade
from hotline.models import Invitation, Ticket
from hotline.models.words import Role
from hotline.people.accounts import Person, Post
from hotline.services import Servers
from hotline.tickets import ending, rate
from hotline.tickets.find import by_number, open_page, written_key
from hotline.web.limits import limiter

PLAIN = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
PASSWORD = "bench-password"
BATCH = 50


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--sweeps", type=int, metavar="N", help="the scheduled sweeps where N simulated tickets lie")
    options = parser.parse_args()
    with desk() as (app, url), app.app_context():
        if options.sweeps:
            for swept in sweeps(app, options.sweeps):
                print(swept.line(), flush=True)
            return
        number = create(app)
        drain_lane("desk")
        print(f"正在装入 {options.tickets} 张工单…… · filling")
        fill(number, options.tickets)
        for one in actions(app, url, options.repeat):
            print(one.line(), flush=True)


class Browser(FlaskClient):
    """Each request in a context of its own, so that its session and its sign-in are paid for."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@contextmanager
def desk() -> Iterator[tuple[Flask, str]]:
    """A desk on embedded servers with every safety on."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        place = Path(folder) / "data"

        with held(place):
            servers = Servers(place)
            try:
                url = servers.start_postgres()
                config = Config(database_url=url, redis_url=servers.start_valkey(), data_folder=place)
                make_secrets(config.keys_path)
                app = create_app(config)
                app.config.update(WTF_CSRF_ENABLED=False)
                app.test_client_class = Browser
                limiter.enabled = False
                with app.app_context():
                    upgrade()
                    load_city(PASSWORD)
                yield app, url
            finally:
                servers.stop()


def actions(app: Flask, url: str, repeat: int) -> Iterator[Measured]:
    """Every action with the floor it is held against."""
    connection = psycopg.connect(url)
    reading = times(lambda: connection.execute("SELECT 1").fetchone(), repeat)
    writing = raw_floor(app, connection, repeat)
    browser, unit = signed_in(app, "dispatcher1"), signed_in(app, "zjj_handler")
    yield measure("create a demand over HTTP", lambda: create(app), repeat, writing)
    yield per_ticket(measure(f"create + classify + dispatch, 1 of {BATCH}", dispatcher(app), 3, writing))
    yield measure("list, page 1", opened(unit, "/department?tab=handling"), repeat, reading)
    deep = f"/department?tab=handling&after={deep_key()}"
    yield measure("list, page 1500", opened(unit, deep), repeat, reading)
    page = f"/dispatch/{newest()}"
    yield measure("ticket detail", opened(browser, page), repeat, reading)
    yield measure("review", reviewer(app, repeat + 3), repeat, writing)


def raw_floor(app: Flask, connection: psycopg.Connection[Any], repeat: int) -> float:
    """The very statements of one creation, sent raw by psycopg in one transaction."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    create(app)
    event.remove(db.engine, "before_cursor_execute", note)
    fresh = itertools.count(10**15)

    def again() -> None:
        number = next(fresh)
        with connection.transaction():
            for statement, values in seen:
                connection.execute(statement, renumbered(values, number))  # type: ignore[arg-type]

    return times(again, repeat)


def renumbered(values: Any, number: int) -> Any:
    """The same values under another ticket number and inbox key."""
    if isinstance(values, (list, tuple)):
        return [renumbered(one, number) for one in values]
    changed = dict(values)
    for name in changed:
        if name.startswith(("ticket_no", "master_no")) and changed[name] is not None:
            changed[name] = number
        if name == "key":
            changed[name] = uuid.uuid4().hex
    return changed


def create(app: Flask) -> int:
    """A citizen sends the form."""
    browser = app.test_client()
    form = {"form_key": uuid.uuid4().hex, "content": PLAIN, "place": "望湖区金桂苑", "phone": "13812345678"}
    answer = browser.post("/demands", data=form)
    assert answer.status_code == 303, answer.text
    with browser.session_transaction() as kept:
        return int(kept["receipt"])


def dispatcher(app: Flask) -> Callable[[], object]:
    """A batch of tickets read, classified and dispatched at once; creating them is counted too."""

    def run() -> object:
        for _ in range(BATCH):
            create(app)
        return drain_lane("desk")

    return run


def per_ticket(whole: Measured) -> Measured:
    """The share of one ticket."""
    costs = {name: getattr(whole, name) / BATCH for name in ("wall", "web_cpu", "database_cpu")}
    return replace(whole, **costs)


def opened(browser: Any, address: str) -> Callable[[], object]:
    """Opens a page and wants it whole."""

    def run() -> None:
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return run


def signed_in(app: Flask, username: str) -> Any:
    """A browser of one of the staff."""
    browser = app.test_client()
    assert browser.post("/login", data={"login": username, "password": PASSWORD}).status_code == 303
    return browser


def deep_key() -> str:
    """The list position after 1,499 pages of the department's open tickets."""
    query = select(Ticket).where(Ticket.department_id == 3)
    last = session().execute(
        query.order_by(Ticket.priority, Ticket.deadline, Ticket.ticket_no).offset(1499).limit(1)
    ).scalar_one()  # fmt: skip
    assert open_page(query).older
    return written_key(last.priority, last.deadline.isoformat(), last.ticket_no)


def newest() -> int:
    """The newest ticket's number."""
    return session().execute(select(Ticket.ticket_no).order_by(Ticket.ticket_no.desc()).limit(1)).scalar_one()


def reviewer(app: Flask, many: int) -> Callable[[], object]:
    """Reviews of tickets that were answered beforehand, one a call."""
    unit = (
        session()
        .execute(select(Ticket.department_id).where(Ticket.department_id.is_not(None)).limit(1))
        .scalar_one()
    )
    agent = Person(1, "bench", "bench", (Post(Role.DISPATCHER, unit, ""),))
    tokens = []
    for _ in range(many):
        number = create(app)
        with transaction():
            ending.answer_directly(by_number(number), agent, "请携带身份证到就近窗口办理。", None)
        with transaction():
            invitation = rate.invite(by_number(number))
            assert isinstance(invitation, Invitation)
            tokens.append(invitation.id)
    waiting = iter(tokens)

    def run() -> None:
        with transaction():
            invitation = session().get_one(Invitation, next(waiting))
            rate.give_review(invitation, rate.ReviewForm("5", "solved"), "link")

    return run


if __name__ == "__main__":
    main()
