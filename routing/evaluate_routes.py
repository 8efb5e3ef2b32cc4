"""Measures routes and alarms on written cases: how often the lead is right, how many dangers are heard."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from routing.case import Case, MatterGuess
from routing.choose import choose_department
from routing.csv_table import Line, read_table
from routing.dangers import hear
from routing.duty_list import DutyList
from routing.places import Gazetteer
from routing.request_type import request_type_of

ROUTE_COLUMNS = ("text", "place", "matter_code", "at", "lead")


@dataclass(frozen=True)
class WrittenCase:
    """A case whose matter is given, and the department that should lead it."""

    case: Case
    lead: str


@dataclass(frozen=True)
class RouteScore:
    """How many of `total` cases got the right lead, and the wrong ones as (text, wanted, got)."""

    right: int
    total: int
    wrong: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class AlarmScore:
    """Emergencies heard of those told, alarms in all, right lines; the missed and the false by text."""

    told: int
    heard: int
    alarms: int
    right_line: int
    missed: tuple[str, ...]
    false: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Share of the emergencies told that were heard, 1.0 when none was told."""
        return self.heard / self.told if self.told else 1.0

    @property
    def precision(self) -> float:
        """Share of the alarms that were emergencies, 1.0 when there was no alarm."""
        return self.heard / self.alarms if self.alarms else 1.0


@dataclass(frozen=True)
class TypeScore:
    """How many of `total` cases got the right request type, how many of the reports were known as such, and the wrong
    ones as (text, wanted, got)."""

    right: int
    total: int
    reports_heard: int
    reports: int
    wrong: tuple[tuple[str, str, str], ...]


def read_route_cases(path: Path, on: date) -> tuple[WrittenCase, ...]:
    """Cases from a CSV (text, place, matter_code, at, lead), routed as on that day. Raises BadTable."""

    def build(line: Line) -> WrittenCase:
        at = time.fromisoformat(line.text("at")) if line.text("at") else None
        guesses = (MatterGuess(line.needed("matter_code"), 1.0),)
        return WrittenCase(
            Case(line.needed("text"), line.text("place"), "help", guesses, on, at), line.needed("lead")
        )

    return read_table(path, ROUTE_COLUMNS, build)


def evaluate_routes(cases: Sequence[WrittenCase], duty_list: DutyList, gazetteer: Gazetteer) -> RouteScore:
    """Compares the first route of every case with the lead that was wanted."""
    wrong = []
    for written in cases:
        routes = choose_department(written.case, duty_list, gazetteer)
        got = routes[0].lead if routes else ""
        if got != written.lead:
            wrong.append((written.case.text, written.lead, got))
    return RouteScore(len(cases) - len(wrong), len(cases), tuple(wrong))


def evaluate_first_day(
    texts: Sequence[str], leads: Sequence[str], guesses: Sequence[Sequence[MatterGuess]], duty_list: DutyList
) -> dict[str, float]:
    """How a city without any label would do: each text's guesses routed by the duty list alone."""
    on = max((row.valid_from for row in duty_list.rows), default=date.min)
    first = among = 0
    for text, lead, found in zip(texts, leads, guesses, strict=True):
        routes = choose_department(Case(text, "", "help", tuple(found), on), duty_list, Gazetteer(()))
        units = [route.lead for route in routes]
        first += units[:1] == [lead]
        among += lead in units
    return {"n": len(texts), "top1": first / len(texts), "top3": among / len(texts)}


def evaluate_types(path: Path) -> TypeScore:
    """Scores the reading of request types on a CSV of written cases (request_type, text).

    The cases were written before the rules, but by the same hand, and the rules were mended where they failed: this
    guards what is known and says little about new texts.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        cases = [(row, request_type_of(row["text"]).kind) for row in csv.DictReader(lines)]
    reports = [kind for row, kind in cases if row["request_type"] == "report"]
    wrong = [(row["text"], row["request_type"], kind) for row, kind in cases if row["request_type"] != kind]
    return TypeScore(len(cases) - len(wrong), len(cases), reports.count("report"), len(reports), tuple(wrong))


def evaluate_alarms(path: Path) -> AlarmScore:
    """Scores the alarms on a CSV of written cases (line, text); no line where there is no danger."""
    with path.open(encoding="utf-8", newline="") as lines:
        cases = [(row["text"], row["line"], hear(row["text"])) for row in csv.DictReader(lines)]
    heard = [(line, danger) for _, line, danger in cases if line and danger]
    return AlarmScore(
        told=sum(bool(line) for _, line, _ in cases),
        heard=len(heard),
        alarms=sum(danger is not None for _, _, danger in cases),
        right_line=sum(line == danger.line for line, danger in heard),
        missed=tuple(text for text, line, danger in cases if line and not danger),
        false=tuple(text for text, line, danger in cases if danger and not line),
    )
