"""The unit complained of (被反映单位): neither it nor any unit under it handles or sees the ticket (domain.md §18, I7)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select

from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Department, Ticket
from hotline.models.words import Step
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step


def not_accusing(units: Collection[int]) -> ColumnElement[bool]:
    """The tickets that complain neither of these units nor of one above them."""
    accused = Ticket.respondent_department_id
    return accused.is_(None) | accused.not_in(_upwards(units))


def accuses(ticket: Ticket, units: Collection[int]) -> bool:
    """Whether the ticket complains of one of these units or of one above them."""
    accused = ticket.respondent_department_id
    if accused is None:
        return False
    return session().execute(_upwards(units).where(Department.id == accused)).first() is not None


def name_respondent(ticket: Ticket, actor: Actor, department_id: int | None, note: str = "") -> None:
    """Say of whom the ticket complains, or that it complains of nobody."""
    if department_id == ticket.respondent_department_id:
        return
    unit = session().get(Department, department_id) if department_id else None
    if department_id and (unit is None or unit.valid_to is not None):
        raise BadInput(respondent="请选择有效的单位。")
    lock(ticket).respondent_department_id = department_id
    told = {"note": note} if note else {}
    take_step(ticket, Step.SET_RESPONDENT, actor, Detail(data={"respondent": department_id, **told}))


def _upwards(units: Collection[int]) -> Select[tuple[int]]:
    """The numbers of these units and of all above them."""
    line = select(Department.id, Department.parent_id).where(Department.id.in_(units)).cte(recursive=True)
    above = select(Department.id, Department.parent_id).join(line, Department.id == line.c.parent_id)
    return select(Department.id).where(Department.id.in_(select(line.union(above).c.id)))
