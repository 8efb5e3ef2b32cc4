"""The keeper of processes: the dead come back within two seconds, and nobody outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from hotline.children import Keeper, Program
from hotline.config import CHECKOUT

pytestmark = pytest.mark.process

LONG = ("/bin/sleep", "300")
FAMILY = ("/bin/sh", "-c", "sleep 300 & sleep 300")
STUBBORN = ("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
KEEPER = """
import signal, sys, time
from pathlib import Path
from hotline.children import Keeper, Program
keeper = Keeper(signal.SIGTERM, patience=1)
lines = {"family": "sleep 300 & sleep 300", "stubborn": "trap '' TERM; sleep 300 & wait; sleep 300"}
for name, line in lines.items():
    keeper.start(Program(name, ("/bin/sh", "-c", line), Path("/"), {}))
print("ready", flush=True)
time.sleep(300)
"""


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    """A keeper that is stopped at the end, whatever the test did."""
    one = Keeper(signal.SIGTERM, patience=1)
    yield one
    one.stop()


def program(name: str, argv: tuple[str, ...]) -> Program:
    """A program in no particular place."""
    return Program(name, argv, Path("/"), {})


def tend_until(keeper: Keeper, what: Callable[[], object], seconds: float) -> None:
    """Tend until it is so."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it never came"
        keeper.tend()
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether it runs; a zombie doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_dead_child_is_back_within_two_seconds_and_the_others_are_left_alone(keeper: Keeper) -> None:
    keeper.start(program("one", LONG))
    keeper.start(program("other", LONG))
    before = keeper.pids()
    os.kill(before["one"], signal.SIGKILL)
    tend_until(keeper, lambda: keeper.pids().get("one") not in (None, before["one"]), seconds=2)
    assert keeper.pids()["other"] == before["other"]


def test_a_child_that_keeps_dying_is_started_less_and_less_often(keeper: Keeper, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    keeper.start(program("moth", ("/bin/sh", "-c", f"date >> '{starts}'; exit 3")))
    tend_until(keeper, lambda: keeper.quick_deaths("moth") >= 4, seconds=8)
    assert len(starts.read_text().splitlines()) == 4
    assert keeper.quick_deaths("moth") == 4


def test_stopping_ends_grandchildren_and_those_that_will_not_listen(keeper: Keeper) -> None:
    others = set(psutil.Process().children(recursive=True))
    keeper.start(program("family", FAMILY))
    keeper.start(program("stubborn", STUBBORN))
    everyone: set[psutil.Process] = set()
    end = time.monotonic() + 10
    while len(everyone) < 5 and time.monotonic() < end:
        time.sleep(0.3)
        everyone = set(psutil.Process().children(recursive=True)) - others
    assert len(everyone) >= 5
    begun = time.monotonic()
    keeper.stop()
    assert time.monotonic() - begun < 12
    assert not [one for one in everyone if runs(one.pid)]


def test_what_a_dead_child_left_behind_is_gone_before_it_is_started_again(keeper: Keeper) -> None:
    keeper.start(program("family", FAMILY))
    time.sleep(0.3)
    leader = keeper.pids()["family"]
    left = [one.pid for one in psutil.Process(leader).children()]
    assert left
    os.kill(leader, signal.SIGKILL)
    tend_until(keeper, lambda: keeper.pids().get("family") not in (None, leader), seconds=2)
    assert not any(runs(pid) for pid in left)


def test_nobody_outlives_a_killed_keeper() -> None:
    with subprocess.Popen([sys.executable, "-c", KEEPER], cwd=CHECKOUT, stdout=subprocess.PIPE) as desk:
        assert desk.stdout is not None
        desk.stdout.readline()
        time.sleep(0.3)
        everyone = [one.pid for one in psutil.Process(desk.pid).children(recursive=True)]
        assert len(everyone) >= 5
        desk.kill()
        begun = time.monotonic()
        while any(runs(pid) for pid in everyone):
            assert time.monotonic() - begun < 5, "someone lives on"
            time.sleep(0.05)
