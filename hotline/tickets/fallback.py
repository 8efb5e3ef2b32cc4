"""The city's fallback unit (兜底单位): it keeps what no unit can be fixed for, and acts first where units argue."""

from hotline.database import session
from hotline.models import Department, Ticket
from hotline.models.words import Step, UrgencyGrade
from hotline.tickets.dispatch import Order, new_share
from hotline.tickets.lifecycle import SYSTEM, Detail, open_assignments, take_step
from hotline.tickets.respondent import accuses
from hotline.tickets.rulebook import rules, setting

ACTS_FIRST = "先办后议：退单裁定前请先行处置。"


def fallback_unit(ticket: Ticket) -> int | None:
    """The unit the city named; None where there is none, or the ticket complains of it."""
    number = rules().departments.get(setting("fallback_department"))
    unit = session().get(Department, number) if number else None
    return None if unit is None or unit.valid_to is not None or accuses(ticket, (unit.id,)) else unit.id


def act_first(ticket: Ticket) -> None:
    """先办后议: while the return of an urgent case is decided the fallback unit helps at once, where the city wants
    so (domain.md §5.3, Shenzhen)."""
    if not setting("act_first") or ticket.urgency is UrgencyGrade.NORMAL or ticket.department_id is None:
        return
    unit = fallback_unit(ticket)
    if unit is None or unit in {share.department_id for share in open_assignments(ticket.ticket_no)}:
        return
    share = new_share(ticket, Order(ticket.department_id, advice=ACTS_FIRST), unit)
    take_step(ticket, Step.ADD_CO_UNIT, SYSTEM, Detail(assignment=share, data={"department": unit, "note": ACTS_FIRST}))
