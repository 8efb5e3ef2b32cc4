"""Counts of the machine's dispatching: made week by week from its guesses, and read by whatever is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select, true, update
from sqlalchemy.dialects import postgresql

from hotline import clock
from hotline.database import session
from hotline.models import GuessCount, GuessOutcome, GuessWeek, JournalEntry, MachineGuess
from hotline.supervision.guess_outcomes import EXCLUSIONS, PARTS, outcomes
from hotline.supervision.scope import Scope
from hotline.supervision.sources import TEST

WEEK = timedelta(days=7)
WEEKS = 12
"""Later nobody returns a case any more (default); what was counted then stays."""
MOST_CONFUSIONS = 20
BEGUN = func.pg_snapshot_xmin(func.pg_current_snapshot())
"""The first transaction that may not be over yet."""
KEYS = tuple(column for column in GuessCount.__table__.primary_key.columns if column.name != "week")


@dataclass(frozen=True)
class Tally:
    """How many tickets are in each part; `stated` is the sum of the first guesses' probabilities of the decided."""

    read: int = 0
    automatic: int = 0
    decided: int = 0
    right: int = 0
    in_three: int = 0
    automatic_decided: int = 0
    automatic_right: int = 0
    stated: float = 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


TALLIED = ("read", "automatic", "decided", "right", "in_three", "automatic_decided", "automatic_right")


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def whole_weeks(scope: Scope) -> Scope:
    """The same period, begun on a Monday and ended on a Sunday."""
    return Scope(monday(scope.first), monday(scope.last) + timedelta(days=6), scope.now)


def weeks_counted(moment: datetime) -> Scope:
    """The weeks that are counted anew in the night of this moment."""
    this_week = monday(clock.city_day(moment))
    return Scope(this_week - (WEEKS - 1) * WEEK, this_week + timedelta(days=6), moment)


def count_weeks(scope: Scope) -> None:
    """Count these whole weeks: of what became of the tickets only that is made anew that moved since the last time.

    Every move is a row of the journal; those of transactions that were under way are read again the next time.
    """
    unread, begun = session().execute(select(_unread().scalar_subquery(), BEGUN)).one()
    known = set(session().execute(select(GuessWeek.week)).scalars())
    session().execute(delete(GuessOutcome).where(GuessOutcome.week < scope.first))
    if unread is None or int(unread) > int(begun):  # never read, or a restored copy, which numbers anew
        moved = None
    else:
        feed = select(JournalEntry.ticket_no).where(JournalEntry.xact >= unread).distinct()
        moved = session().execute(feed).scalars().all()
    changed = set() if moved == [] else _made_anew(scope, moved)
    for week in (scope.first + WEEK * n for n in range((scope.last - scope.first).days // 7 + 1)):
        if moved is None or week in changed or week not in known:
            count_week(week)
    counted = update(GuessWeek).where(GuessWeek.week.between(scope.first, scope.last))
    session().execute(counted.values(counted_at=scope.now, unread_from=begun))


def _unread() -> Select[tuple[str | None]]:
    return select(GuessWeek.unread_from).order_by(GuessWeek.week.desc()).limit(1)


def _made_anew(scope: Scope, moved: Sequence[int] | None) -> set[date]:
    """Put what became of these tickets (None: all) in the place of what was kept; the weeks that changes."""
    old, rows = delete(GuessOutcome), outcomes(scope)
    if moved is not None:
        old, rows = old.where(GuessOutcome.ticket_no.in_(moved)), outcomes(scope, MachineGuess.ticket_no.in_(moved))
    columns = [column.name for column in GuessOutcome.__table__.columns]
    fresh = insert(GuessOutcome).from_select(columns, select(*(rows.c[name] for name in columns)))
    return {
        week
        for change in (old, fresh)
        for week in session().execute(change.returning(GuessOutcome.week)).scalars()
    }


def count_week(week: date) -> None:
    """Count the week of this Monday anew, whatever was counted before."""
    keys, mine = [getattr(GuessOutcome, key.name) for key in KEYS], GuessOutcome.week == week
    counted = select(literal(week), *keys, func.count(), func.sum(GuessOutcome.stated)).where(mine).group_by(*keys)
    columns = ["week", *(key.name for key in KEYS), "tickets", "stated"]
    session().execute(delete(GuessCount).where(GuessCount.week == week))
    session().execute(insert(GuessCount).from_select(columns, counted))
    code = GuessOutcome.class_code
    classes = select(code, func.count()).where(mine, GuessOutcome.why_not != TEST.code).group_by(code)
    values = {"counted_at": clock.now(), "classes": dict(session().execute(classes).all())}
    kept = postgresql.insert(GuessWeek).values(week=week, **values)
    session().execute(kept.on_conflict_do_update(index_elements=["week"], set_=values))


def within(scope: Scope) -> ColumnElement[bool]:
    """The counts of the period's weeks."""
    return GuessCount.week.between(scope.first, scope.last)


def tallies(scope: Scope, by: Any) -> dict[Any, Tally]:
    """The parts' sizes by a column of the counts, in its order."""
    parts = [_tickets(PARTS[name].holds(GuessCount)) for name in TALLIED]
    stated = func.coalesce(func.sum(GuessCount.stated).filter(PARTS["decided"].holds(GuessCount)), 0)
    query = select(by, *parts, stated).where(within(scope)).group_by(by).order_by(by)
    return {key: Tally(*numbers, float(stated)) for key, *numbers, stated in session().execute(query)}


def left_out(scope: Scope) -> list[tuple[str, str, int]]:
    """(code, words, tickets) of each reason to be in no rate that occurs."""
    query = select(GuessCount.why_not, func.sum(GuessCount.tickets)).where(within(scope))
    found = dict(session().execute(query.group_by(GuessCount.why_not)).all())
    return [(one.code, one.words, found[one.code]) for one in EXCLUSIONS if one.code in found]


def confusions(scope: Scope) -> Sequence[tuple[int, int, int]]:
    """(guessed, accepted by, tickets) of the commonest wrong first guesses."""
    pair = (GuessCount.guessed_department_id, GuessCount.department_id)
    times = func.sum(GuessCount.tickets)
    query = select(*pair, times).where(within(scope), PARTS["wrong"].holds(GuessCount)).group_by(*pair)
    found = session().execute(query.order_by(times.desc(), *pair).limit(MOST_CONFUSIONS))
    return [(guessed, unit, number) for guessed, unit, number in found]


Steps = Mapping[int, tuple[int, int]]
"""Whole percent → (cases of this sureness that may be sent alone, those of them that were right)."""


def steps_together(scope: Scope) -> Steps:
    """How sure the first guesses were, and how many of them were right."""
    return {sure: (sendable, right) for sure, sendable, right in _steps(scope)}


def steps_by_unit(scope: Scope, model_version: str) -> Mapping[int, Steps]:
    """The same of one model by the department it guessed first."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    unit = GuessCount.guessed_department_id
    for of, sure, sendable, right in _steps(scope, unit, GuessCount.model_version == model_version):
        found.setdefault(of, {})[sure] = (sendable, right)
    return found


def _steps(scope: Scope, by: Any = None, only: ColumnElement[bool] | None = None) -> Sequence[Any]:
    keys = [*([] if by is None else [by]), GuessCount.sure]
    sendable = PARTS["sendable"].holds(GuessCount)
    numbers = (func.sum(GuessCount.tickets), _tickets(PARTS["sendable_right"].holds(GuessCount)))
    query = select(*keys, *numbers).where(within(scope), sendable, true() if only is None else only)
    return session().execute(query.group_by(*keys)).all()


@dataclass(frozen=True)
class CountedWeek:
    """When a week was counted, and the classes of its best guesses."""

    counted_at: datetime
    classes: Mapping[str, int]


def counted_weeks(first: date, last: date) -> dict[date, CountedWeek]:
    """The counted weeks that begin on these days."""
    rows = session().execute(select(GuessWeek).where(GuessWeek.week.between(first, last))).scalars()
    return {row.week: CountedWeek(row.counted_at, row.classes) for row in rows}


def _tickets(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(GuessCount.tickets).filter(holds), 0)
