"""The board: every figure for the whole city and for each department, in one statement a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from hotline.supervision.rates import FIGURES, NOTHING, Count, count_figures
from hotline.supervision.scope import UNDISPATCHED, Scope


@dataclass(frozen=True)
class Board:
    """All figures by key: together, and by department id (`UNDISPATCHED` for tickets nobody holds)."""

    counted_at: datetime
    total: Mapping[str, Count]
    units: Mapping[int, Mapping[str, Count]]


def read_board(scope: Scope) -> Board:
    """Count everything within the scope."""
    units: dict[int, dict[str, Count]] = {}
    by_source = sorted(FIGURES.values(), key=lambda figure: id(figure.source))
    for _, figures in groupby(by_source, key=lambda figure: id(figure.source)):
        for unit, counts in count_figures(tuple(figures), scope).items():
            units.setdefault(unit or UNDISPATCHED, {}).update(counts)
    total = {key: NOTHING for key in FIGURES}
    for counts in units.values():
        total = {key: count.plus(counts.get(key, NOTHING)) for key, count in total.items()}
    filled = {unit: {key: counts.get(key, NOTHING) for key in FIGURES} for unit, counts in units.items()}
    return Board(scope.now, total, filled)
