"""Consultation (会商): units meet about a return that was asked for again; the ruling names who leads, and binds.

Weifang 2021 art.22; domain.md §5.3: whom a ruling names may not return again, and what no unit can be fixed for
goes up to the government office while the city's fallback unit keeps it. A helping unit's return of its part that
comes after another goes the same way, and leaves the ticket with its lead.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep, NotFound
from hotline.models import Asked, Assignment, Consultation, Department, InvitedUnit, Ticket
from hotline.models.consultation_words import Outcome
from hotline.models.words import AskKind, Decision, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.duty_change import DutyChange, change_duty_list
from hotline.tickets.fallback import fallback_unit
from hotline.tickets.find import UNIT_ROLES
from hotline.tickets.handle import lead_share
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, open_assignments, take_step
from hotline.tickets.requesting import MIN_WORDS
from hotline.tickets.respondent import accuses, not_accusing
from hotline.tickets.returning import Verdict, needs_ruling, settle_return
from hotline.tickets.sharing import ACCUSED, ShareForm, add_co_unit, part_needs_ruling, settle_part
from hotline.tickets.sharing import Ruling as PartRuling

FEWEST, MOST = 2, 10
LISTED = 50
NOT_YET = "第一次退单由派单员审批，不需要会商。"
CALLED = "已就这次退单召集会商，请记录裁定。"
CALL_FIRST = "请先召集会商，再作裁定。"
NO_MEETING = "没有找到这次会商。"
OVER = "会商已有裁定或已取消，不能再提交意见。"
NO_FALLBACK = "还没有可用的兜底单位，请管理员先设置“fallback_department”。"


@dataclass(frozen=True)
class MeetingForm:
    """What is to be settled, when, and by which units."""

    question: str
    meets_at: datetime
    unit_ids: tuple[int, ...]


@dataclass(frozen=True)
class Ruling:
    """What the meeting came to: minutes, the lead (None when it goes up), who helps, and what changes in the list."""

    outcome: Outcome
    minutes: str
    lead_id: int | None
    co_unit_ids: tuple[int, ...] = ()
    change: DutyChange | None = None


@dataclass(frozen=True)
class Returned:
    """A return that waits for its decision; `part` is the helping unit's share it is about, None for the ticket."""

    asked: Asked
    part: Assignment | None


def call_meeting(ticket: Ticket, person: Person, form: MeetingForm) -> Consultation:
    """召集会商 about the return that waits; its own limit begins, that of the decision is met."""
    actor = acting(person, Step.CALL_MEETING, lock(ticket))
    returned = waiting_return(ticket)
    if returned is None or not goes_to_meeting(ticket, returned):
        raise IllegalStep(NOT_YET if returned else None)
    if meeting_about(returned) is not None:
        raise IllegalStep(CALLED)
    _check_meeting(ticket, form)
    meeting = Consultation(
        ticket_no=ticket.ticket_no, asked_id=returned.asked.id, called_by=person.id, called_at=clock.now(),
        meets_at=form.meets_at, question=without_identity(ticket.ticket_no, form.question),
    )  # fmt: skip
    session().add(meeting)
    session().flush()
    session().add_all(
        InvitedUnit(consultation_id=meeting.id, ticket_no=ticket.ticket_no, department_id=unit)
        for unit in form.unit_ids
    )
    data = {"meeting": meeting.id, "question": meeting.question, "invited": list(form.unit_ids)}
    take_step(ticket, Step.CALL_MEETING, actor, Detail(assignment=returned.part, data=data))
    return meeting


def give_opinion(meeting: Consultation, person: Person, words: str) -> None:
    """An invited unit writes what it thinks, until the ruling; written again it replaces the first."""
    ticket = lock(session().get_one(Ticket, meeting.ticket_no))
    invited = next(one for one in invited_to(meeting) if one.department_id in person.unit_ids())
    returned = waiting_return(ticket)
    if meeting.ruled_at or meeting.cancelled_at or returned is None or returned.asked.id != meeting.asked_id:
        raise IllegalStep(OVER)
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明本单位的意见和依据。")
    post = person.post_with(UNIT_ROLES, frozenset({invited.department_id}))
    invited.opinion = without_identity(ticket.ticket_no, words)
    invited.opinion_by, invited.opinion_at = person.id, clock.now()
    actor = Actor("staff", post.role, person.id, invited.department_id)  # type: ignore[union-attr]  # it is their unit
    take_step(ticket, Step.GIVE_OPINION, actor, Detail(assignment=returned.part, data={"meeting": meeting.id}))


def rule(ticket: Ticket, person: Person, ruling: Ruling) -> Consultation:
    """裁定: one lead, or one unit for a returned part, bound for ever; the duty list may change in the same transaction,
    with the minutes as basis."""
    actor = acting(person, Step.CALL_MEETING, lock(ticket))
    returned = waiting_return(ticket)
    meeting = meeting_about(returned) if returned else None
    if returned is None or meeting is None:
        raise IllegalStep(CALL_FIRST if returned else None)
    unit, part = _ruled_unit(ticket, ruling), returned.part
    order = _order_of(ticket, unit, ruling, part)
    if ruling.change is not None:
        meeting.duty_row_id = change_duty_list(ticket, person, order, ruling.change)
        order = replace(order, duty_row_id=meeting.duty_row_id)
    meeting.outcome, meeting.minutes, meeting.ruled_department_id = ruling.outcome, order.advice, unit
    meeting.ruled_by, meeting.ruled_at = person.id, clock.now()
    stays = unit == (part or lead_share(ticket)).department_id
    if part is not None:
        _settle_part(ticket, person, (returned.asked, meeting), PartRuling(not stays, ruling.minutes, unit))
    else:
        settle_return(ticket, person, actor, Verdict(not stays, ruling.minutes, meeting.id))
    if part is not None or stays:
        _add_helpers(ticket, person, order)
    else:
        dispatch(ticket, order, actor)
    return meeting


def waiting_return(ticket: Ticket) -> Returned | None:
    """The lead's return, else the oldest one of a helping unit."""
    query = select(Asked, Assignment).join(Assignment, Assignment.id == Asked.assignment_id).where(
        Asked.ticket_no == ticket.ticket_no, Asked.kind == AskKind.RETURN, Asked.decision == Decision.PENDING
    )  # fmt: skip
    found = session().execute(query.order_by(Assignment.is_lead.desc(), Asked.id).limit(1)).first()
    return Returned(found[0], None if found[1].is_lead else found[1]) if found else None


def goes_to_meeting(ticket: Ticket, returned: Returned) -> bool:
    """Whether this return is for a meeting to rule."""
    return needs_ruling(ticket) if returned.part is None else part_needs_ruling(ticket)


def meeting_of(ticket: Ticket) -> Consultation | None:
    """The meeting about the return that waits now."""
    returned = waiting_return(ticket)
    return meeting_about(returned) if returned else None


def meeting_about(returned: Returned) -> Consultation | None:
    """The meeting called about this return."""
    query = select(Consultation).where(Consultation.asked_id == returned.asked.id, Consultation.ruled_at.is_(None))
    return session().execute(query.where(Consultation.cancelled_at.is_(None))).scalar_one_or_none()


def invited_to(meeting: Consultation) -> list[InvitedUnit]:
    """The units invited, in the order of the form."""
    query = select(InvitedUnit).where(InvitedUnit.consultation_id == meeting.id).order_by(InvitedUnit.id)
    return list(session().execute(query).scalars())


def meeting_for(person: Person, meeting_id: int) -> tuple[Consultation, Ticket]:
    """The meeting an invited person asks for; everybody else gets the same `NotFound` as for none, the accused too."""
    units = person.unit_ids()
    mine = select(InvitedUnit.id).where(
        InvitedUnit.consultation_id == Consultation.id, InvitedUnit.department_id.in_(units)
    )
    query = select(Consultation, Ticket).join(Ticket, Ticket.ticket_no == Consultation.ticket_no)
    found = session().execute(query.where(Consultation.id == meeting_id, mine.exists())).first()
    if found is None or accuses(found[1], units):
        raise NotFound(NO_MEETING)
    return found[0], found[1]


def invitations(person: Person) -> list[tuple[Consultation, Ticket]]:
    """The meetings a person's units are invited to, the next first, until the return is decided; cancelled ones too."""
    units = person.unit_ids()
    mine = select(InvitedUnit.id).where(
        InvitedUnit.consultation_id == Consultation.id, InvitedUnit.department_id.in_(units)
    )
    query = (
        select(Consultation, Ticket).join(Ticket, Ticket.ticket_no == Consultation.ticket_no)
        .join(Asked, Asked.id == Consultation.asked_id)
        .where(Consultation.ruled_at.is_(None), Asked.decision == Decision.PENDING, mine.exists())
        .where(not_accusing(units)).order_by(Consultation.meets_at, Consultation.id).limit(LISTED)
    )  # fmt: skip
    return [(meeting, ticket) for meeting, ticket in session().execute(query)]


def _check_meeting(ticket: Ticket, form: MeetingForm) -> None:
    problems: dict[str, str] = {}
    if len(form.question.strip()) < MIN_WORDS:
        problems["question"] = "请写明会商要解决的问题。"
    if form.meets_at <= clock.now():
        problems["meets_at"] = "请选择以后的时间。"
    units = [session().get(Department, number) for number in form.unit_ids]
    if not FEWEST <= len(set(form.unit_ids)) <= MOST or len(set(form.unit_ids)) < len(form.unit_ids):
        problems["units"] = f"请选择{FEWEST}至{MOST}个不同的单位。"
    elif any(unit is None or unit.valid_to is not None for unit in units):
        problems["units"] = "请选择有效的单位。"
    elif any(accuses(ticket, (number,)) for number in form.unit_ids):
        problems["units"] = "被反映单位及其下属单位须回避，不能参加会商。"
    if problems:
        raise BadInput(**problems)


def _ruled_unit(ticket: Ticket, ruling: Ruling) -> int:
    """The unit that gets the case by the ruling. Raises `BadInput`."""
    if len(ruling.minutes.strip()) < MIN_WORDS:
        raise BadInput(minutes="请写明会商纪要和裁定理由。")
    if ruling.outcome is Outcome.ESCALATED:
        if ruling.change is not None:
            raise BadInput(change="未能确定主办单位的，不能据此修改确责清单。")
        unit = fallback_unit(ticket)
        if unit is None:
            raise BadInput(outcome=NO_FALLBACK)
        return unit
    if ruling.lead_id is None:
        raise BadInput(department="请选择主办单位。")
    return ruling.lead_id


def _order_of(ticket: Ticket, unit: int, ruling: Ruling, part: Assignment | None) -> Order:
    """The ruling as an order: who leads, who helps; a ruling on a part leaves the ticket with its lead."""
    minutes = without_identity(ticket.ticket_no, ruling.minutes)
    if part is None:
        return Order(unit, advice=minutes, by_ruling=True, co_unit_ids=ruling.co_unit_ids)
    lead = lead_share(ticket).department_id
    helping = (one for one in dict.fromkeys((unit, *ruling.co_unit_ids)) if one != lead)
    return Order(lead, advice=minutes, co_unit_ids=tuple(helping))


def _settle_part(ticket: Ticket, person: Person, what: tuple[Asked, Consultation], ruling: PartRuling) -> None:
    """The part goes to the unit ruled, unless that one works on the ticket already."""
    here = {share.department_id for share in open_assignments(ticket.ticket_no)}
    to = None if ruling.department_id in here else ruling.department_id
    settle_part(ticket, person, what[0], replace(ruling, department_id=to), what[1].id)


def _add_helpers(ticket: Ticket, person: Person, order: Order) -> None:
    """The lead stays; the units that shall help it and do not yet get their shares, none with a later limit."""
    if order.department_id in order.co_unit_ids:
        raise BadInput(co_departments="协办单位不能与主办单位相同。")
    present = {share.department_id for share in open_assignments(ticket.ticket_no)}
    for unit in (one for one in order.co_unit_ids if one not in present):
        if accuses(ticket, (unit,)):
            raise BadInput(co_departments=ACCUSED)
        add_co_unit(ticket, person, ShareForm(unit, order.advice))
