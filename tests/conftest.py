"""The desk under test: one embedded PostgreSQL and Valkey a run, one application, emptied tables a test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, current_app
from flask.testing import FlaskClient

from hotline.config import Config
from hotline.keys_file import make_secrets

RULE_TABLES = (
    "rule_version", "duty_row", "time_limit", "calendar_day", "place", "city_profile", "department", "staff",
    "membership", "model_version", "alembic_version", "partner", "ladder_rung", "grid_cell",
)  # fmt: skip


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of PostgreSQL and Redis: those given by URL, or embedded ones that live as long as the
    run."""
    given = os.environ.get("HOTLINE_DATABASE_URL"), os.environ.get("HOTLINE_REDIS_URL")
    if all(given):
        yield given  # type: ignore[misc]
        return
    from hotline.services import embedded_servers_for_tests

    with tempfile.TemporaryDirectory(prefix="hotline-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        database, redis, stop = embedded_servers_for_tests(Path(folder))
        try:
            yield database, redis
        finally:
            stop()


@dataclass
class SentMessages:
    """The double of the carrier's message service: keeps what was sent, refuses what it is told to."""

    sent: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def send(self, to: str, template: str, params: dict[str, str], idempotency_key: str) -> Any:
        """Keep one message; the same key again is kept once."""
        from hotline.gateways.messages import Receipt, render

        render(template, params, links=True)
        if all(key != idempotency_key for *_, key in self.sent):
            self.sent.append((to, template, dict(params), idempotency_key))
        return Receipt(f"M{len(self.sent)}")


@pytest.fixture(scope="session")
def config(servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A machine's configuration on a database of this process's own."""
    import psycopg

    name, template, folder = f"desk_{os.getpid()}", "template0", tmp_path_factory.mktemp("desk")
    if "CITY_MADE_BEFORE" in os.environ:  # by an outer run: see tests/planted
        template, kept = os.environ["CITY_MADE_BEFORE"].split(":")
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    with psycopg.connect(servers[0], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    made = Config(
        database_url=with_database(servers[0], name), redis_url=servers[1], data_folder=folder, demo=True,
        twilio_account="AC" + "0" * 32, twilio_token="test-token", twilio_number="+862012345",
    )  # fmt: skip
    make_secrets(made.keys_path)
    return made


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


class Browser(FlaskClient):
    """A browser of its own: each request in a fresh context, so that nobody inherits another one's sign-in."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def app(config: Config) -> Iterator[Flask]:
    """The application with the demo city's rules, people and starter model, made once."""
    from hotline.app import create_app
    from hotline.demo_city import load_city
    from hotline.migrating import upgrade
    from hotline.people import passwords
    from hotline.web.limits import limiter

    made = create_app(config)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made.test_client_class = Browser
    limiter.enabled = False
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a sign-in a story adds up
    with made.app_context():
        upgrade()
        load_city(password="demo-password")
    yield made


@pytest.fixture
def desk(app: Flask) -> Iterator[Flask]:
    """The application inside its context, with empty tables but for the city itself."""
    made = SentMessages()
    app.extensions["hotline-messages"] = made
    with app.app_context():
        empty_tables()
        yield app
        from hotline.database import session

        session().rollback()


@pytest.fixture
def web(desk: Flask) -> Any:
    """A browser without scripts, at the citizen's side, signed in to nothing."""
    return desk.test_client()


@pytest.fixture
def signed_in(desk: Flask) -> Any:
    """Gives a browser in which this member of staff is signed in."""

    def sign_in(username: str) -> Any:
        browser = desk.test_client()
        answer = browser.post("/login", data={"login": username, "password": "demo-password"})
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


def empty_tables() -> None:
    """Remove everything but the city's rules, people and model, quickly."""
    from hotline.database import session
    from hotline.models import Table

    current = session()
    emptied = [name for name in Table.metadata.tables if name not in RULE_TABLES]
    deletes = "; ".join(f'DELETE FROM "{name}"' for name in emptied)
    sent = f"SET session_replication_role = replica; {deletes}; SET session_replication_role = origin"
    current.connection().exec_driver_sql(sent)
    current.commit()
    current.info.clear()
    shelf = current_app.extensions.get("hotline-rules")
    if shelf is not None:
        shelf.checked_at = None  # compared with the tables at its next use, read anew only when they have changed


@pytest.fixture
def messages(desk: Flask) -> SentMessages:
    """What was sent by text message in this test."""
    found: SentMessages = desk.extensions["hotline-messages"]
    return found


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """With CI=true a skip is a failure, real texts excepted."""
    if os.environ.get("CI") != "true":
        return
    skipped = terminalreporter.stats.get("skipped", [])
    unexcused = [one for one in skipped if "HOTLINE_REAL_TEXTS" not in str(one.longrepr)]
    if unexcused:
        terminalreporter.write_line(f"CI: {len(unexcused)} skipped tests count as failures", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn unexcused skips into a red run."""
    if os.environ.get("CI") != "true" or exitstatus != 0:
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if any("HOTLINE_REAL_TEXTS" not in str(one.longrepr) for one in skipped):
        session.exitstatus = 1
