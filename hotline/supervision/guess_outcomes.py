"""What became of the machine's guesses: one row a ticket, and the parts by which rows are counted and listed.

A ticket counts in the week of the reading by which it was first dispatched; the department that has accepted it
in its last round is the truth. Counts (`guess_count`) and rows have the same columns, so that a number and its list
come from the same condition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SmallInteger,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from hotline.clock import CITY_ZONE
from hotline.models import Assignment, MachineGuess, Ticket
from hotline.models.words import AssignmentState, ClosingReason, RequestType, State
from hotline.supervision.scope import Scope
from hotline.supervision.sources import TEST, Exclusion, nowhere
from hotline.tickets.dispatch import BARRED, OPEN_MATTERS

ACCEPTED = (
    AssignmentState.HANDLING, AssignmentState.SUSPENDED, AssignmentState.REPLIED, AssignmentState.REHANDLING,
    AssignmentState.DONE,
)  # fmt: skip
"""An assignment that was signed, or whose return was refused, and that is not being returned."""
WAITING = (State.TO_DISPATCH, State.TO_SUPPLEMENT, State.TO_SIGN, State.RETURN_PENDING)
UNDECIDED = "undecided"
EXCLUSIONS = (
    TEST,
    Exclusion("report", "举报", Ticket.request_type == RequestType.REPORT),
    Exclusion("confidential", "保密、举报保护", Ticket.confidentiality.not_in(OPEN_MATTERS)),
    Exclusion("merged", "已并单", Ticket.closing_reason == ClosingReason.MERGED),
    Exclusion("withdrawn", "已撤单", Ticket.closing_reason == ClosingReason.WITHDRAWN),
    Exclusion("reopened", "结案后重新受理", Ticket.reopens > 0),
    Exclusion(UNDECIDED, "尚无单位签收", Assignment.id.is_(None) & Ticket.state.in_(WAITING)),
    Exclusion("no_unit", "没有承办单位（直接答复、不予受理等）", Assignment.id.is_(None)),
)
"""Why no rate of right guesses counts a ticket, the first that fits."""
Columns = Any
"""`GuessCount`, or the columns of `outcomes()`."""
Other = aliased(MachineGuess, name="other")


def outcomes(scope: Scope, only: ColumnElement[bool] | None = None) -> Subquery:
    """One row a ticket whose deciding reading was made on these days, of some tickets only if wanted."""
    units = [MachineGuess.routes[place]["department"].as_integer() for place in range(3)]
    stated = func.coalesce(MachineGuess.routes[0]["probability"].as_numeric(5, 4), 0)
    why_not = case(*((one.when, literal_column(f"'{one.code}'")) for one in EXCLUSIONS), else_=literal_column("''"))
    accepted = (
        (Assignment.ticket_no == Ticket.ticket_no) & (Assignment.round == Ticket.round)
        & Assignment.is_lead & Assignment.state.in_(ACCEPTED)
    )  # fmt: skip
    columns = (
        Ticket.ticket_no,
        MachineGuess.model_version,
        func.coalesce(Assignment.department_id, 0).label("department_id"),
        func.coalesce(units[0], 0).label("guessed_department_id"),
        cast(func.floor(stated * 100), SmallInteger).label("sure"),
        func.coalesce(Assignment.department_id.in_(units), False).label("in_three"),
        MachineGuess.decision,
        why_not.label("why_not"),
        stated.label("stated"),
        func.coalesce(func.left(MachineGuess.guesses[0]["matter_code"].astext, 2), "").label("class_code"),
        cast(func.date_trunc("week", func.timezone(CITY_ZONE.key, MachineGuess.guessed_at)), Date).label("week"),
    )
    rows = select(*columns).join(Ticket, Ticket.ticket_no == MachineGuess.ticket_no).outerjoin(Assignment, accepted)
    rows = rows.where(scope.within(MachineGuess.guessed_at), true() if only is None else only)
    return rows.where(nowhere(_counts_instead())).subquery("outcome")


def _counts_instead() -> Select[Any]:
    """Another reading of the ticket: the first that was dispatched by, or the newest while none was."""
    earlier = Other.chosen_at.is_not(None) & or_(MachineGuess.chosen_at.is_(None), Other.id < MachineGuess.id)
    newer = MachineGuess.chosen_at.is_(None) & (Other.id > MachineGuess.id)
    return select(Other.id).where(Other.ticket_no == MachineGuess.ticket_no, or_(earlier, newer))


def _decided(c: Columns) -> ColumnElement[bool]:
    return c.why_not == ""


def _right(c: Columns) -> ColumnElement[bool]:
    return _decided(c) & (c.department_id == c.guessed_department_id)


def _automatic(c: Columns) -> ColumnElement[bool]:
    return c.decision == "automatic"


def _sendable(c: Columns) -> ColumnElement[bool]:
    return _decided(c) & (c.decision != BARRED)


def _reason(code: str) -> Callable[[Columns], ColumnElement[bool]]:
    return lambda c: c.why_not == code


@dataclass(frozen=True)
class Part:
    """Some of the tickets: their words for a heading, and the condition on counts and rows alike."""

    words: str
    holds: Callable[[Columns], ColumnElement[bool]]


PARTS: Mapping[str, Part] = {
    "read": Part("已判读", lambda c: c.why_not.in_(("", UNDECIDED))),
    "automatic": Part("自动派出", lambda c: c.why_not.in_(("", UNDECIDED)) & _automatic(c)),
    "decided": Part("已有单位签收", _decided),
    "right": Part("首选派对", _right),
    "wrong": Part("首选派错", lambda c: _decided(c) & (c.department_id != c.guessed_department_id)),
    "in_three": Part("前三含承办单位", lambda c: _decided(c) & c.in_three),
    "automatic_decided": Part("自动派出且已有单位签收", lambda c: _decided(c) & _automatic(c)),
    "automatic_right": Part("自动派出且派对", lambda c: _right(c) & _automatic(c)),
    "sendable": Part("规则允许自动派出", _sendable),
    "sendable_right": Part("规则允许自动派出且首选派对", lambda c: _sendable(c) & _right(c)),
    **{one.code: Part(f"不计入：{one.words}", _reason(one.code)) for one in EXCLUSIONS},
}


@dataclass(frozen=True)
class Slice:
    """A part, narrowed to the department that accepted, the one guessed first, to at least so sure (percent), and to
    what one model read."""

    part: str
    unit: int | None = None
    guessed: int | None = None
    sure: int = 0
    model: str = ""

    def holds(self, c: Columns) -> ColumnElement[bool]:
        """Whether a count or a row belongs to it."""
        narrowed = [PARTS[self.part].holds(c), c.sure >= self.sure]
        narrowed += [c.department_id == self.unit] if self.unit is not None else []
        narrowed += [c.guessed_department_id == self.guessed] if self.guessed is not None else []
        narrowed += [c.model_version == self.model] if self.model else []
        return and_(*narrowed)


def tickets_of(scope: Scope, some: Slice) -> Select[tuple[Ticket]]:
    """The tickets behind a number, each once."""
    rows = outcomes(scope)
    return select(Ticket).join(rows, rows.c.ticket_no == Ticket.ticket_no).where(some.holds(rows.c))
