"""The supervisor's page of a return that was asked for again: call the meeting, record the ruling."""

from datetime import datetime

from flask import Blueprint, Response, render_template, request, url_for

from hotline.clock import CITY_ZONE
from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.consultation_words import Outcome
from hotline.people.accounts import Person
from hotline.tickets import consulting, reconvening
from hotline.tickets.duty_change import CHANGED, DutyChange, row_today
from hotline.tickets.rulebook import forget, rules
from hotline.web import meeting_shown
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed
from hotline.web.dispatch_form import MOST_CO_UNITS, read_unit
from hotline.web.form_reading import number, typed

blueprint = Blueprint("ruling_desk", __name__, url_prefix="/rulings")
LONGEST_MINUTES = 5000


@blueprint.get("/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """The return, the meeting and the ruling; the journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/<int:ticket_no>/meeting")
def call_meeting(ticket_no: int) -> Answer:
    """召集会商."""
    return desk.act(
        ticket_no, lambda t, p: consulting.call_meeting(t, p, meeting_form()), "已召集会商，受邀单位会收到通知。"
    )


@blueprint.post("/<int:ticket_no>/meeting/move")
def move_meeting(ticket_no: int) -> Answer:
    """会商改期."""
    return desk.act(
        ticket_no, lambda t, p: reconvening.move_meeting(t, p, read_moment(), typed("words", 500)),
        "会商已改期，受邀单位会收到通知。", "move",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>/meeting/cancel")
def cancel_meeting(ticket_no: int) -> Answer:
    """取消会商."""
    return desk.act(
        ticket_no, lambda t, p: reconvening.cancel_meeting(t, p, typed("words", 500)),
        "会商已取消，受邀单位会收到通知；退单仍待裁定。", "cancel",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>")
def rule(ticket_no: int) -> Answer:
    """裁定; a change of the duty list holds from the next page on."""

    def ruled(ticket: Ticket, person: Person) -> None:
        consulting.rule(ticket, person, read_ruling(ticket))

    answer = desk.act(ticket_no, ruled, "裁定已记录，承办单位会收到通知。")
    forget()
    return answer


def meeting_form() -> consulting.MeetingForm:
    """The invitation as typed. Raises `BadInput`."""
    return consulting.MeetingForm(typed("question", 1000), read_moment(), read_units("units"))


def read_moment() -> datetime:
    """When the meeting is, as typed. Raises `BadInput`."""
    try:
        return datetime.fromisoformat(typed("meets_at", 25)).replace(tzinfo=CITY_ZONE)
    except ValueError:
        raise BadInput(meets_at="请选择会商的时间。") from None


def read_ruling(ticket: Ticket) -> consulting.Ruling:
    """The ruling as typed. Raises `BadInput`."""
    outcome = typed("outcome", 16)
    if outcome not in set(Outcome):
        raise BadInput(outcome="请选择会商结果。")
    lead = read_unit("department") if outcome == Outcome.LEAD else None
    helping = read_units("co_departments") if outcome == Outcome.LEAD else ()
    return consulting.Ruling(Outcome(outcome), typed("minutes", LONGEST_MINUTES), lead, helping, read_change(ticket))


def read_change(ticket: Ticket) -> DutyChange | None:
    """What changes in the duty list, None where nothing does. Raises `BadInput`."""
    change = typed("change", 8)
    if change == meeting_shown.KEEP:
        return None
    if change == meeting_shown.ADD:
        return DutyChange(None, typed("matter_code", 8), typed("area", 9), typed("object", 100))
    row = row_today(ticket)
    if change != meeting_shown.REPLACE or row is None:
        raise BadInput(change="请选择是否修改清单。")
    if number("seen_row") != row.id:
        raise BadInput(change=CHANGED)
    return DutyChange(row.id)


def read_units(name: str) -> tuple[int, ...]:
    """Several departments by their codes. Raises `BadInput`."""
    units, chosen = rules().departments, [code for code in request.form.getlist(name) if code]
    if any(code not in units for code in chosen) or len(chosen) > MOST_CO_UNITS:
        raise BadInput(**{name: f"请选择有效的单位，最多{MOST_CO_UNITS}个。"})
    return tuple(dict.fromkeys(units[code] for code in chosen))


def page(ticket: Ticket, again: Typed) -> str:
    """The page, with what a refused form held."""
    return render_template(
        "supervisor/ruling.html", **meeting_shown.ruling_page(ticket, me()), **again.variables(),
        chosen=request.form.getlist("units"),
    )  # fmt: skip


def address(ticket_no: int) -> str:
    """The page of this return."""
    return url_for("ruling_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
