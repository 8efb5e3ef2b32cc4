"""Named places where a process may be told to die, armed only by the environment, to prove that nothing is
lost."""

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
    """Die here by SIGKILL when HOTLINE_CRASH_AT names this point; the hit is counted in HOTLINE_CRASH_LOG.

    HOTLINE_CRASH_EVERY=n dies only at every n-th passage of this process, so that work goes on.
    """
    if os.environ.get("HOTLINE_CRASH_AT") != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] % int(os.environ.get("HOTLINE_CRASH_EVERY", "1")):
        return
    log = os.environ.get("HOTLINE_CRASH_LOG")
    if log:
        with Path(log).open("a") as file:
            file.write(name + "\n")
    os.kill(os.getpid(), signal.SIGKILL)


_passages: dict[str, int] = {}
