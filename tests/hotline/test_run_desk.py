"""The whole desk in the foreground: one signal stops all of it, and even a killed one leaves no process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hotline.config import CHECKOUT
from hotline.machine import socket_folder
from tests.background.child_processes import free_ports

pytestmark = pytest.mark.process

DESK = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from hotline import services
from hotline.config import Config
place, port, pause = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
services.CHECKOUT = place
def tell(word):
    print(json.dumps(word), flush=True)
def prepare(config):
    tell("preparing")
    time.sleep(pause)
services.run_desk(Config(data_folder=place / "data", port=port), prepare, lambda config: tell("ready"))
tell("stopped")
"""
# Stands where the children's program stands: every child has a child, the web listens.
CHILD = '''
import http.server, os, subprocess, sys, time
subprocess.Popen(["/bin/sleep", "300"])
if sys.argv[1] == "web":
    address = ("127.0.0.1", int(os.environ["HOTLINE_PORT"]))
    http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
time.sleep(300)
'''


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the servers' user can reach even when we are root, with the children's program in it."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as name:
        os.chmod(name, 0o755)
        package = Path(name) / "hotline"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "commands.py").write_text(CHILD)
        yield Path(name)
        shutil.rmtree(socket_folder(Path(name) / "data"), ignore_errors=True)  # a killed desk leaves it


@contextmanager
def desk(place: Path, port: int, pause: float = 0) -> Iterator[subprocess.Popen[bytes]]:
    """The desk as a process of its own."""
    argv = [sys.executable, "-c", DESK, str(place), str(port), str(pause)]
    process = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def whole_family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Everyone below the desk once all grandchildren are there, but for the guards, who leave last."""
    deadline = time.monotonic() + 5
    while True:
        family = [one for one in psutil.Process(process.pid).children(recursive=True) if one.name() != "sh"]
        names = [one.name() for one in family]
        if names.count("sleep") == 5 and {"postgres", "valkey-server"} <= set(names):
            return family
        assert time.monotonic() < deadline, names
        time.sleep(0.05)


def hears(process: subprocess.Popen[bytes], word: str) -> bool:
    """Whether this is the next thing it says."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline()) == word


def all_end(everyone: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run after this long."""
    deadline = time.monotonic() + seconds
    while True:
        left = [one for one in everyone if runs(one)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def runs(one: psutil.Process) -> bool:
    """Whether it is there; a zombie isn't, nor is one that ends while we look."""
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_one_signal_stops_every_process(place: Path, number: signal.Signals) -> None:
    with desk(place, free_ports()) as process:
        assert hears(process, "preparing")
        assert hears(process, "ready")
        everyone = whole_family(process)
        process.send_signal(number)
        assert not all_end(everyone, seconds=8)
        if number != signal.SIGKILL:
            assert hears(process, "stopped")
            assert process.wait(5) == 0


def test_a_signal_in_the_middle_of_the_start_stops_it_too(place: Path) -> None:
    with desk(place, free_ports(), pause=60) as process:
        assert hears(process, "preparing")
        everyone = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        assert hears(process, "stopped")
        assert not all_end(everyone, seconds=5)


def test_a_killed_child_is_replaced_while_the_rest_goes_on(place: Path) -> None:
    port = free_ports()
    with desk(place, port) as process:
        assert hears(process, "preparing")
        assert hears(process, "ready")
        family = psutil.Process(process.pid).children()
        web = next(one for one in family if one.cmdline()[-1] == "web")
        web.kill()
        begun = time.monotonic()
        while web.pid in [one.pid for one in psutil.Process(process.pid).children()] or not listens(port):
            assert time.monotonic() - begun < 10
            time.sleep(0.05)
        others = {one.pid for one in family} - {web.pid}
        assert others <= {one.pid for one in psutil.Process(process.pid).children()}


def listens(port: int) -> bool:
    """Whether someone answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_same_desk_twice_is_refused_before_its_port_is_looked_at(place: Path) -> None:
    port = free_ports()
    with desk(place, port) as process:
        assert hears(process, "preparing")
        assert hears(process, "ready")
        with desk(place, port) as second:
            _, errors = second.communicate(timeout=20)
            assert "不能重复启动" in errors.decode().splitlines()[-1]
