"""What every desk's page of a ticket shares: head, identity, journal, replies, requests, bad review."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Asked, Assignment, BadReviewCase, Contact, Reply, Requester, Review, Staff, Ticket
from hotline.models.words import BadReviewReason, Confidentiality, ReturnReason
from hotline.people.accounts import Person
from hotline.tickets.handle import to_requester
from hotline.tickets.identity import file_ring, without_identity
from hotline.tickets.rulebook import rules
from hotline.tickets.suspending import day_words
from hotline.web.kept_back import journal_for
from hotline.web.shown import Photo, View, identity_shown, is_hotline, ticket_shown, unit_name
from hotline.web.ticket_files import by_grant, revealed

FACTS = {True: "属实", None: "部分属实", False: "不属实"}
KEPT_BACK = "（保密件，不显示诉求人原话）"


@dataclass(frozen=True)
class ReplyShown:
    """A department's reply, or a direct answer."""

    department: str
    contacted: bool
    contact_note: str
    facts: str
    fact_true_label: str
    handling: str
    public_reply: str
    who: str
    at: datetime
    photos: Sequence[Photo]


@dataclass(frozen=True)
class AskedShown:
    """A request as asked, with its decision; `next_day_words`: until when it is suspended; `helper`: a helping unit."""

    id: int
    row: Asked
    who: str
    at: datetime
    reason_label: str
    reason: str
    basis: str
    proposed_department: str
    proposed_name: str
    days: int | None
    new_due_words: str
    count: int
    kind: str
    kind_label: str
    plan: str
    next_day_words: str
    helper: str


@dataclass(frozen=True)
class BadReviewShown:
    """A bad review and the case it opened."""

    grade_label: str
    solved_label: str
    reason_label: str
    words: str
    round: int
    case: BadReviewCase


@dataclass(frozen=True)
class ContactShown:
    """One try of a department to speak with the requester."""

    at: datetime
    who: str
    contacted: bool
    note: str


@dataclass(frozen=True)
class Parts:
    """The variables every ticket's page has, the photos of the department, and the shares of this round.

    It holds the requester's row while the page is made: the session keeps only what somebody holds, and
    everything sealed on the page is opened with it.
    """

    variables: dict[str, Any]
    photos: list[Photo]
    shares: list[Assignment]
    requester: Requester


def detail(ticket: Ticket, person: Person, endpoint: str, topic: str) -> Parts:
    """What every ticket's page has; a department gets nobody's identity of a confidential case (I6)."""
    no, shares = ticket.ticket_no, shares_of(ticket)
    reveal = revealed(no)
    view, requester = View(person, reveal, granted=reveal and by_grant()), session().get_one(Requester, no)
    shown = ticket_shown(ticket, view)
    helping = [unit_name(one.department_id) for one in shares if not one.is_lead]
    citizen = [photo for photo in shown.photos if photo.side == "citizen"]
    kept_back = ticket.confidentiality is not Confidentiality.OPEN and not is_hotline(person)
    unmask = "" if kept_back else url_for("ticket_files.reveal_identity", ticket_no=no)
    variables = {
        "ticket": replace(shown, co_departments=helping, photos=citizen), "viewers": [],
        "identity": identity_shown(ticket, view), "unmask_url": unmask, "journal": journal_for(ticket, person),
        "live": (topic, url_for(endpoint, ticket_no=no)),
    }  # fmt: skip
    photos = [photo for photo in shown.photos if photo.side not in ("citizen", "grid")]
    return Parts(variables, photos, shares, requester)


def shares_of(ticket: Ticket) -> list[Assignment]:
    """The shares of the present round, the lead first."""
    mine = (Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round)
    query = select(Assignment).where(*mine).order_by(Assignment.is_lead.desc(), Assignment.id)
    return list(session().execute(query).scalars())


def newest_reply(ticket: Ticket, photos: Sequence[Photo]) -> ReplyShown | None:
    """The newest answer to the requester with its writer's name."""
    query = (
        select(Reply, Staff.name).join(Staff, Staff.id == Reply.staff_id)
        .where(Reply.ticket_no == ticket.ticket_no, to_requester()).order_by(Reply.id.desc()).limit(1)
    )  # fmt: skip
    found = session().execute(query).first()
    if found is None:
        return None
    reply, who = found
    return ReplyShown(
        unit_name(ticket.department_id), reply.contacted, reply.contact_note, reply.facts,
        FACTS[reply.fact_true] if reply.assignment_id else "直接答复", reply.handling, reply.public_reply, who,
        reply.written_at, photos,
    )  # fmt: skip


def asked_shown(ticket: Ticket) -> list[AskedShown]:
    """All that departments asked about a ticket, newest first."""
    query = (
        select(Asked, Staff.name, Assignment).join(Staff, Staff.id == Asked.staff_id)
        .join(Assignment, Assignment.id == Asked.assignment_id)
        .where(Asked.ticket_no == ticket.ticket_no).order_by(Asked.id.desc())
    )  # fmt: skip
    return [_asked(row, (who, share), ticket) for row, who, share in session().execute(query)]


def _asked(row: Asked, by: tuple[str, Assignment], ticket: Ticket) -> AskedShown:
    who, share = by
    reasons = {one.value: one.label for one in ReturnReason}
    return AskedShown(
        id=row.id, row=row, who=who, at=row.asked_at, reason_label=reasons.get(row.reason_code, ""),
        reason=row.reason, basis=row.basis, proposed_department=code_of(row.proposed_department_id),
        proposed_name=unit_name(row.proposed_department_id), days=row.days,
        new_due_words=clock.shown(row.new_due_at) if row.new_due_at else "", count=ticket.returns + 1,
        kind=row.kind.value, kind_label=row.kind.label, plan=row.plan,
        next_day_words=day_words(row.new_due_at) if row.new_due_at else "",
        helper="" if share.is_lead else unit_name(share.department_id),
    )  # fmt: skip


def bad_review_of(ticket: Ticket, person: Person) -> BadReviewShown | None:
    """The newest bad review; a unit reads no words of a confidential requester."""
    query = (
        select(BadReviewCase, Review).join(Review, Review.id == BadReviewCase.review_id)
        .where(BadReviewCase.ticket_no == ticket.ticket_no).order_by(BadReviewCase.id.desc()).limit(1)
    )  # fmt: skip
    found = session().execute(query).first()
    if found is None:
        return None
    case, review = found
    reasons = {one.value: one.label for one in BadReviewReason}
    return BadReviewShown(
        review.grade.label, review.solved.label, reasons.get(review.reason_code, ""),
        opened(ticket, person, review.words_sealed), case.round, case,
    )  # fmt: skip


def contacts_of(ticket: Ticket, person: Person) -> list[ContactShown]:
    """The tries of the departments to speak with the requester, oldest first."""
    query = (
        select(Contact, Staff.name).join(Staff, Staff.id == Contact.staff_id)
        .where(Contact.ticket_no == ticket.ticket_no).order_by(Contact.id)
    )  # fmt: skip
    return [
        ContactShown(row.tried_at, who, row.reached, opened(ticket, person, row.note_sealed))
        for row, who in session().execute(query)
    ]


def opened(ticket: Ticket, person: Person, sealed: bytes | None) -> str:
    """Sealed words with numbers and the requester's name as marks."""
    if sealed is None:
        return ""
    if ticket.confidentiality is not Confidentiality.OPEN and not is_hotline(person):
        return KEPT_BACK
    words = file_ring(session().get_one(Requester, ticket.ticket_no)).open(sealed)
    return without_identity(ticket.ticket_no, words)


def code_of(department_id: int | None) -> str:
    """A department's code."""
    return next((code for code, number in rules().departments.items() if number == department_id), "")
