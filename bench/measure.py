"""Measures one action against a floor of the same run: wall time, CPU of the web and of the database."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Measured:
    """One action: milliseconds of wall time (median) and of CPU in web and database, a time."""

    name: str
    wall: float
    web_cpu: float
    database_cpu: float
    floor: float

    @property
    def ratio(self) -> float:
        """How many floors the action costs."""
        return self.wall / self.floor

    def line(self) -> str:
        """One line of the report."""
        return (
            f"{self.name:34} {self.ratio:7.1f} × floor   web {self.web_cpu:6.2f} CPU-ms   "
            f"database {self.database_cpu:6.2f} CPU-ms   ({self.wall:.2f} ms, floor {self.floor:.3f} ms)"
        )


def times(action: Callable[[], object], repeat: int) -> float:
    """Median milliseconds of an action after a short warm-up."""
    for _ in range(3):
        action()
    taken = []
    for _ in range(repeat):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def measure(name: str, action: Callable[[], object], repeat: int, floor: float) -> Measured:
    """An action's wall time and the CPU it cost this process and PostgreSQL's."""
    before = cpu_of_postgres()
    own = time.process_time()
    wall = times(action, repeat)
    own = time.process_time() - own
    database = cpu_of_postgres() - before
    return Measured(name, wall, own * 1000 / (repeat + 3), database * 1000 / (repeat + 3), floor)


def cpu_of_postgres() -> float:
    """CPU seconds of all PostgreSQL processes of this bench's server."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "postgres" in process.name():
                total += sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            continue
    return total
