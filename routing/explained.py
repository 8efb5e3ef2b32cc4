"""Everything the machine reads of one text, together: for the command line and whoever wants to understand a route."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from routing.case import Case, MatterGuess, Route
from routing.choose import choose_department, find_place
from routing.duty_list import DutyList
from routing.empty_text import says_nothing
from routing.places import Gazetteer
from routing.police_boundary import whose_matter
from routing.request_type import request_type_of
from routing.sensitive import sensitive_in
from routing.several_demands import Demanded, ReadPart, several_demands
from routing.time_limits import CountingRules, LimitTable, due_at, read_limits
from routing.urgency import urgency_of
from routing.working_calendar import CITY_TIME, WorkingCalendar, read_calendar

MORNING = time(9)


@dataclass(frozen=True)
class City:
    """What a city decides about routes and limits."""

    duty_list: DutyList
    gazetteer: Gazetteer
    limits: LimitTable
    calendar: WorkingCalendar


@dataclass(frozen=True)
class Thought:
    """What the classifier made of a text: its matters, its parts, and past cases like it."""

    guesses: tuple[MatterGuess, ...]
    parts: tuple[ReadPart, ...] = ()
    similar: Sequence[Mapping[str, object]] = ()


def with_limits(folder: Path, duty_list: DutyList, gazetteer: Gazetteer) -> City:
    """The city of a folder, with its limits and calendar. Raises BadTable."""
    limits, days = read_limits(folder / "limits.csv"), read_calendar(folder / "calendar.csv")
    return City(duty_list, gazetteer, LimitTable(limits), WorkingCalendar(days))


def explained(case: Case, thought: Thought, city: City) -> dict[str, Any]:
    """All that is read of one text. The keys are a stable interface, described in docs/classifier.md."""
    kind, urgency, verdict = request_type_of(case.text), urgency_of(case.text), whose_matter(case.text)
    place = find_place(case, city.gazetteer)
    empty = says_nothing(case.text)
    routes = () if empty else choose_department(case, city.duty_list, city.gazetteer)
    parts = several_demands(case, thought.parts, city.duty_list, city.gazetteer)
    name = city.duty_list.name
    return {
        "text": case.text,
        "says_nothing": empty,
        "guesses": [] if empty else [matter_words(guess, name(guess.matter_code)) for guess in thought.guesses[:3]],
        "similar": [] if empty else list(thought.similar),
        "routes": [route_words(route, city.duty_list) for route in routes],
        "parts": [part_words(part, city.duty_list) for part in parts],
        "request_type": asdict(kind),
        "urgency": asdict(urgency),
        "boundary": asdict(verdict),
        "sensitive": [
            {"tier": one.tier.code, "label": one.tier.label, "action": one.tier.action, "words": one.words}
            for one in sensitive_in(case.text, thought.guesses)
        ],
        "place": asdict(place) if place else None,
        "limit": limit_words(kind.kind, urgency.grade, case, city),
    }


def matter_words(guess: MatterGuess, name: str) -> dict[str, Any]:
    """A matter with its calibrated probability and the words that spoke for it."""
    return {
        "matter": guess.matter_code,
        "name": name,
        "probability": round(guess.probability, 4),
        "evidence": guess.evidence,
    }


def route_words(route: Route, duty_list: DutyList) -> dict[str, Any]:
    """A unit, the duty row that names it, and why."""
    return {
        "unit": route.lead,
        "name": duty_list.name(route.lead),
        "co_units": route.co_units,
        "probability": round(route.probability, 4),
        "matter": route.matter_code,
        "row": route.row.id,
        "basis": route.row.basis,
        "reason": route.reason,
    }


def part_words(part: Demanded, duty_list: DutyList) -> dict[str, Any]:
    """One of several demands in the text."""
    return {
        "text": part.text,
        "matter": part.matter_code,
        "matter_name": duty_list.name(part.matter_code),
        "unit": part.unit,
        "name": duty_list.name(part.unit),
        "probability": round(part.probability, 4),
    }


def limit_words(kind: str, grade: str, case: Case, city: City) -> dict[str, Any] | None:
    """The department's limit, and when it ends were the demand dispatched on the case's day; None without one."""
    limit = city.limits.find("handle", kind, grade, case.on)
    if limit is None or case.on == date.min:
        return None
    begins = datetime.combine(case.on, case.at or MORNING, CITY_TIME)
    due = due_at(begins, limit, city.calendar, CountingRules())
    ends = due.at.astimezone(CITY_TIME)
    return {
        "value": limit.value,
        "unit": limit.unit,
        "from": begins.isoformat(),
        "due": ends.isoformat(),
        "provisional": due.provisional,
    }
