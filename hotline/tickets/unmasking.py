"""Unmasking (临时查看身份): one named person of a unit may learn who is behind one confidential ticket, for a time.

Asked for with a reason, granted by the supervisor from–to for so many looks (domain.md §12, Masking). It ends by time,
by count, by withdrawal, and when the ticket leaves the unit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep, NotFound
from hotline.models import Assignment, Ticket, UnmaskGrant
from hotline.models.words import Confidentiality, Decision
from hotline.people.accounts import Person
from hotline.tickets.acting import share_of
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import lock
from hotline.tickets.rulebook import setting

HIDING = (Confidentiality.CONFIDENTIAL, Confidentiality.REPORT_PROTECTED)
"""The levels with somebody behind them: an anonymous ticket has nobody to show."""
MIN_WORDS = 5
ASKED_ALREADY = "您对本件的申请正在审批，或已获批准尚可查看。"
LEFT = "该工单已不在申请人的单位办理，不能再批准。"


@dataclass(frozen=True)
class Terms:
    """From when until when, and for how many looks."""

    valid_from: datetime | None
    valid_to: datetime | None
    looks: int


def ask_unmasking(ticket: Ticket, person: Person, reason: str) -> UnmaskGrant:
    """Ask for oneself, while one's unit has the ticket in hand."""
    share = share_of(person, lock(ticket))
    if share is None or ticket.confidentiality not in HIDING:
        raise IllegalStep()
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(words="请写明为何必须知道诉求人是谁，至少5个字。")
    before = newest_grant(ticket, person)
    if before is not None and (before.decision is Decision.PENDING or holds(before, share, clock.now())):
        raise IllegalStep(ASKED_ALREADY)
    asked = UnmaskGrant(
        ticket_no=ticket.ticket_no, assignment_id=share.id, staff_id=person.id, decision=Decision.PENDING,
        reason=without_identity(ticket.ticket_no, reason), asked_at=clock.now(),
    )  # fmt: skip
    session().add(asked)
    return asked


def decide_unmasking(grant_id: int, person: Person, terms: Terms | None, note: str) -> None:
    """Grant on `terms`, or refuse with a reason where there are none."""
    grant, share = _locked(grant_id)
    if grant.decision is not Decision.PENDING:
        raise IllegalStep()
    if len(note.strip()) < MIN_WORDS:
        raise BadInput(words="请写明意见，至少5个字。")
    grant.decision = Decision.GRANTED if terms else Decision.REFUSED
    if terms:
        if share.ended_at is not None:
            raise IllegalStep(LEFT)
        _check(terms)
        grant.valid_from, grant.valid_to, grant.looks = terms.valid_from, terms.valid_to, terms.looks
    grant.decided_by, grant.decided_at = person.id, clock.now()
    grant.decision_note = without_identity(grant.ticket_no, note)


def withdraw_grant(grant_id: int) -> None:
    """Take it back at once."""
    grant, _ = _locked(grant_id)
    if grant.decision is not Decision.GRANTED or grant.withdrawn_at is not None:
        raise IllegalStep()
    grant.withdrawn_at = clock.now()


def take_look(ticket: Ticket, person: Person) -> UnmaskGrant | None:
    """Count one look of a grant that holds, None where there is none."""
    found = session().execute(_mine(ticket, person).with_for_update(of=UnmaskGrant)).first()
    if found is None or not holds(*found, clock.now()):
        return None
    grant: UnmaskGrant = found[0]
    grant.used += 1
    return grant


def may_look(ticket: Ticket, person: Person) -> bool:
    """Whether a grant holds now."""
    found = session().execute(_mine(ticket, person)).first()
    return found is not None and holds(*found, clock.now())


def newest_grant(ticket: Ticket, person: Person) -> UnmaskGrant | None:
    """What this person last asked for."""
    found = session().execute(_mine(ticket, person)).first()
    return found[0] if found else None


def holds(grant: UnmaskGrant, share: Assignment, moment: datetime) -> bool:
    """Whether a grant gives another look at this moment."""
    if grant.decision is not Decision.GRANTED or grant.withdrawn_at is not None or share.ended_at is not None:
        return False
    if grant.valid_from is None or grant.valid_to is None:
        return False
    return grant.valid_from <= moment < grant.valid_to and grant.used < grant.looks


def _check(terms: Terms) -> None:
    hours, most = setting("unmask_hours"), setting("unmask_looks")
    problems: dict[str, str] = {}
    if terms.valid_from is None:
        problems["valid_from"] = "请填写开始时间。"
    if terms.valid_to is None or terms.valid_to <= max(terms.valid_from or clock.now(), clock.now()):
        problems["valid_to"] = "结束时间须晚于开始时间和现在。"
    elif terms.valid_from and terms.valid_to - terms.valid_from > timedelta(hours=hours):
        problems["valid_to"] = f"一次最长{hours}小时。"
    if not 1 <= terms.looks <= most:
        problems["looks"] = f"查看次数为1至{most}次。"
    if problems:
        raise BadInput(**problems)


def _mine(ticket: Ticket, person: Person) -> Select[tuple[UnmaskGrant, Assignment]]:
    query = select(UnmaskGrant, Assignment).join(Assignment, Assignment.id == UnmaskGrant.assignment_id)
    mine = query.where(UnmaskGrant.ticket_no == ticket.ticket_no, UnmaskGrant.staff_id == person.id)
    return mine.order_by(UnmaskGrant.id.desc()).limit(1).execution_options(populate_existing=True)


def _locked(grant_id: int) -> tuple[UnmaskGrant, Assignment]:
    """The grant with its share, its ticket locked first as every verb does."""
    number = session().execute(select(UnmaskGrant.ticket_no).where(UnmaskGrant.id == grant_id)).scalar()
    if number is None:
        raise NotFound("没有这项申请。")
    lock(session().get_one(Ticket, number))
    grant = session().get_one(UnmaskGrant, grant_id, populate_existing=True)
    return grant, session().get_one(Assignment, grant.assignment_id, populate_existing=True)
