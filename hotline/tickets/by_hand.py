"""What a person chose beside the duty list: the row that stands behind it, and the sentence that says why.

The machine's own dispatches are explained by `routing.choose`; these sentences are for what people decide.
"""

from hotline import clock
from hotline.models import Ticket
from hotline.models.words import Confidentiality
from hotline.tickets.dispatch import Order, latest_guess
from hotline.tickets.placing import told_place
from hotline.tickets.rulebook import rules
from routing.case import DutyRow
from routing.choose import explain, row_words
from routing.duty_list import row_area, situation_of


def duty_row_for(ticket: Ticket, department_code: str, matter_code: str) -> DutyRow | None:
    """The row of the duty list that gives this matter at this place to this department, if there is one."""
    moment, place = clock.in_city(ticket.received_at), told_place(ticket)
    area = place.area if place else ""
    situation = situation_of(matter_code, area, ticket.text, moment.date(), moment.time())
    row = rules().duty_list.best_row(situation)
    return row if row is not None and row.lead == department_code else None


def explained_choice(ticket: Ticket, matter_code: str, row: DutyRow | None, reason: str = "") -> str:
    """Why a person sent it there: the matter, the row behind it or that there is none, the reason given.

    The place of a protected case is not told again: a company that helps reads the extract alone.
    """
    names = rules().duty_list
    matter = "人工派单" + (f"，事项“{names.name(matter_code)}”" if matter_code else "")
    if row is None:
        told = f"{matter}，确责清单中没有由该单位主办的条目"
    elif ticket.confidentiality is Confidentiality.OPEN:
        told = f"{matter}；{explain(row, told_place(ticket), names)}"
    else:
        area = row_area(row)
        told = f"{matter}；{row_words(row, rules().gazetteer.area_names.get(area, area) or '全市', names)}"
    return f"{told.rstrip('。')}。{f'说明：{reason}' if reason else ''}"


def order_instead(ticket: Ticket, department_id: int, reason: str) -> Order:
    """The dispatch to another unit: under the matter for which the duty list names it, the present one or one that the
    machine thought of, so that the matter of the wrong unit is neither shown nor learned any more."""
    guess = latest_guess(ticket.ticket_no)
    code = next((code for code, unit in rules().departments.items() if unit == department_id), "")
    for matter in (ticket.matter_code, *(route["matter"] for route in (guess.routes if guess else ()))):
        row = duty_row_for(ticket, code, matter)
        if row is not None:
            return Order(department_id, row.id, matter, explained_choice(ticket, matter, row, reason))
    return Order(department_id, advice=explained_choice(ticket, ticket.matter_code, None, reason))
