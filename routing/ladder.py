"""The escalation ladder: how long after a limit what follows, if it is not met (domain.md §13; default rows)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from routing.csv_table import CellError, Line, read_table
from routing.time_limits import GRADES, UNITS, CountingRules, TimeLimit, due_at
from routing.working_calendar import WorkingCalendar

RUNGS = ("urge", "supervise", "listed", "interview", "notice", "referral")
"""From the lowest to the highest."""
PERCENT = "percent"
"""The unit of a rung before the limit's end: of its whole length, as the yellow light at 75 (domain.md §6.3)."""
COLUMNS = ("rung", "urgency", "value", "unit", "valid_from", "valid_to")


@dataclass(frozen=True)
class RungRule:
    """One rung: `value` in `unit` after the end of the limit, or at so many percent of it; "*" is any urgency."""

    rung: str
    urgency: str
    value: int
    unit: str
    valid_from: date = date.min
    valid_to: date | None = None
    id: int = 0

    def fits(self, rung: str, urgency: str, on: date) -> bool:
        """True when the row speaks of this rung and urgency and is in force on that day."""
        in_force = self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)
        return in_force and self.rung == rung and self.urgency in ("*", urgency)

    def moment(
        self, started_at: datetime, ends_at: datetime, calendar: WorkingCalendar, counting: CountingRules
    ) -> datetime:
        """When it is due for a limit that runs from one moment to another."""
        if self.unit == PERCENT:
            return started_at + (ends_at - started_at) * self.value / 100
        last = ends_at - timedelta(seconds=1) if "days" in self.unit else ends_at
        limit = TimeLimit(self.rung, "*", "*", self.value, self.unit)
        return due_at(last, limit, calendar, counting).at


@dataclass(frozen=True)
class Ladder:
    """All rungs of a city."""

    rows: Sequence[RungRule] = ()

    def above(self, taken: str | None, urgency: str, on: date) -> RungRule | None:
        """The next rung after the one taken last, None on top; a named urgency beats any, the newest row wins."""
        for rung in RUNGS[RUNGS.index(taken) + 1 if taken else 0 :]:
            fitting = [row for row in self.rows if row.fits(rung, urgency, on)]
            if fitting:
                return max(fitting, key=lambda row: (row.urgency != "*", row.valid_from, row.id))
        return None


def read_rungs(path: Path) -> tuple[RungRule, ...]:
    """The rows of a ladder CSV. Raises BadTable."""
    return read_table(path, COLUMNS, rung_rule)


def rung_rule(line: Line) -> RungRule:
    """One rung from one line of its table; its id is the line's number. Raises CellError."""
    unit, value = line.one_of("unit", (PERCENT, *UNITS)), line.whole("value")
    if unit == PERCENT and value > 100:
        raise CellError("value", "按百分比的规则最多为100")
    if unit in ("days", "working_days") and value < 1:
        raise CellError("value", "按天计算的规则至少为1")
    start, end = line.validity()
    return RungRule(line.one_of("rung", RUNGS), line.one_of("urgency", GRADES), value, unit, start, end, line.number)
