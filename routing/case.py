"""What routing is asked about and what it answers: plain values."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True)
class MatterGuess:
    """One guess of the classifier: a matter's code, its probability 0..1, and the words that spoke for it."""

    matter_code: str
    probability: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A demand to be routed.

    `place` is the address as told ("" when unknown); `on` the local day whose duty rows count;
    `at` the local time of the incident when the form has it (a time told in the text wins over it).
    """

    text: str
    place: str
    request_type: str
    guesses: tuple[MatterGuess, ...]
    on: date
    at: time | None = None


@dataclass(frozen=True)
class DutyRow:
    """One row of the responsibility list (确责清单; domain.md §1 row 13).

    `area` "" is the whole city; `object` words that must stand in the text, separated by "|", "" for any;
    `time` a span such as "22:00-06:00", "" for any; `valid_to` the last day it holds, None for open-ended;
    `direct` that the levels between the city and the lead are passed over and only informed (直通车).
    """

    id: int
    matter_code: str
    area: str
    object: str
    time: str
    lead: str
    co_units: tuple[str, ...]
    basis: str
    valid_from: date
    valid_to: date | None = None
    direct: bool = False

    def holds_on(self, day: date) -> bool:
        """True when the row is in force on that day; both ends count."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Route:
    """One way to send a demand: who leads, who helps, the row that decided it, and why, in Chinese."""

    lead: str
    co_units: tuple[str, ...]
    row: DutyRow
    area: str
    matter_code: str
    probability: float
    evidence: tuple[str, ...]
    reason: str
