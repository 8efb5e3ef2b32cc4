"""Named places where a process may be told to die, armed only by the environment, to prove that
nothing is lost."""

import os
import signal
from pathlib import Path

POINTS = (
    "after-commit-before-bell",
    "after-claim",
    "after-effect-before-done",
    "in-webhook-after-insert",
    "in-job",
)


def crash_point(name: str) -> None:
    """Die here by SIGKILL when HOTLINE_CRASH_AT arms this point: `name:every,name:every`.

    A process dies at every n-th passage, so that work goes on; each hit is written to HOTLINE_CRASH_LOG, and
    with HOTLINE_CRASH_MOST hits a point is over.
    """
    every = _armed().get(name)
    if every is None:
        return
    _passages[name] = _passages.get(name, 0) + 1
    log = Path(os.environ["HOTLINE_CRASH_LOG"])
    hits = log.read_text().split().count(name) if log.exists() else 0
    if _passages[name] % every or hits >= int(os.environ["HOTLINE_CRASH_MOST"]):
        return
    with log.open("a") as file:
        file.write(name + "\n")
    os.kill(os.getpid(), signal.SIGKILL)


def _armed() -> dict[str, int]:
    told = os.environ.get("HOTLINE_CRASH_AT", "")
    pairs = (one.split(":") for one in told.split(",") if one)
    return {name: int(every) for name, every in pairs}


_passages: dict[str, int] = {}
