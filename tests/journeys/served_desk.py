"""The desk on a real port of this machine, beside the demo's 110 platform as its own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from tests.police110.desk_and_police import know_police
from tests.police110.test_counterpart import counterpart, ledger


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The desk's address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def both_platforms(app: Flask, folder: Path) -> Iterator[str]:
    """Desk and 110 knowing each other; 110's address."""
    with served(app) as desk_url, counterpart(folder, desk_url, clock=False) as address:
        know_police(address)
        yield address


def taken(folder: Path, path: str) -> list[dict[str, Any]]:
    """The bodies 110 took on one path, oldest first."""
    if not (folder / "110.jsonl").exists():
        return []
    lines = [line for line in ledger(folder) if (line["direction"], line["path"]) == ("in", path)]
    return [line["body"] for line in lines]
