"""Reads the dispatcher's form: department, co-units, matter, type, urgency, and the row it rests on."""

from flask import request

from classifier.matters import load_matters
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import RequestType, UrgencyGrade
from hotline.tickets.by_hand import duty_row_for, explained_choice
from hotline.tickets.dispatch import Order
from hotline.tickets.ending import Citation
from hotline.tickets.identity import without_identity
from hotline.tickets.rulebook import rules
from hotline.web.form_reading import number, typed

MIN_WORDS = 5
MOST_CO_UNITS = 10
HELPERS = ("helping", "co_departments")
"""The boxes of those whom the duty list names, and any other unit."""


def read_order(ticket: Ticket) -> Order:
    """The dispatch as typed. Without a row of the duty list its reason must be given (domain.md §5.3)."""
    problems: dict[str, str] = {}
    department, matter = typed("department", 32), typed("matter_code", 8)
    units = rules().departments
    if department not in units:
        problems["department"] = "请选择主办单位。"
    if matter not in load_matters():
        problems["matter_code"] = "请选择事项分类。"
    helping = [code for name in HELPERS for code in request.form.getlist(name) if code][:MOST_CO_UNITS]
    if any(code not in units for code in helping):
        problems["co_departments"] = "请选择有效的单位。"
    row, reason = duty_row_for(ticket, department, matter), typed("reason", 500)
    if row is None and len(reason) < MIN_WORDS:
        problems["reason"] = "没有对应的确责条目，请写明派单依据。"
    if problems:
        raise BadInput(**problems)
    kind, grade = typed("request_type", 24), typed("urgency", 24)
    return Order(
        units[department], row.id if row else None, matter,
        explained_choice(ticket, matter, row, without_identity(ticket.ticket_no, reason)),
        co_unit_ids=tuple(dict.fromkeys(units[code] for code in helping)),
        request_type=RequestType(kind) if kind in set(RequestType) else None,
        urgency=UrgencyGrade(grade) if grade in set(UrgencyGrade) else None,
    )  # fmt: skip


def read_citation() -> Citation | None:
    """The knowledge entry an answer cites. Raises `BadInput` when only half of it is given."""
    entry, version = number("entry_id"), number("entry_version")
    if (entry is None) != (version is None):
        raise BadInput(entry_id="引用知识须同时填写编号和版本。")
    return Citation(entry, version) if entry is not None and version is not None else None


def read_respondent(ticket: Ticket) -> int | None:
    """The unit complained of; the one that was named before where the form does not ask."""
    return read_unit("respondent") if "respondent" in request.form else ticket.respondent_department_id


def read_unit(name: str) -> int | None:
    """A department by its code, None when none was chosen. Raises `BadInput` for an unknown code."""
    code = typed(name, 32)
    if code and code not in rules().departments:
        raise BadInput(**{name: "请选择有效的单位。"})
    return rules().departments.get(code)
