"""Nothing lost, nothing double: 300 demands while processes die at every named place and at random."""

import random
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.crash_points import POINTS
from tests.kill.killed_desk import KilledDesk, keys

pytestmark = pytest.mark.kill
HITS = 10
DEMANDS = 250
AT_RANDOM = 50
ARMED = dict.fromkeys(POINTS, 1) | {"after-commit-before-bell": 9, "in-webhook-after-insert": 2}
"""A process dies at every n-th passage: at every one of these two would let nothing through."""
KINDS = ("web", "work", "valkey", "postgres")


@pytest.fixture(scope="module")
def desk() -> Iterator[KilledDesk]:
    """One data folder for the whole story."""
    with tempfile.TemporaryDirectory(prefix="hotline-kill-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield KilledDesk(Path(folder) / "data")


@pytest.fixture(scope="module")
def story(desk, request) -> dict[str, int]:
    """Every crash point until it was hit often enough, then kills at random; the table of hits."""
    sent: list[str] = []
    with desk.running(ARMED, HITS):
        sent += crash_until_hit(desk)
    table = {point: desk.hits(point) for point in POINTS}
    with desk.running({}):
        killed = kill_at_random(desk, sent)
        desk.settle()
        table |= killed
        request.config.kill_answers = answers(desk)
    table["demands"] = len(sent)
    table["tickets answered"] = len(set(sent))
    return table


def crash_until_hit(desk: KilledDesk) -> list[str]:
    """Send demands and calls until every point was hit often enough."""
    numbers = desk.send(keys(DEMANDS))
    end = time.monotonic() + 300
    while any(desk.hits(point) < HITS for point in POINTS) and time.monotonic() < end:
        if desk.hits("in-webhook-after-insert") < HITS:
            desk.call_in([f"CA{uuid.uuid4().hex}"])
        if desk.idle():
            numbers += desk.send(keys(2))
        time.sleep(0.2)
    return numbers


def kill_at_random(desk: KilledDesk, sent: list[str]) -> dict[str, int]:
    """Send the rest while web, worker, Valkey and PostgreSQL are killed in turn."""
    counted = dict.fromkeys((f"SIGKILL {kind}" for kind in KINDS), 0)
    sender = threading.Thread(target=lambda: sent.extend(desk.send(keys(AT_RANDOM))))
    sender.start()
    order = [*KINDS, *KINDS, *random.Random(12345).choices(KINDS, k=4)]
    for kind in order:
        time.sleep(random.Random(len(sent)).uniform(0.3, 1.2))
        counted[f"SIGKILL {kind}"] += desk.kill_somebody(kind)
        desk.wait_for_web()
    sender.join()
    return counted


def answers(desk: KilledDesk) -> dict[str, object]:
    """What the database says when all is quiet."""
    one = lambda sql: desk.ask(sql)[0][0]  # noqa: E731 - a word for a question
    partner = "FROM ticket WHERE source = 'partner'"
    return {
        "tickets": one(f"SELECT count(*) {partner}"),
        "without department": one(f"SELECT count(*) {partner} AND department_id IS NULL"),
        "steps that are not once": one(
            "SELECT count(*) FROM (SELECT ticket_no FROM journal_entry WHERE step IN "
            "('receive', 'classify', 'dispatch') GROUP BY ticket_no, step HAVING count(*) > 1) AS doubled"
        ),
        "messages that are not one": one(
            f"SELECT count(*) FROM (SELECT ticket_no {partner}) AS t LEFT JOIN LATERAL (SELECT count(*) AS n FROM "
            "message m WHERE m.ticket_no = t.ticket_no AND template = 'ticket_received') AS c ON true WHERE c.n <> 1"
        ),
        "messages not sent": one(
            "SELECT count(*) FROM message WHERE state NOT IN ('sent', 'delivered') AND template <> 'missed_call'"
        ),
        "numbers": {str(row[0]) for row in desk.ask(f"SELECT ticket_no {partner}")},
        "dead rows": one("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL"),
        "calls": one("SELECT count(*) = count(DISTINCT call_id) FROM call"),
    }


def test_every_crash_point_was_hit_often_enough(story, capsys):
    with capsys.disabled():
        print("\n" + "\n".join(f"  {name:28} {count:4}" for name, count in story.items()))
    assert all(story[point] >= HITS for point in POINTS)
    assert all(story[f"SIGKILL {kind}"] >= 1 for kind in KINDS)


def test_every_demand_became_exactly_one_ticket_and_reached_its_department(story, request):
    found = request.config.kill_answers
    assert story["demands"] >= DEMANDS + AT_RANDOM == 300
    assert found["tickets"] == story["demands"] == story["tickets answered"] == len(found["numbers"])
    assert found["without department"] == 0
    assert found["steps that are not once"] == 0
    assert found["calls"] is True


def test_every_message_was_delivered_and_applied_once(story, request):
    found = request.config.kill_answers
    assert found["messages that are not one"] == 0
    assert found["messages not sent"] == 0
    assert found["dead rows"] == 0
