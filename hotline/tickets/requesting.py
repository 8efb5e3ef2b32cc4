"""What departments ask of the hotline, kept until somebody decides: the part that all requests share."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Assignment, Ticket
from hotline.models.exemption_words import ABOUT_COUNTING
from hotline.models.words import AskKind, Decision
from hotline.people.accounts import Person
from hotline.tickets.identity import without_identity

MIN_WORDS = 5
ONE_AT_A_TIME = "该工单还有申请等待审批，请等审批后再申请。"


@dataclass(frozen=True)
class AskForm:
    """Why a department asks for something, and on what basis."""

    reason: str
    basis: str


@dataclass(frozen=True)
class ReturnForm:
    """Why a department returns a ticket: a reason from the list, its words, whom it proposes, on what
    basis."""

    reason_code: str
    reason: str
    basis: str
    proposed_department_id: int | None


def ask(kind: AskKind, share: Assignment, person: Person, form: ReturnForm | AskForm, **more: object) -> Asked:
    """Keep a request, its words without identity. Raises `IllegalStep` while another one waits; a return may
    always be asked for."""
    if kind not in (AskKind.RETURN, *ABOUT_COUNTING) and _waits(share):
        raise IllegalStep(ONE_AT_A_TIME)
    asked = Asked(
        kind=kind,
        ticket_no=share.ticket_no,
        assignment_id=share.id,
        staff_id=person.id,
        reason=without_identity(share.ticket_no, form.reason),
        basis=without_identity(share.ticket_no, form.basis),
        asked_at=clock.now(),
        decision=Decision.PENDING,
        **more,
    )
    session().add(asked)
    session().flush()
    return asked


def _waits(share: Assignment) -> bool:
    query = select(Asked.id).where(
        Asked.ticket_no == share.ticket_no, Asked.assignment_id == share.id, Asked.decision == Decision.PENDING,
        Asked.kind.not_in(ABOUT_COUNTING),
    )  # fmt: skip
    return session().execute(query.limit(1)).first() is not None


def pending(ticket: Ticket, kind: AskKind) -> Asked:
    """The lead's request waiting for its decision."""
    query = select(Asked).join(Assignment, Assignment.id == Asked.assignment_id).where(
        Asked.ticket_no == ticket.ticket_no, Asked.kind == kind, Asked.decision == Decision.PENDING, Assignment.is_lead
    )  # fmt: skip
    found = session().execute(query.order_by(Asked.id.desc()).limit(1)).scalar_one_or_none()
    if found is None:
        raise IllegalStep()
    return found


def decided(asked: Asked, person: Person, *, grant: bool, note: str) -> None:
    """Keep the decision; a refusal says why."""
    if not grant and len(note.strip()) < MIN_WORDS:
        raise BadInput(note="驳回请写明理由。")
    asked.decision = Decision.GRANTED if grant else Decision.REFUSED
    asked.decided_by, asked.decided_at = person.id, clock.now()
    asked.decision_note = without_identity(asked.ticket_no, note)


def check_reasons(form: AskForm, what: str, **problems: str) -> None:
    """Raise `BadInput` for a request without reason or basis, and for the other `problems` of its form."""
    if len(form.reason.strip()) < MIN_WORDS:
        problems["reason"] = f"请写明{what}的原因。"
    if len(form.basis.strip()) < MIN_WORDS:
        problems["basis"] = f"请写明{what}的依据。"
    if problems:
        raise BadInput(**problems)
