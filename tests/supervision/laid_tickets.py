"""Tickets laid straight into the tables with a history of one's own, as the life cycle would have left them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from hotline.database import session
from hotline.models import NO_DEADLINE, Assignment, Clock, Department, JournalEntry, Ticket
from hotline.models.words import (
    ENDED,
    AssignmentState,
    ClockKind,
    ClosingReason,
    Confidentiality,
    RequestType,
    Role,
    Source,
    State,
    Step,
    UrgencyGrade,
)

HISTORY = list[tuple[Step, datetime, dict[str, Any]]]
TO = {
    Step.DISPATCH: State.TO_SIGN, Step.SUBMIT: State.TO_CHECK, Step.CALL_BACK: State.TO_EVALUATE,
    Step.REHANDLE: State.REHANDLING, Step.GIVE_BAD_REVIEW: State.RECTIFYING, Step.GIVE_REVIEW: State.CLOSED,
    Step.KEEP_BAD_REVIEW: State.CLOSED, Step.CLOSE: State.CLOSED, Step.WITHDRAW: State.WITHDRAWN,
    Step.REFUSE: State.NOT_ACCEPTED, Step.MERGE: State.MERGED, Step.TRANSFER_EMERGENCY: State.TRANSFERRED,
    Step.REOPEN: State.TO_DISPATCH, Step.RECEIVE: State.TO_DISPATCH, Step.ARCHIVE: State.ARCHIVED,
    Step.ANSWER_DIRECTLY: State.ANSWERED,
}  # fmt: skip


@dataclass
class Laid:
    """What to lay: its flags, its history, and its handling limit as (due, met, stopped)."""

    history: HISTORY
    unit: str | None = "zjj"
    limit: tuple[datetime, datetime | None, datetime | None] | None = None
    deadline: datetime = NO_DEADLINE
    flags: dict[str, Any] = field(default_factory=dict)


def said(contacted: bool = True, solved: str = "solved", satisfied: str = "5") -> dict[str, Any]:
    """A callback's answers as the journal keeps them."""
    return {"contacted": contacted, "solved": solved, "satisfied": satisfied}


def ended(reason: ClosingReason, **data: Any) -> dict[str, Any]:
    """The data of a step that ends a case."""
    return {"ending": reason.value, "evidence": {}, **data}


def lay(number: int, laid: Laid) -> int:
    """Write the rows of one ticket; its number."""
    unit = unit_id(laid.unit) if laid.unit else None
    state = [TO[step] for step, *_ in laid.history if step in TO][-1]
    last = laid.history[-1]
    endings = [data["ending"] for *_, data in laid.history if "ending" in data]
    values = {
        "ticket_no": number, "master_no": number, "state": state, "source": Source.WEB,
        "request_type": RequestType.COMPLAINT, "urgency": UrgencyGrade.NORMAL, "priority": 3,
        "confidentiality": Confidentiality.OPEN, "title": "夜间施工", "text": "夜间施工噪声扰民", "place": "湖滨街道",
        "department_id": unit, "has_contact": True, "received_at": laid.history[0][1], "deadline": laid.deadline,
        "closing_reason": ClosingReason(endings[-1]) if state in ENDED else None,
        "closed_at": last[1] if state in ENDED else None, "steps": len(laid.history),
    }  # fmt: skip
    made = Ticket(**values | laid.flags)
    made.state, final = (State.CLOSED if made.state is State.ARCHIVED else made.state), made.state
    session().add(made)
    session().flush()
    for seq, (step, at, data) in enumerate(laid.history, 1):
        session().add(entry(number, seq, (step, at, data), unit))
    if laid.limit and unit:
        _lay_limit(number, unit, laid)
    session().flush()
    made.state = final  # archived at last: nothing can be added to it afterwards
    session().flush()
    return number


def entry(
    number: int, seq: int, what: tuple[Step, datetime, dict[str, Any]], unit: int | None
) -> JournalEntry:
    """One journal row."""
    step, at, data = what
    return JournalEntry(
        ticket_no=number, seq=seq, step=step, from_state=None, to_state=TO.get(step, State.HANDLING),
        assignment_id=None, round=1, department_id=unit, actor_kind="system", actor_id=None,
        actor_role=Role.SYSTEM, actor_department_id=None, occurred_at=at, recorded_at=at,
        data={"v": 1, **data}, versions={},
    )  # fmt: skip


def _lay_limit(number: int, unit: int, laid: Laid) -> None:
    due, met, stopped = laid.limit or (None, None, None)
    share = Assignment(
        ticket_no=number, round=1, department_id=unit, is_lead=True, state=AssignmentState.HANDLING,
        dispatched_at=due - timedelta(days=5),
    )  # fmt: skip
    helper = Assignment(
        ticket_no=number, round=1, department_id=unit_id("hbj"), is_lead=False, state=AssignmentState.HANDLING,
        dispatched_at=due - timedelta(days=5),
    )  # fmt: skip
    session().add_all([share, helper])
    session().flush()
    for owner, kind, until in (
        (share, ClockKind.HANDLE, (due, met, stopped)),
        (share, ClockKind.SIGN, (due - timedelta(days=4), None, None)),
        (helper, ClockKind.HANDLE, (due - timedelta(days=1), None, None)),
    ):
        session().add(
            Clock(
                ticket_no=number, assignment_id=owner.id, department_id=owner.department_id, kind=kind,
                started_at=due - timedelta(days=5), due_at=until[0], original_due_at=until[0], limit_version=1,
                calendar_version=1, provisional=False, met_at=until[1], stopped_at=until[2],
            )
        )  # fmt: skip


def unit_id(code: str) -> int:
    """A department's id."""
    return session().execute(select(Department.id).where(Department.code == code)).scalar_one()
