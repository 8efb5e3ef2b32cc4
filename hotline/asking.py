"""The lane `now`: the web asks a worker, waits 300 ms at most, and otherwise goes on without an answer.

The web never thinks (spine.md). The question is a ticket's number, or a query sealed with the desk's key: no
words of a citizen lie in Redis. The answer is put under a key of its own and lives ten seconds.
"""

import json
import secrets
import time
from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict, cast

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue

LANE = "now"
JOB = "hotline.background.searching.answer_question"
WAIT = 0.3
"""Seconds; spine.md, “The web never thinks”."""
ANSWER_LIVES = 10
ASKED_FOR = 2
"""Seconds after which a question nobody took is dropped: whoever asked has long gone on."""
FAILED_KEPT = 60
PREFIX = "hotline:answer:"
CONTEXT = b"question"


class SuggestedDepartment(TypedDict):
    """One route: the lead's code ("" = no duty row fits) and matter, why, and the id of the duty row."""

    department: str
    matter: str
    probability: float
    evidence: list[str]
    reason: str
    duty_row: int | None
    direct: bool


class HeardUrgency(TypedDict):
    """The grade (emergency, critical, urgent, normal), the words that spoke for it, the line to transfer to."""

    grade: str
    words: list[str]
    line: str | None


class Suggestions(TypedDict):
    """At most three departments, best first."""

    departments: list[SuggestedDepartment]
    urgency: HeardUrgency


class FoundEntry(TypedDict):
    """A published entry in force: what an agent reads out and cites. `owner` is a name, `source` the basis,
    `excerpt` the fitting sentence, `words` those of the question that found it."""

    id: int
    version: int
    title: str
    answer_short: str
    excerpt: str
    words: list[str]
    source: str
    owner: str
    date: date
    expired: bool


class FoundEntries(TypedDict):
    """Entries, best first."""

    entries: list[FoundEntry]


def suggest(ticket_no: int) -> Suggestions | None:
    """Departments for a draft as it was saved last, or for a ticket; None: 建议暂不可用."""
    return cast(Suggestions | None, ask("departments", str(ticket_no)))


def knowledge(about: int | str) -> FoundEntries | None:
    """Entries for a draft or ticket (its number) or for a query typed by an agent; None: no answer in time."""
    if isinstance(about, int):
        found = ask("entries", str(about))
    else:
        ring = current_app.extensions["hotline-keys"].ring
        found = ask("search", ring.seal(about.encode(), CONTEXT).hex())
    for entry in (found or {}).get("entries", ()):
        entry["date"] = date.fromisoformat(entry["date"])
    return cast(FoundEntries | None, found)


def ask(kind: str, ref: str) -> dict[str, Any] | None:
    """Put one question and wait for its answer; None when none came in time, whatever the cause."""
    until, key = time.monotonic() + WAIT, secrets.token_hex(16)
    try:
        client = _client()
        if client is None:
            return None
        Queue(LANE, connection=client).enqueue_call(
            JOB, (kind, ref, key), ttl=ASKED_FOR, result_ttl=0, failure_ttl=FAILED_KEPT, description=LANE
        )
        answer = client.blpop([PREFIX + key], timeout=max(0.01, until - time.monotonic()))
    except (RedisError, OSError):
        return None
    return json.loads(answer[1]) if answer else None


def opened(sealed: str) -> str:
    """The query again, at the worker's side. Raises `Unreadable`."""
    ring = current_app.extensions["hotline-keys"].ring
    return str(ring.open(bytes.fromhex(sealed), CONTEXT), "utf-8")


def leave_answer(key: str, answer: Mapping[str, Any]) -> None:
    """Put an answer where whoever asked waits for it."""
    client: Redis = current_app.extensions["hotline-redis"]
    with client.pipeline() as pipe:
        pipe.rpush(PREFIX + key, json.dumps(answer, ensure_ascii=False, default=str))
        pipe.expire(PREFIX + key, ANSWER_LIVES)
        pipe.execute()


def _client() -> Redis | None:
    """A client that gives up even sooner than the bell's: a Redis that hangs must not hold up a page."""
    url = current_app.extensions["hotline-config"].redis_url
    if not url:
        return None
    held: Redis | None = current_app.extensions.get("hotline-asking")
    if held is None:
        held = Redis.from_url(
            url, socket_timeout=WAIT + 0.05, socket_connect_timeout=0.15, retry=Retry(NoBackoff(), 0)
        )
        current_app.extensions["hotline-asking"] = held
    return held
