"""Real processes of the desk for tests: `hotline NAME` as a child, with addresses of its own."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields

from hotline.config import CHECKOUT, Config


@contextmanager
def child(config: Config, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """One command as a process; ended politely, and killed if that doesn't help."""
    told = {f"HOTLINE_{one.name.upper()}": str(getattr(config, one.name)) for one in fields(config)}
    argv = [sys.executable, "-m", "hotline.commands", *command]
    process = subprocess.Popen(argv, cwd=CHECKOUT, env={**os.environ, **told}, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.wait()


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it becomes true in this time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_ports() -> int:
    """A port whose three neighbours are free as well; below those that the system gives to clients."""
    while True:
        first = secrets.SystemRandom().randrange(20000, 32000)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + 4):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
