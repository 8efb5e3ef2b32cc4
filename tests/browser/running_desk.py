"""`hotline run` as a real process on a fresh data folder, its rules and limits on, and a hand into its tables."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from hotline.app import bare_app
from hotline.config import CHECKOUT, Config
from hotline.demo_city import PASSWORD as PASSWORD
from hotline.machine import socket_folder
from hotline.services import postgres_url, valkey_url
from tests.background.child_processes import free_ports

START_SECONDS = 120.0


@contextmanager
def running_desk(environ: Mapping[str, str] | None = None) -> Iterator[Flask]:
    """The desk at `desk_address(app)`; the application reaches the same tables for makers and questions."""
    with tempfile.TemporaryDirectory(prefix="hotline-browser-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        told = {
            "HOTLINE_DATA_FOLDER": str(data), "HOTLINE_PORT": str(free_ports()), "HOTLINE_DEMO": "1",
            "HOTLINE_DATABASE_URL": "", "HOTLINE_REDIS_URL": "",
        } | dict(environ or {})  # fmt: skip
        with desk_process(told, Path(folder) / "desk.log"):
            sockets = socket_folder(data)
            config = Config.from_environment(
                told | {"HOTLINE_DATABASE_URL": postgres_url(sockets), "HOTLINE_REDIS_URL": valkey_url(sockets)}
            )
            yield bare_app(config)


@contextmanager
def desk_process(told: Mapping[str, str], words: Path) -> Iterator[None]:
    """The process and its children, from the sentence that they are ready until they have stopped."""
    command = [sys.executable, "-m", "hotline.commands", "run"]
    with words.open("wb") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | told, stdout=log, stderr=log)
    try:
        end = time.monotonic() + START_SECONDS
        while "系统已就绪" not in words.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(words.read_text()[-3000:])
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(40)


def desk_address(app: Flask) -> str:
    """Where a browser finds it."""
    config: Config = app.extensions["hotline-config"]
    return config.base_url

