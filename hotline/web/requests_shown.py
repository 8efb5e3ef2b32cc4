"""What the pages show of changes and exemptions: the forms to ask for them, and what waits for a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from classifier.matters import load_matters
from hotline.models import Ticket
from hotline.models.exemption_words import ABOUT_COUNTING, AppealReason, ExemptionReason
from hotline.models.words import NO_DEMAND, AskKind, Decision, RequestType, State, Step, UrgencyGrade
from hotline.tickets.exempting import reason_label
from hotline.web.change_words import wanted_words
from hotline.web.ticket_parts import AskedShown

OTHERS = (AskKind.CHANGE, *ABOUT_COUNTING)
UNDER_WAY = (State.HANDLING, State.REHANDLING, State.SUSPENDED, State.REPLIED)


@dataclass(frozen=True)
class RequestShown:
    """A change or an exemption that was asked for; `what` is what is wanted or the reason from the list."""

    id: int
    kind_label: str
    what: str
    reason: str
    basis: str
    who: str
    at: datetime
    decide_url: str


def waiting_shown(ticket: Ticket, waiting: Sequence[AskedShown]) -> list[RequestShown]:
    """The changes and exemptions that wait for a decision."""
    return [
        RequestShown(
            one.id, one.kind_label, wanted_words(one.row.wanted or {}) or reason_label(one.row.reason_code), one.reason,
            one.basis, one.who, one.at,
            url_for("dispatch_requests.decide", ticket_no=ticket.ticket_no, asked_id=one.id),
        )
        for one in waiting if one.row.kind in OTHERS
    ]  # fmt: skip


def waits(asked: Sequence[AskedShown]) -> bool:
    """Whether something about the work waits for its decision; nothing more can be asked meanwhile."""
    return any(one.row.decision is Decision.PENDING and one.row.kind not in ABOUT_COUNTING for one in asked)


def change_form(ticket: Ticket, endpoint: str, steps: frozenset[Step], asked: Sequence[AskedShown]) -> dict[str, Any]:
    """The form to ask for a change, and where it goes; None where it is not offered."""
    offers = Step.ASK_CHANGE in steps and not waits(asked)
    return {
        "change_url": url_for(endpoint, ticket_no=ticket.ticket_no) if offers else None,
        "change_choices": choices(ticket) if offers else {},
    }


def exemption_form(ticket: Ticket, steps: frozenset[Step], mine: Sequence[AskedShown]) -> dict[str, Any]:
    """The form to ask that a case is not counted, with the reasons that this unit has not given yet."""
    used = {one.row.kind for one in mine}
    lists = [(AskKind.EXEMPTION, ExemptionReason)]
    lists += [] if ticket.state in UNDER_WAY else [(AskKind.APPEAL, AppealReason)]
    reasons = [(one.value, one.label) for kind, several in lists if kind not in used for one in several]
    offers = reasons and Step.ASK_EXEMPTION in steps and ticket.counts_in_assessment
    url = url_for("department_requests.ask_exemption", ticket_no=ticket.ticket_no) if offers else None
    return {"exemption_url": url, "exemption_reasons": reasons}


def choices(ticket: Ticket) -> Mapping[str, list[tuple[str, str]]]:
    """What a case may be called instead, by field; what it is called already is left out."""
    leaves = [(code, one.name) for code, one in load_matters().items() if one.is_leaf]
    types = [(one.value, one.label) for one in RequestType if one not in NO_DEMAND]
    grades = [(one.value, one.label) for one in UrgencyGrade]
    lists = {"request_type": types, "matter_code": leaves, "urgency": grades}
    return {name: [one for one in each if one[0] != getattr(ticket, name)] for name, each in lists.items()}
