"""The life of a ticket: `take_step()`, the only writer of any state, by the table in `moves.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from hotline import clock
from hotline.database import is_held, note_held, note_lane, note_topic, session
from hotline.errors import Forbidden, IllegalStep
from hotline.models import Asked, Assignment, GridCell, GridTask, JournalEntry, OutboxRow, Reminder, Ticket
from hotline.models.exemption_words import ABOUT_COUNTING
from hotline.models.grid_words import GridResult
from hotline.models.reminder_words import ReminderKind
from hotline.models.words import (
    ENDED,
    OPEN,
    AssignmentState,
    ClosingReason,
    Decision,
    Role,
    State,
    Step,
)
from hotline.tickets import deadlines
from hotline.tickets.moves import MOVES, Move
from hotline.tickets.reactions import FOLLOWS, LANES, TOPICS

A = AssignmentState


@dataclass(frozen=True)
class Actor:
    """Who takes the step: `kind` staff, requester, system or partner; for staff the membership used."""

    kind: str
    role: Role
    id: int | None = None
    department_id: int | None = None


NEW_SHARES = frozenset({Step.ADD_CO_UNIT, Step.HAND_DOWN})
ALARM_FIRST = "警示尚未处置，请先处置警示，再结束工单。"
DANGER_FIRST = "内容可能涉及安全，工作人员正在核实，请稍后再试；情况紧急请拨打110、119或120。"
SYSTEM = Actor("system", Role.SYSTEM)
REQUESTER = Actor("requester", Role.REQUESTER)


@dataclass(frozen=True)
class Detail:
    """What a step carries. `data` holds no identity; `to` picks one of several targets; an ending needs its
    reason and, in `data["evidence"]`, the row that shows it."""

    to: State | None = None
    assignment: Assignment | None = None
    ending: ClosingReason | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None


def take_step(ticket: Ticket, step: Step, actor: Actor, detail: Detail | None = None) -> JournalEntry:
    """Take one step under the ticket's row lock: states, clocks, journal row and follow-ups together.

    A step on a helping unit's share moves that share alone by the same table; the ticket's state is its lead's.
    Raises `IllegalStep` when the table has no such way from the present state, `Forbidden` when the actor's
    role may not. Flushes, never commits.
    """
    detail = detail or Detail()
    move, moment, share = MOVES[step], clock.now(), detail.assignment
    before = None if step in (Step.RECEIVE, Step.BEGIN_DRAFT) else lock(ticket).state
    standing = _standing(step, share)
    target = _target(move, State(standing.state.value) if standing else before, detail)
    _may(move, actor)
    if before in OPEN and target in ENDED and step is not Step.TRANSFER_EMERGENCY:
        _no_open_alarm(ticket, actor)
    held = open_assignments(ticket.ticket_no) if ticket.round else []
    ticket.state, ticket.steps = (ticket.state if standing else target), ticket.steps + 1
    _move_share(move, target, share, moment)
    if standing is None:
        _end(ticket, target, detail, moment)
    working = [one for one in held if one.ended_at is None]
    begins = standing is None or step in NEW_SHARES
    rules = deadlines.run_clocks(ticket, move if begins else replace(move, starts=()), share, working)
    entry = _journal(ticket, before, actor, (move, detail, moment, rules))
    session().add(entry)
    _follow(ticket, step, moment)
    note_topic(*(f"department:{one.department_id}" for one in held))
    session().flush()
    return entry


def _standing(step: Step, share: Assignment | None) -> Assignment | None:
    """The share whose state the table is asked about: a helping unit's own, and of what is handed down the giver's."""
    if share is not None and step is Step.HAND_DOWN:
        return session().get_one(Assignment, share.parent_id)
    return None if share is None or share.is_lead or step is Step.ADD_CO_UNIT else share


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends: what is locked already can't have changed since.

    Rows that name the ticket may be added beside it (FOR NO KEY UPDATE): no message waits for a step, or a step for it.
    """
    if not is_held(ticket.ticket_no):
        again = select(Ticket).where(Ticket.ticket_no == ticket.ticket_no).with_for_update(key_share=True)
        session().execute(again.execution_options(populate_existing=True)).scalar_one()
        note_held(ticket.ticket_no)
    return session().get_one(Ticket, ticket.ticket_no)


def may_take(ticket: Ticket, step: Step, role: Role) -> bool:
    """Whether a screen should offer this step."""
    return ticket.state in MOVES[step].start and role in MOVES[step].who


def _target(move: Move, before: State | None, detail: Detail) -> State:
    if before not in move.start:
        raise IllegalStep()
    if not move.to:
        return before  # type: ignore[return-value]  # only RECEIVE and BEGIN_DRAFT start from nothing
    if detail.to is not None and detail.to not in move.to:
        raise IllegalStep()
    if detail.to is None and len(move.to) > 1:
        raise ValueError(f"{move.step} leads to several states: name one")
    return detail.to or next(iter(move.to))


def _may(move: Move, actor: Actor) -> None:
    if actor.role not in move.who:
        raise Forbidden(f"“{actor.role.label}”不能执行“{move.step.label}”。")


def _no_open_alarm(ticket: Ticket, actor: Actor) -> None:
    """A case ends only after a person answered its words of danger (domain.md §18, I8)."""
    if ticket.alarm_open:
        raise IllegalStep(ALARM_FIRST if actor.kind == "staff" else DANGER_FIRST)


def _move_share(move: Move, target: State, share: Assignment | None, moment: datetime) -> None:
    if share is None:
        return
    if move.share is not None:
        share.state = move.share
    elif move.to and target.value in set(AssignmentState):
        share.state = AssignmentState(target.value)
    if move.step in (Step.SIGN, Step.REJECT_RETURN) and share.signed_at is None:
        share.signed_at = moment
    if share.state in (A.DONE, A.ENDED):
        share.ended_at = moment
        if share.is_lead:
            late = move.step is Step.SUBMIT
            _end_shares(share.ticket_no, A.ENDED if late else share.state, moment, late=late)


def _end(ticket: Ticket, target: State, detail: Detail, moment: datetime) -> None:
    if target not in ENDED:
        ticket.closed_at, ticket.closing_reason = None, None
        return
    if target is State.ARCHIVED or ticket.closing_reason is not None:
        return
    if detail.ending is None or "evidence" not in detail.data:
        raise ValueError("an ending names its reason and its evidence")
    ticket.closed_at, ticket.closing_reason = moment, detail.ending
    _end_shares(ticket.ticket_no, A.ENDED, moment)
    asked = update(GridTask).where(GridTask.ticket_no == ticket.ticket_no, GridTask.done_at.is_(None))
    street = select(GridCell.department_id).where(GridCell.id == GridTask.cell_id).scalar_subquery()
    over = asked.values(done_at=moment, result=GridResult.OVERTAKEN).returning(street.correlate(GridTask))
    note_topic(*(f"grid:{one}" for one in session().execute(over).scalars()))


def _end_shares(ticket_no: int, state: AssignmentState, moment: datetime, *, late: bool = False) -> None:
    """The round is over for everybody, and so is what was asked about the work and not decided; a submitted result
    answers an urging, a supervision goes on until the supervisor or the case ends it."""
    for share in open_assignments(ticket_no):
        share.state, share.ended_at, share.late = state, moment, late
        if not share.is_lead:
            put("tell_relieved", ticket_no, {"assignment": share.id}, at=moment)
    undecided = update(Asked).where(Asked.ticket_no == ticket_no, Asked.decision == Decision.PENDING)
    undecided = undecided.where(Asked.kind.not_in(ABOUT_COUNTING))
    session().execute(undecided.values(decision=Decision.OVERTAKEN))
    pressed = update(Reminder).where(Reminder.ticket_no == ticket_no, Reminder.ended_at.is_(None))
    if state is A.DONE or late:
        pressed = pressed.where(Reminder.kind == ReminderKind.URGE)
    session().execute(pressed.values(ended_at=moment))


def open_assignments(ticket_no: int) -> list[Assignment]:
    """The shares still under way, lead first."""
    query = select(Assignment).where(Assignment.ticket_no == ticket_no, Assignment.ended_at.is_(None))
    return list(session().execute(query.order_by(Assignment.is_lead.desc(), Assignment.id)).scalars())


def _journal(ticket: Ticket, before: State | None, actor: Actor, what: tuple[Any, ...]) -> JournalEntry:
    move, detail, moment, rules = what
    share = detail.assignment
    return JournalEntry(
        ticket_no=ticket.ticket_no,
        seq=ticket.steps,
        step=move.step,
        from_state=before,
        to_state=ticket.state,
        assignment_id=share.id if share else None,
        round=ticket.round,
        department_id=share.department_id if share else ticket.department_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_role=actor.role,
        actor_department_id=actor.department_id,
        occurred_at=detail.occurred_at or moment,
        recorded_at=moment,
        data={"v": 1, **detail.data, **({"ending": detail.ending} if detail.ending else {})},
        versions=rules,
    )


def _follow(ticket: Ticket, step: Step, moment: datetime) -> None:
    for follow in FOLLOWS[step]:
        if follow.when(ticket):
            put(follow.kind, ticket.ticket_no, {"step": step.value, "seq": ticket.steps}, at=moment)
    alarm = ("alarms", "dispatch") if ticket.alarm_open or step is Step.ANSWER_ALARM else ()
    note_topic(f"ticket:{ticket.ticket_no}", *TOPICS.get(ticket.state, ()), *alarm)
    if ticket.department_id is not None:
        note_topic(f"department:{ticket.department_id}")


def put(kind: str, ticket_no: int | None, ref: Mapping[str, Any], *, at: datetime) -> OutboxRow:
    """Write a follow-up into the outbox and have its lane rung after the commit."""
    row = OutboxRow(
        lane=LANES[kind], kind=kind, ticket_no=ticket_no, ref=dict(ref), created_at=clock.now(), not_before=at
    )
    session().add(row)
    note_lane(row.lane)
    return row
