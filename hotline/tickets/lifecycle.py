"""The life of a ticket: the table of steps on one page, and `take_step()`, the only writer of any state.

Source: domain.md §5.2 as completed by spine.md ("Two step tables, one door"). `docs/life_of_a_ticket.md`
is drawn from this page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from hotline import clock
from hotline.database import note_lane, note_topic, session
from hotline.errors import Forbidden, IllegalStep
from hotline.models import Asked, Assignment, JournalEntry, OutboxRow, Ticket
from hotline.models.words import (
    ENDED,
    OPEN,
    AssignmentState,
    ClockKind,
    ClosingReason,
    Decision,
    Role,
    State,
    Step,
)
from hotline.tickets import deadlines
from hotline.tickets.reactions import FOLLOWS, LANES, TOPICS

S, A, R, C = State, AssignmentState, Role, ClockKind
STAYS = frozenset[State]()


@dataclass(frozen=True)
class Move:
    """One row of the table: from where, to where (empty: it stays), who may, and what its clocks do.

    `share` is what the assignment becomes; `meets`, `starts` name clocks; `stops` ends the others.
    """

    step: Step
    start: frozenset[State | None]
    to: frozenset[State]
    who: frozenset[Role]
    share: AssignmentState | None = None
    meets: tuple[ClockKind, ...] = ()
    starts: tuple[ClockKind, ...] = ()
    stops: bool = False


def _move(step: Step, start: Any, to: Any, who: Any, **rest: Any) -> tuple[Step, Move]:
    def several(one: Any) -> frozenset[Any]:
        return frozenset(one) if isinstance(one, (set, frozenset)) else frozenset({one})

    return step, Move(step, several(start), several(to), several(who), **rest)


UNIT = {R.HANDLER, R.DEPARTMENT_LEAD}
DESK = {R.DISPATCHER, R.SUPERVISOR}
WORKING = {S.HANDLING, S.REHANDLING}
BEFORE_DISPATCH = {S.DRAFT, S.TO_DISPATCH, S.TO_SUPPLEMENT}
ROUND = (C.SIGN, C.CONTACT, C.RETURN, C.HANDLE)

# fmt: off
MOVES: Mapping[Step, Move] = dict((
    # intake
    _move(Step.RECEIVE, None, S.TO_DISPATCH, {R.SYSTEM, R.REQUESTER, R.PARTNER, R.AGENT}, starts=(C.DISPATCH,)),
    _move(Step.BEGIN_DRAFT, None, S.DRAFT, {R.SYSTEM, R.AGENT}),
    _move(Step.REGISTER, S.DRAFT, S.TO_DISPATCH, R.AGENT, starts=(C.DISPATCH,)),
    _move(Step.LEAVE_WORD, S.DRAFT, S.TO_SUPPLEMENT, R.SYSTEM, starts=(C.SUPPLEMENT,)),
    _move(Step.ASK_SUPPLEMENT, S.TO_DISPATCH, S.TO_SUPPLEMENT, R.DISPATCHER,
          stops=True, starts=(C.SUPPLEMENT,)),
    _move(Step.SUPPLEMENT, S.TO_SUPPLEMENT, S.TO_DISPATCH, {R.AGENT, R.DISPATCHER, R.REQUESTER},
          meets=(C.SUPPLEMENT,), starts=(C.DISPATCH,)),
    _move(Step.GIVE_UP, S.TO_SUPPLEMENT, S.NOT_ACCEPTED, {R.AGENT, R.DISPATCHER}, stops=True),
    # the hotline decides
    _move(Step.CLASSIFY, S.TO_DISPATCH, STAYS, R.SYSTEM),
    _move(Step.ANSWER_DIRECTLY, BEFORE_DISPATCH, S.ANSWERED, {R.AGENT, R.DISPATCHER},
          meets=(C.DISPATCH, C.SUPPLEMENT)),
    _move(Step.REFUSE, S.TO_DISPATCH, S.NOT_ACCEPTED, R.DISPATCHER, meets=(C.DISPATCH,), stops=True),
    _move(Step.CONTEST_REFUSAL, S.NOT_ACCEPTED, S.TO_DISPATCH, {R.REQUESTER, R.AGENT, *DESK},
          starts=(C.DISPATCH,)),
    _move(Step.MERGE, {S.TO_DISPATCH, S.TO_SUPPLEMENT}, S.MERGED, R.DISPATCHER,
          meets=(C.DISPATCH,), stops=True),
    _move(Step.UNMERGE, S.MERGED, S.TO_DISPATCH, {R.SYSTEM, R.DISPATCHER}, starts=(C.DISPATCH,)),
    _move(Step.TRANSFER_EMERGENCY, BEFORE_DISPATCH, S.TRANSFERRED, {R.AGENT, R.DISPATCHER},
          meets=(C.DISPATCH,), stops=True),
    _move(Step.COME_BACK, S.TRANSFERRED, S.TO_DISPATCH, {R.PARTNER, R.DISPATCHER}, starts=(C.DISPATCH,)),
    _move(Step.DISPATCH, S.TO_DISPATCH, S.TO_SIGN, {R.SYSTEM, R.AGENT, *DESK},
          share=A.TO_SIGN, meets=(C.DISPATCH,), starts=ROUND),
    _move(Step.ADD_CO_UNIT, {S.TO_SIGN, *WORKING}, STAYS, {R.SYSTEM, R.AGENT, *DESK},
          share=A.TO_SIGN, starts=ROUND),
    # the department works
    _move(Step.HAND_DOWN, WORKING, STAYS, UNIT, share=A.TO_SIGN, starts=(C.SIGN,)),
    _move(Step.SIGN, S.TO_SIGN, S.HANDLING, {R.SYSTEM, *UNIT}, share=A.HANDLING, meets=(C.SIGN,)),
    _move(Step.CONTACT, {S.SUSPENDED, *WORKING}, STAYS, UNIT, meets=(C.CONTACT,)),
    _move(Step.MISS_CONTACT, {S.SUSPENDED, S.RECTIFYING, *WORKING}, STAYS, UNIT),
    _move(Step.ASK_RETURN, {S.TO_SIGN, S.HANDLING}, S.RETURN_PENDING, UNIT,
          share=A.RETURN_PENDING, meets=(C.RETURN,)),
    _move(Step.ACCEPT_RETURN, S.RETURN_PENDING, S.TO_DISPATCH, DESK,
          share=A.ENDED, stops=True, starts=(C.DISPATCH,)),
    _move(Step.REJECT_RETURN, S.RETURN_PENDING, S.HANDLING, DESK, share=A.HANDLING, meets=(C.SIGN,)),
    _move(Step.ASK_EXTENSION, WORKING, STAYS, UNIT),
    _move(Step.GRANT_EXTENSION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.REFUSE_EXTENSION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.ASK_SUSPENSION, WORKING, STAYS, UNIT),
    _move(Step.SUSPEND, WORKING, S.SUSPENDED, R.SUPERVISOR, share=A.SUSPENDED),
    _move(Step.REFUSE_SUSPENSION, WORKING, STAYS, R.SUPERVISOR),
    _move(Step.RESUME, S.SUSPENDED, WORKING, {R.SYSTEM, R.DEPARTMENT_LEAD, R.SUPERVISOR}),
    _move(Step.ASK_TERMINATION, WORKING, STAYS, UNIT),
    _move(Step.GRANT_TERMINATION, {S.REPLIED, *WORKING}, S.TO_EVALUATE, R.SUPERVISOR, share=A.DONE, stops=True),
    _move(Step.REFUSE_TERMINATION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.REPLY, WORKING, S.REPLIED, UNIT, share=A.REPLIED),
    _move(Step.SEND_BACK, S.REPLIED, WORKING, R.DEPARTMENT_LEAD),
    _move(Step.SUBMIT, S.REPLIED, S.TO_CHECK, R.DEPARTMENT_LEAD,
          share=A.DONE, meets=(C.CONTACT, C.HANDLE, C.REHANDLE), stops=True, starts=(C.CHECK,)),
    # check, callback, review
    _move(Step.PASS_CHECK, S.TO_CHECK, S.TO_CALLBACK, DESK),
    _move(Step.FAIL_CHECK, S.TO_CHECK, S.HANDLING, DESK,
          share=A.HANDLING, stops=True, starts=(C.REHANDLE,)),
    _move(Step.MISS_CALLBACK, S.TO_CALLBACK, STAYS, R.CALLBACK_AGENT),
    _move(Step.CALL_BACK, S.TO_CALLBACK, S.TO_EVALUATE, R.CALLBACK_AGENT, meets=(C.CHECK,)),
    _move(Step.REHANDLE, S.TO_CALLBACK, S.REHANDLING, R.CALLBACK_AGENT,
          share=A.REHANDLING, meets=(C.CHECK,), starts=(C.REHANDLE,)),
    _move(Step.INVITE_REVIEW, {S.ANSWERED, S.TO_EVALUATE}, S.TO_EVALUATE, R.SYSTEM, starts=(C.EVALUATE,)),
    _move(Step.GIVE_REVIEW, S.TO_EVALUATE, S.CLOSED, R.REQUESTER, meets=(C.EVALUATE,), stops=True),
    _move(Step.GIVE_BAD_REVIEW, S.TO_EVALUATE, S.RECTIFYING, R.REQUESTER,
          meets=(C.EVALUATE,), starts=(C.RECTIFY_CONTACT, C.RECTIFY)),
    _move(Step.KEEP_BAD_REVIEW, S.TO_EVALUATE, S.CLOSED, R.REQUESTER, meets=(C.EVALUATE,), stops=True),
    _move(Step.CONTACT_REVIEWER, S.RECTIFYING, STAYS, {R.CALLBACK_AGENT, R.SUPERVISOR, *UNIT},
          meets=(C.RECTIFY_CONTACT,)),
    _move(Step.RECTIFY, S.RECTIFYING, STAYS, UNIT, meets=(C.RECTIFY,)),
    _move(Step.VERIFY_RECTIFICATION, S.RECTIFYING, S.TO_EVALUATE, {R.CALLBACK_AGENT, R.SUPERVISOR},
          stops=True),
    _move(Step.FAIL_RECTIFICATION, S.RECTIFYING, STAYS, {R.CALLBACK_AGENT, R.SUPERVISOR},
          starts=(C.RECTIFY,)),
    # endings
    _move(Step.CLOSE, {S.ANSWERED, S.TO_CALLBACK, S.TO_EVALUATE}, S.CLOSED, {R.SYSTEM, R.CALLBACK_AGENT},
          stops=True),
    _move(Step.WITHDRAW, OPEN, S.WITHDRAWN, {R.REQUESTER, R.AGENT}, stops=True),
    _move(Step.REOPEN, S.CLOSED, S.TO_DISPATCH, {R.REQUESTER, R.AGENT, *DESK}, starts=(C.DISPATCH,)),
    _move(Step.ARCHIVE, ENDED - {S.ARCHIVED}, S.ARCHIVED, R.SYSTEM),
    # on the way
    _move(Step.AMEND, OPEN | {S.TRANSFERRED}, STAYS, {R.PARTNER, R.REQUESTER, R.AGENT, R.DISPATCHER}),
    _move(Step.URGE, OPEN, STAYS, {R.REQUESTER, R.SYSTEM, R.AGENT, R.SUPERVISOR}),
    _move(Step.SUPERVISE, OPEN, STAYS, R.SUPERVISOR),
    _move(Step.CHANGE_TYPE, OPEN, STAYS, R.SUPERVISOR),
    _move(Step.SET_RESPONDENT, BEFORE_DISPATCH, STAYS, {R.AGENT, *DESK}),
    _move(Step.ANSWER_ALARM, OPEN, STAYS, {R.AGENT, *DESK}),
    _move(Step.RECKON_AGAIN, OPEN, STAYS, R.SYSTEM),
    _move(Step.ERASE, ENDED - {S.ARCHIVED}, STAYS, {R.SYSTEM, R.ADMINISTRATOR}),
    _move(Step.LET_GO, frozenset(S) - {S.DRAFT, S.ARCHIVED}, STAYS, R.DISPATCHER),
))
# fmt: on


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

    A step on a co-unit's share moves that share alone by the same table; the ticket's state is its lead's.
    Raises `IllegalStep` when the table has no such way from the present state, `Forbidden` when the actor's
    role may not. Flushes, never commits.
    """
    detail = detail or Detail()
    move, moment, share = MOVES[step], clock.now(), detail.assignment
    before = None if step in (Step.RECEIVE, Step.BEGIN_DRAFT) else lock(ticket).state
    aside = share is not None and not share.is_lead and step not in NEW_SHARES
    target = _target(move, State(share.state.value) if aside and share else before, detail)
    _may(move, actor)
    if before in OPEN and target in ENDED and step is not Step.TRANSFER_EMERGENCY:
        _no_open_alarm(ticket, actor)
    ticket.state, ticket.steps = (ticket.state if aside else target), ticket.steps + 1
    _move_share(move, target, share, moment)
    if not aside:
        _end(ticket, target, detail, moment)
    starts = () if aside else move.starts
    rules = deadlines.run_clocks(ticket, starts, move.meets, stops=move.stops, assignment=share)
    entry = _journal(ticket, before, actor, (move, detail, moment, rules))
    session().add(entry)
    _follow(ticket, step, moment)
    session().flush()
    return entry


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends."""
    again = select(Ticket).where(Ticket.ticket_no == ticket.ticket_no).with_for_update()
    return session().execute(again.execution_options(populate_existing=True)).scalar_one()


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
            _end_shares(share.ticket_no, share.state, moment)


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


def _end_shares(ticket_no: int, state: AssignmentState, moment: datetime) -> None:
    """The round is over for everybody, and so is what was asked in it and not decided."""
    for share in open_assignments(ticket_no):
        share.state, share.ended_at = state, moment
    undecided = update(Asked).where(Asked.ticket_no == ticket_no, Asked.decision == Decision.PENDING)
    session().execute(undecided.values(decision=Decision.OVERTAKEN))


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
    note_topic(f"ticket:{ticket.ticket_no}", *TOPICS.get(ticket.state, ()))
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
