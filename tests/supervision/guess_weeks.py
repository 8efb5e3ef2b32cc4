"""Weeks of tickets that were read, dispatched and accepted or returned, laid straight into the tables."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from hotline.clock import CITY_ZONE
from hotline.database import session, transaction
from hotline.models import Assignment, JournalEntry, MachineGuess, Ticket
from hotline.models.words import (
    AssignmentState,
    Confidentiality,
    RequestType,
    Role,
    Source,
    State,
    Step,
    UrgencyGrade,
)


@dataclass(frozen=True)
class Read:
    """One ticket that was read: by which model, how sure of whom, what was decided, and who accepted it."""

    week: date
    routes: tuple[tuple[int, float], ...]
    unit: int | None
    decision: str = "automatic"
    share: AssignmentState = AssignmentState.HANDLING
    matter: str = "0203"
    model: str = "m1"
    flags: tuple[tuple[str, Any], ...] = ()


def lay_read(number: int, one: Read) -> None:
    """Write the rows of one ticket as the life cycle would have left them."""
    at = datetime.combine(one.week, time(10), CITY_ZONE) + timedelta(hours=number % 150)
    state = State.TO_SIGN if one.share is AssignmentState.TO_SIGN else State.HANDLING
    values = {
        "ticket_no": number, "master_no": number, "state": state if one.unit else State.TO_DISPATCH,
        "source": Source.WEB, "request_type": RequestType.COMPLAINT, "urgency": UrgencyGrade.NORMAL, "priority": 3,
        "confidentiality": Confidentiality.OPEN, "title": "夜间施工", "text": "夜间施工", "place": "湖滨街道",
        "department_id": one.unit, "has_contact": True, "received_at": at, "round": 1 if one.unit else 0,
    }  # fmt: skip
    session().add(Ticket(**values | dict(one.flags)))
    session().flush()
    session().add(moved(number, at))
    session().add(
        MachineGuess(
            ticket_no=number, model_version=one.model, content_version=1, decision=one.decision, why="", guessed_at=at,
            guesses=[{"matter_code": one.matter, "probability": 0.5, "evidence": []}],
            routes=[{"department": unit, "probability": sure} for unit, sure in one.routes],
            chosen_at=at if one.unit else None,
        )
    )
    if one.unit:
        session().add(
            Assignment(
                ticket_no=number, round=1, department_id=one.unit, is_lead=True, state=one.share, dispatched_at=at
            )
        )


def moved(number: int, at: datetime) -> JournalEntry:
    """The row by which the counting learns that a ticket moved."""
    return JournalEntry(
        ticket_no=number, seq=1, step=Step.CLASSIFY, to_state=State.TO_DISPATCH, round=0, actor_kind="system",
        actor_role=Role.SYSTEM, occurred_at=at, recorded_at=at, data={}, versions={},
    )  # fmt: skip


def lay_all(reads: list[Read], start: int = 2026010100000001) -> list[int]:
    """Write them all; their numbers."""
    with transaction():
        for number, one in enumerate(reads, start):
            lay_read(number, one)
    return list(range(start, start + len(reads)))
