"""The live stream tells names only, only those a token lists, and only to the desk's own pages."""

import http.client
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from hotline import bell, clock
from hotline.config import Config
from hotline.keys_file import read_secrets
from hotline.stream_token import make_token
from tests.background.child_processes import child, free_ports, within


@pytest.fixture(scope="module")
def live(config: Config) -> Iterator[Config]:
    """A real `hotline live`, ready."""
    served = replace(config, port=free_ports(), database_url="postgresql://nobody@nowhere/none")
    with child(served, "live"):
        assert within(20, lambda: status(served, token(served, "probe")) == 200)
        yield served


def token(config: Config, *topics: str, age: int = 0) -> str:
    """A token made `age` seconds ago."""
    key = read_secrets(config.keys_path).stream
    return make_token(key, topics, clock.now() - timedelta(seconds=age))


def listen(config: Config, given: str, **headers: str) -> http.client.HTTPResponse:
    """Open the stream as a browser does."""
    line = http.client.HTTPConnection("127.0.0.1", config.port + 1, timeout=10)
    line.request("GET", f"/stream?token={given}", headers=headers)
    return line.getresponse()


def status(config: Config, given: str, **headers: str) -> int:
    """The answer's status; 0 when nobody listens yet."""
    try:
        answer = listen(config, given, **headers)
    except OSError:
        return 0
    answer.close()
    return answer.status


def next_news(answer: http.client.HTTPResponse) -> str:
    """The next event that is no comment."""
    while True:
        line = answer.readline().decode().strip()
        if line.startswith("data: "):
            return line.removeprefix("data: ")


@pytest.mark.queue
def test_a_stream_hears_the_names_its_token_lists_and_no_others(live: Config, app: Flask) -> None:
    answer = listen(live, token(live, "board", "ticket:7"), Origin=live.base_url)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Access-Control-Allow-Origin"] == live.base_url
    assert answer.readline() == b": hello\n"

    bell.tell(app.extensions["hotline-redis"], ["department:3", "ticket:8"])
    bell.tell(app.extensions["hotline-redis"], ["ticket:7", "board", "department:3"])
    assert next_news(answer).split() == ["board", "ticket:7"]
    answer.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda _: "nonsense",
        lambda config: token(config, "board", age=61),
        lambda config: token(config, "board")[:-2] + "AA",
        lambda config: "x" + token(config, "board"),
        lambda _: make_token(b"another key", ["board"], clock.now()),
    ],
)  # fmt: skip
def test_a_forged_or_old_token_is_refused(live: Config, spoil) -> None:
    assert status(live, token(live, "board", age=55)) == 200
    assert status(live, spoil(live)) == 403


def test_a_page_of_another_origin_is_refused(live: Config) -> None:
    good = token(live, "board")
    assert status(live, good, Origin=live.base_url) == 200
    for foreign in ("http://evil.example", f"http://127.0.0.1:{live.port + 5}", "null"):
        answer = listen(live, good, Origin=foreign)
        assert answer.status == 403
        assert answer.headers["Access-Control-Allow-Origin"] is None
        answer.close()


@pytest.mark.queue
def test_five_hundred_streams_hear_together(live: Config, app: Flask) -> None:
    streams = [listen(live, token(live, "board")) for _ in range(500)]
    bell.tell(app.extensions["hotline-redis"], ["board"])
    assert {next_news(one) for one in streams} == {"board"}
    for one in streams:
        one.close()
