"""Keeps child processes alive while we live, and makes sure that none of them outlives us."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotline.machine import as_user

QUICK_DEATH = 10.0  # seconds; a child that lived longer is restarted without waiting
LONGEST_WAIT = 1.6  # seconds before a restart, however often the child died

# The guard holds the reading end of a pipe. Each line is the whole list of process groups to end; when our
# end closes without an empty last line, we were killed, and the guard ends them for us. This works alike on
# Linux and macOS, and unlike PR_SET_PDEATHSIG for grandchildren and when a thread started the child.
GUARD = """while read -r groups; do last=$groups; done
[ -n "$last" ] || exit 0
kill -s "$1" -- $last
tries=$(( $2 * 5 ))
while [ $tries -gt 0 ]; do
  left=
  for group in $last; do kill -s 0 -- "$group" && left=yes; done
  [ -n "$left" ] || exit 0
  sleep 0.2; tries=$(( tries - 1 ))
done
kill -s KILL -- $last"""


@dataclass(frozen=True)
class Program:
    """What to run: `uid` None = as ourselves; `log` None = write where we write."""

    name: str
    argv: tuple[str, ...]
    folder: Path
    environ: Mapping[str, str]
    uid: int | None = None
    log: Path | None = None


@dataclass
class _Kept:
    """One program with its present process."""

    program: Program
    process: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    restart_at: float | None = None


class Keeper:
    """Starts programs, each in a session of its own, restarts the dead and stops all of them together.

    `stop_signal` is the polite way to end them; `patience` seconds later whatever is left is killed,
    grandchildren included. Call `tend()` a few times a second: a dead child is back within two seconds.
    """

    def __init__(self, stop_signal: signal.Signals, patience: int) -> None:
        self.stop_signal = stop_signal
        self.patience = patience
        self._kept: list[_Kept] = []
        name = stop_signal.name.removeprefix("SIG")
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", name, str(patience)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(self, program: Program) -> None:
        """Start it once and keep it from now on."""
        self._kept.append(_Kept(program, _launch(program)))
        self._tell_guard()

    def tend(self) -> None:
        """Look once at every child; restart those whose waiting time is over."""
        for one in self._kept:
            if one.process.poll() is None:
                continue
            if one.restart_at is None:
                self._bury(one)
            elif time.monotonic() >= one.restart_at:
                one.process = _launch(one.program)
                one.started_at, one.restart_at = time.monotonic(), None
                self._tell_guard()

    def quick_deaths(self, name: str) -> int:
        """How often in a row this program died soon after its start."""
        return next(one.quick_deaths for one in self._kept if one.program.name == name)

    def pids(self) -> dict[str, int]:
        """The process id of every living program by name."""
        return {one.program.name: one.process.pid for one in self._kept if one.process.poll() is None}

    def stop(self) -> None:
        """End every child and what it started; returns when nothing is left. Safe to call twice."""
        deadline = time.monotonic() + self.patience
        for one in self._kept:
            _signal_group(one.process.pid, self.stop_signal)
        for one in self._kept:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(one.process.pid, signal.SIGKILL)
            one.process.wait()
        self._kept.clear()
        self._dismiss_guard()

    def _bury(self, one: _Kept) -> None:
        """Kill what the dead child left behind and choose when to start it again."""
        _signal_group(one.process.pid, signal.SIGKILL)
        quick = time.monotonic() - one.started_at < QUICK_DEATH
        one.quick_deaths = one.quick_deaths + 1 if quick else 0
        one.restart_at = time.monotonic() + min(LONGEST_WAIT, 0.1 * 2**one.quick_deaths)
        name, code = one.program.name, one.process.returncode
        print(f"{name} 已退出（{code}），正在重启。 · {name} ended, restarting.", flush=True)

    def _tell_guard(self) -> None:
        groups = " ".join(f"-{one.process.pid}" for one in self._kept)
        if self._guard.stdin and self._guard.poll() is None:
            self._guard.stdin.write(f"{groups}\n".encode())
            self._guard.stdin.flush()

    def _dismiss_guard(self) -> None:
        if self._guard.stdin and not self._guard.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._tell_guard()
                self._guard.stdin.close()
        self._guard.wait()


def _launch(program: Program) -> subprocess.Popen[bytes]:
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(program.log.open("ab")) if program.log else None
        return subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env=dict(program.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            **as_user(program.uid),
        )


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
