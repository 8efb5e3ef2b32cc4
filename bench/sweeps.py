"""`python -m bench --sweeps N`: what the scheduled sweeps cost where N simulated tickets lie, and what they touch."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from bench.measure import times
from hotline import clock
from hotline.background.schedule import SCHEDULE
from hotline.command_simulate import run
from hotline.database import db, session
from hotline.simulation.plan import CityPlan

DAYS, STORIES = 30, 5
FIRST = date(2026, 3, 2)
QUIET = ("train_at_night", "clean_inbox", "clean_heartbeats")
"""Work that is not about tickets that move, or empties a table by its own index."""
LARGE = 20_000
"""A whole table of so many rows is not read by a sweep that touches only what is due."""


@dataclass(frozen=True)
class Swept:
    """One sweep with nothing left to do: milliseconds, as floors, rows its scans met, large tables read whole."""

    name: str
    wall: float
    floor: float
    rows: int
    whole: tuple[str, ...]

    def line(self) -> str:
        """One line of the report."""
        whole = f"   READS WHOLE: {', '.join(self.whole)}" if self.whole else ""
        return (
            f"{self.name:20} {self.wall / self.floor:8.1f} × floor   {self.rows:9,} rows met   "
            f"({self.wall:.2f} ms, floor {self.floor:.3f} ms){whole}"
        )


def sweeps(app: Flask, tickets: int) -> Iterator[Swept]:
    """Fill the desk by copied stories, and run every sweep twice: what was due is done, then what it costs to look."""
    config = replace(app.extensions["hotline-config"], demo=True)
    plan = CityPlan(1, FIRST, DAYS, max(1, tickets // DAYS // STORIES) * STORIES, STORIES)
    begun = time.perf_counter()
    run(config, plan, bulk=True)
    print(f"{plan.days * plan.per_day} tickets in {time.perf_counter() - begun:.0f} s", flush=True)
    floor = times(lambda: session().execute(text("SELECT 1")), 200)
    with clock.hold(plan.end + timedelta(minutes=1)):
        for work in SCHEDULE:
            if work.name not in QUIET:
                work.run()
                rows, whole = touched(work.run)
                yield Swept(work.name, times(work.run, 5), floor, rows, whole)


def touched(action: Callable[[], None]) -> tuple[int, tuple[str, ...]]:
    """How many rows the scans of an action's statements met, and the large tables among them that were read whole."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    action()
    event.remove(db.engine, "before_cursor_execute", note)
    rows, whole = 0, list[str]()
    for statement, values in sent:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            raw = session().connection().connection.driver_connection
            assert raw is not None
            (told,) = raw.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, values).fetchone()
            for node in nodes((told if isinstance(told, list) else json.loads(told))[0]["Plan"]):
                met = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
                rows += int(met) if "Relation Name" in node else 0
                if node["Node Type"] == "Seq Scan" and met > LARGE:
                    whole.append(node["Relation Name"])
    session().rollback()
    return rows, tuple(whole)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, from the top."""
    yield plan
    for one in plan.get("Plans", ()):
        yield from nodes(one)
