"""Where figures are read from: each source gives every ticket at most once, so that a number is also a list.

A period's sources read the journal and the clocks through their indexes by time, the present reads the
partial indexes of open tickets. A ticket belongs to the day and the department of its last deciding row: a
rehandled case leaves the day on which it was first asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from hotline.models import Assignment, Clock, Department, JournalEntry, Ticket
from hotline.models.words import ENDED, NO_DEMAND, ClosingReason, RequestType, State, Step
from hotline.models.words import Source as Door
from hotline.supervision.scope import Scope

REVISITS = (Step.CALL_BACK, Step.REHANDLE)
REVIEWS = (Step.GIVE_REVIEW, Step.GIVE_BAD_REVIEW, Step.KEEP_BAD_REVIEW)
WORDS = (*REVISITS, *REVIEWS)
"""The steps in which the requester answers: the valid revisits (domain.md §7, rate 13)."""
SILENT_ENDINGS = (
    Step.CLOSE, Step.WITHDRAW, Step.REFUSE, Step.GIVE_UP, Step.MERGE, Step.TRANSFER_EMERGENCY,
)  # fmt: skip
TURNS = (Step.REOPEN, Step.CHANGE_TYPE, Step.REFUSE_EXEMPTION)
"""Read together in one statement; each figure counts the rows of one of them."""
ENDINGS = (*SILENT_ENDINGS, Step.GIVE_REVIEW, Step.KEEP_BAD_REVIEW)
NOT_HANDLED = (
    ClosingReason.WITHDRAWN, ClosingReason.NOT_ACCEPTED, ClosingReason.TRANSFERRED, ClosingReason.MERGED,
)  # fmt: skip
UNHEARD = (ClosingReason.INVITATION_EXPIRED, ClosingReason.UNREACHED, ClosingReason.NO_CONTACT)

Later, LaterClock = aliased(JournalEntry, name="later"), aliased(Clock, name="later_clock")
LaterShare = aliased(Assignment, name="later_share")
HANDLE = literal_column("'handle'")
is_word = JournalEntry.step.in_(WORDS)
ending = JournalEntry.data["ending"].astext


@dataclass(frozen=True)
class Exclusion:
    """Why a row leaves a figure: a code, its words, and the condition (NULL counts as no)."""

    code: str
    words: str
    when: SQLColumnExpression[bool]


TEST = Exclusion("test", "测试工单", Ticket.is_test)
OUTSIDE = (
    TEST,
    Exclusion("not_assessed", "不纳入考核", Ticket.counts_in_assessment.is_(False)),
    Exclusion("proactive", Door.PROACTIVE.label, Ticket.source == Door.PROACTIVE),
    *(Exclusion(one.value, one.label, Ticket.closing_reason == one) for one in NOT_HANDLED),
    *(
        Exclusion(one.value, one.label, Ticket.request_type == one)
        for one in (RequestType.PRAISE, *NO_DEMAND)
    ),
)
"""Out of every rate (domain.md §7, "Exclusions"; §15, 26), the first that fits."""
AT_THE_DESK = Exclusion(
    "answered_directly",
    "热线直接答复",
    JournalEntry.department_id.in_(select(Department.id).where(Department.kind == "hotline")),
)
NO_WORD = tuple(
    Exclusion(one.value, f"无有效回访：{one.label}", ~is_word & (Ticket.closing_reason == one))
    for one in UNHEARD
)
STOPPED = Exclusion(
    "stopped", "时限到期前终止（退单等）", Clock.stopped_at < func.least(Clock.due_at, Clock.met_at)
)


@dataclass(frozen=True)
class Source:
    """`rows` selects each ticket once; `unit` is the column of the department; `exclusions` in order."""

    rows: Callable[[Scope], Select[Any]]
    unit: SQLColumnExpression[int | None]
    exclusions: tuple[Exclusion, ...]
    live: bool = False

    def counts(self) -> ColumnElement[bool]:
        """Whether no exclusion fits: the same as `why_not` being NULL, in a form whose share is well guessed."""
        return and_(*(one.when.is_not(true()) for one in self.exclusions))

    def why_not(self) -> ColumnElement[str | None]:
        """The code of the first exclusion that fits a row, NULL when it counts."""
        return case(*((one.when, literal_column(f"'{one.code}'")) for one in self.exclusions), else_=null())


def open_tickets(scope: Scope) -> Select[Any]:
    """Registered and not ended, now; written so that the partial indexes serve it."""
    ended = bindparam("ended", sorted(ENDED), expanding=True, literal_execute=True)
    return select(Ticket).where(
        Ticket.state.not_in(ended), Ticket.state != State.DRAFT, scope.of_unit(Ticket.department_id)
    )


def last_words(scope: Scope) -> Select[Any]:
    """The requester's last answer of each ticket; a ticket that ended without any is here by its ending."""
    later_word = Later.step.in_(WORDS) & or_(~is_word, Later.seq > JournalEntry.seq)
    later_end = Later.step.in_(SILENT_ENDINGS) & ~is_word & (Later.seq > JournalEntry.seq)
    rows = _journal(scope, WORDS + SILENT_ENDINGS, later_word | later_end)
    return rows.where(or_(is_word, ending == Ticket.closing_reason))


def last_results(scope: Scope) -> Select[Any]:
    """The department's last result (提交办结) of each ticket."""
    return _journal(scope, (Step.SUBMIT,), (Later.step == Step.SUBMIT) & (Later.seq > JournalEntry.seq))


def turns(scope: Scope) -> Select[Any]:
    """What is counted by itself: the last reopening, change and rejected exemption of each ticket, a row each."""
    return _journal(scope, TURNS, (Later.step == JournalEntry.step) & (Later.seq > JournalEntry.seq))


def first_dispatches(scope: Scope) -> Select[Any]:
    """The first dispatch of each ticket, which what came of it is charged to."""
    return _journal(scope, (Step.DISPATCH,), (Later.step == Step.DISPATCH) & (Later.seq < JournalEntry.seq))


def last_endings(scope: Scope) -> Select[Any]:
    """The end of each case that is still ended."""
    outdone = Later.step.in_(ENDINGS) & (Later.seq > JournalEntry.seq)
    return _journal(scope, ENDINGS, outdone).where(ending == Ticket.closing_reason)


def _journal(scope: Scope, steps: tuple[Step, ...], outdone: ColumnElement[bool]) -> Select[Any]:
    later = select(Later.id).where(Later.ticket_no == JournalEntry.ticket_no, outdone)
    return (
        select(JournalEntry)
        .join(Ticket, Ticket.ticket_no == JournalEntry.ticket_no)
        .where(JournalEntry.step.in_(steps), scope.within(JournalEntry.occurred_at))
        .where(scope.of_unit(JournalEntry.department_id), nowhere(later))
    )


def last_limits(scope: Scope) -> Select[Any]:
    """The lead's handling limit of each ticket's last dispatch, on the day it was met, ran out or stopped."""
    decided = func.least(Clock.due_at, Clock.met_at, Clock.stopped_at)
    again = (
        select(LaterClock.id)
        .join(LaterShare, LaterShare.id == LaterClock.assignment_id)
        .where(LaterClock.ticket_no == Clock.ticket_no, LaterClock.id > Clock.id)
        .where(LaterClock.kind == HANDLE, LaterShare.is_lead)
    )
    return (
        select(Clock)
        .join(Assignment, Assignment.id == Clock.assignment_id)
        .join(Ticket, Ticket.ticket_no == Clock.ticket_no)
        .where(Clock.kind == HANDLE, Assignment.is_lead, scope.within(decided), decided <= scope.now)
        .where(scope.of_unit(Clock.department_id), nowhere(again))
    )


def nowhere(rows: Select[Any]) -> ColumnElement[bool]:
    """No such row, asked ticket by ticket: OFFSET 0 keeps the planner from joining the whole journal instead."""
    return ~rows.offset(0).exists()


OPEN_TICKETS = Source(open_tickets, Ticket.department_id, (TEST,), live=True)
LAST_WORDS = Source(last_words, JournalEntry.department_id, (*OUTSIDE, AT_THE_DESK, *NO_WORD))
LAST_RESULTS = Source(last_results, JournalEntry.department_id, (TEST,))
LAST_ENDINGS = Source(last_endings, JournalEntry.department_id, (TEST,))
LAST_LIMITS = Source(last_limits, Clock.department_id, (*OUTSIDE, STOPPED))
OWN_TURNS = Source(turns, JournalEntry.department_id, (TEST,))
FIRST_DISPATCHES = Source(first_dispatches, JournalEntry.department_id, OUTSIDE)
