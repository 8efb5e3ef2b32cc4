"""Measures routes and alarms on written cases: how often the lead is right, how many dangers are heard."""

import csv
from collections import Counter
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


def unplaced_cases(texts: Sequence[str], read: Sequence[Sequence[tuple[str, float]]], on: date) -> list[Case]:
    """The texts as cases of that day, without address, each with its matters as a classifier read them."""
    guesses = (tuple(MatterGuess(*one) for one in row) for row in read)
    return [Case(text, "", "help", found, on) for text, found in zip(texts, guesses, strict=True)]


def evaluate_first_day(
    cases: Sequence[Case], leads: Sequence[str], duty_list: DutyList, gazetteer: Gazetteer
) -> dict[str, float]:
    """How a city without any label would do: of the `n` cases the share whose lead is the first unit that the duty
    list names for their guesses (top1), and is one of the first three (top3)."""
    first = among = 0
    for case, lead in zip(cases, leads, strict=True):
        units = [route.lead for route in choose_department(case, duty_list, gazetteer)]
        first += units[:1] == [lead]
        among += lead in units
    return {"n": len(cases), "top1": first / len(cases), "top3": among / len(cases)}


def nowhere_named(leads: Sequence[str], duty_list: DutyList) -> Counter[str]:
    """The labels that no row of the list names as lead or helper, with their cases: nobody could be right on them."""
    named = {unit for row in duty_list.rows for unit in (row.lead, *row.co_units)}
    return Counter(lead for lead in leads if lead not in named)


def evaluate_types(path: Path) -> TypeScore:
    """Scores the reading of request types on a CSV of written cases (type, text)."""
    with path.open(encoding="utf-8", newline="") as lines:
        cases = [(row, request_type_of(row["text"]).kind) for row in csv.DictReader(lines)]
    reports = [kind for row, kind in cases if row["type"] == "report"]
    wrong = [(row["text"], row["type"], kind) for row, kind in cases if row["type"] != kind]
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
