"""How sure the machine must be to dispatch alone, drawn from what became of the cases before."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select

from hotline import clock
from hotline.database import session
from hotline.models import DispatchThreshold, ModelVersion
from hotline.supervision.guess_tallies import Steps, steps_by_unit
from hotline.supervision.scope import Scope
from hotline.tickets.dispatch import NEVER
from hotline.tickets.rulebook import setting

FEWEST_DECIDED = 200
"""First guesses from which a department has a threshold of its own (default)."""
FEWEST_SENT = 30
"""So many must have been as sure: a share of fewer says little (default)."""
LOWEST = 50
"""A guess below is as likely wrong as right, whatever was counted (default)."""


@dataclass(frozen=True)
class Sent:
    """What a threshold would send alone: `sent` of `among`, `right` of these."""

    sure: int
    sent: int
    right: int
    among: int


def sent_at(steps: Steps, sure: int) -> Sent:
    """What would go out alone at this threshold."""
    above = [numbers for step, numbers in steps.items() if step >= sure]
    sent, right = (sum(column) for column in zip(*above, strict=True)) if above else (0, 0)
    return Sent(sure, sent, right, sum(cases for cases, _ in steps.values()))


def lowest_for(wanted: float, steps: Steps) -> Sent | None:
    """The lowest step at and above which so large a share was right; None when no step with cases reaches it."""
    tried = [sent_at(steps, step) for step, (cases, _) in sorted(steps.items()) if step >= LOWEST and cases]
    return next((one for one in tried if one.sent >= FEWEST_SENT and one.right >= wanted * one.sent), None)


def learn_thresholds(scope: Scope) -> None:
    """A threshold for every department with enough cases decided since the model in use guesses; the others go by
    the city's."""
    session().execute(delete(DispatchThreshold))
    wanted = setting("auto_dispatch_precision")
    version = session().execute(select(ModelVersion.version).where(ModelVersion.active)).scalar_one_or_none()
    for unit, steps in steps_by_unit(scope, version or "").items() if wanted else ():
        all_of_it = sent_at(steps, 0)
        if unit and all_of_it.sent >= FEWEST_DECIDED:
            found = lowest_for(wanted, steps) or Sent(NEVER, 0, 0, all_of_it.sent)
            row = DispatchThreshold(
                department_id=unit, sure=found.sure, decided=found.among, sent=found.sent, right=found.right,
                counted_at=clock.now(),
            )  # fmt: skip
            session().add(row)


def thresholds() -> Mapping[int, DispatchThreshold]:
    """The departments' own thresholds."""
    rows = session().execute(select(DispatchThreshold)).scalars()
    return {row.department_id: row for row in rows}
