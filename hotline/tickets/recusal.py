"""Recusal (回避): a unit that turns out to be the one complained of, or under it, is relieved of the ticket at once.

Law: whoever has a direct interest recuses themselves, and no material reaches the accused (domain.md §3.5; L2 art.32).
"""

from sqlalchemy import select

from hotline import clock
from hotline.database import note_topic, session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Assignment, Department, Membership, Ticket
from hotline.models.words import AssignmentState, RequestType, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import OPEN_MATTERS, Order, dispatch
from hotline.tickets.find import UNIT_ROLES
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import SYSTEM, Actor, Detail, lock, take_step
from hotline.tickets.moves import HELD
from hotline.tickets.receive import SENSITIVE
from hotline.tickets.respondent import accuses, name_respondent
from hotline.tickets.suspending import under_way

MIN_WORDS = 5
ADVICE = "原承办单位须回避，由其上一级单位办理。"
NOTHING_TO_DO = "被反映单位没有变化，承办单位也无须回避。"


def name_accused(ticket: Ticket, person: Person, department_id: int | None, words: str) -> None:
    """Say of whom a dispatched ticket complains; whoever holds it and is accused loses it in the same moment."""
    ticket = lock(ticket)
    actor = acting(person, Step.SET_RESPONDENT, ticket)
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明如何得知，至少5个字。")
    changed = department_id != ticket.respondent_department_id
    name_respondent(ticket, actor, department_id, without_identity(ticket.ticket_no, words))
    if not relieve(ticket, SYSTEM if changed else actor) and not changed:
        raise IllegalStep(NOTHING_TO_DO)


def relieve(ticket: Ticket, actor: Actor = SYSTEM) -> bool:
    """Take the ticket away from every accused unit that leads or helps; whether there was one."""
    accused = [one for one in _shares(ticket) if accuses(ticket, (one.department_id,))]
    note_topic(*(f"department:{one.department_id}" for one in accused))
    lead = next((one for one in accused if one.is_lead), None)
    if lead is not None:
        pause = under_way(ticket)
        if pause is not None and pause.new_due_at is not None:
            pause.resumed_at = min(clock.now(), pause.new_due_at)
        ticket.department_id = None
    data = {"respondent": ticket.respondent_department_id}
    for one in [lead] if lead else accused:
        take_step(ticket, Step.RECUSE, actor, Detail(assignment=one, data=data))
    if lead is not None:
        _send_up(ticket)
    return bool(accused)


def one_level_up(ticket: Ticket) -> int | None:
    """The unit above the one complained of, where the tree has one with people who handle tickets."""
    works = select(Membership.department_id).where(Membership.role.in_(UNIT_ROLES), Membership.valid_to.is_(None))
    parent = select(Department.parent_id).where(Department.id == ticket.respondent_department_id).scalar_subquery()
    query = select(Department.id).where(Department.id == parent, Department.id.in_(works))
    return session().execute(query.where(Department.valid_to.is_(None))).scalar()


def _send_up(ticket: Ticket) -> None:
    """On to the unit above at once; what a person must look at, or has no unit above, waits for the dispatcher."""
    above = one_level_up(ticket)
    sensitive = any(tag.startswith(SENSITIVE) for tag in ticket.tags)
    looked_at = ticket.alarm_open or sensitive or ticket.request_type is RequestType.REPORT
    if above is not None and not looked_at and ticket.confidentiality in OPEN_MATTERS:
        dispatch(ticket, Order(above, advice=ADVICE), SYSTEM)


def _shares(ticket: Ticket) -> list[Assignment]:
    """The shares of this round that are under way, and the lead's even while its reply is checked."""
    if ticket.state not in HELD:
        return []
    checked = Assignment.is_lead & (Assignment.state == AssignmentState.DONE)
    query = select(Assignment).where(
        Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round,
        Assignment.ended_at.is_(None) | checked,
    )  # fmt: skip
    return list(session().execute(query.order_by(Assignment.id)).scalars())
