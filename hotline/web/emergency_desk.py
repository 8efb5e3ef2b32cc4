"""Cases that went to an emergency line: the result, the way back, and the record of a three-way call."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy import literal_column, select

from hotline.database import session
from hotline.models import ThreeWayCall, Ticket
from hotline.models.emergency_words import AgreedOwner, Party
from hotline.models.words import Step
from hotline.tickets import emergency
from hotline.tickets.acting import offered
from hotline.tickets.find import newest_page
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed
from hotline.web.form_reading import typed
from hotline.web.shown import options, page_of
from hotline.web.ticket_parts import detail

blueprint = Blueprint("emergency_desk", __name__, url_prefix="/emergencies")
LIST = "emergency_desk.ticket_list"


@blueprint.get("")
def ticket_list() -> str:
    """The cases at an emergency line, the newest first."""
    query = select(Ticket).where(Ticket.state == literal_column("'transferred'"))
    found = newest_page(query, request.args.get("after"))
    return render_template("desk_calls/emergencies.html", **vars(page_of(found, LIST)))


@blueprint.get("/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One case; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/<int:ticket_no>/result")
def note_result(ticket_no: int) -> Answer:
    """记录紧急热线结果."""
    return desk.act(ticket_no, lambda t, p: emergency.note_result(t, p, typed("words", 1000)), "结果已记录。", "result")


@blueprint.post("/<int:ticket_no>/back")
def take_back(ticket_no: int) -> Answer:
    """紧急热线退回."""
    return desk.act(
        ticket_no, lambda t, p: emergency.take_back(t, p, typed("words", 1000)), "已收回，工单回到待派单。", "back"
    )


@blueprint.post("/<int:ticket_no>/call")
def record_call(ticket_no: int) -> Answer:
    """三方通话."""
    return desk.act(ticket_no, lambda t, p: emergency.record_call(t, p, call_form()), "三方通话已记录。", "call")


def call_form() -> emergency.CallForm:
    """The call as typed."""
    times = {party: (typed(f"{party}_joined", 5), typed(f"{party}_left", 5)) for party in Party}
    return emergency.CallForm(times, typed("owner", 16), typed("words", 1000))


def calls_of(ticket: Ticket) -> list[dict[str, Any]]:
    """The three-way calls about a case, oldest first."""
    query = select(ThreeWayCall).where(ThreeWayCall.ticket_no == ticket.ticket_no).order_by(ThreeWayCall.id)
    return [
        {
            "at": call.noted_at, "owner": call.owner.label, "words": call.words,
            "parties": [(Party(one["who"]).label, one["joined"], one["left"]) for one in call.parties],
        }
        for call in session().execute(query).scalars()
    ]  # fmt: skip


def page(ticket: Ticket, again: Typed) -> str:
    """The case's page, with what a refused form held."""
    parts = detail(ticket, me(), "emergency_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    steps, line = offered(me(), ticket), emergency.line_of(ticket)
    return render_template(
        "desk_calls/emergency.html", **parts.variables, **again.variables(), line=line, calls=calls_of(ticket),
        parties=options(Party), owners=options(AgreedOwner), may_note=Step.NOTE_RESULT in steps,
        may_take_back=Step.COME_BACK in steps and line != "110", may_call=Step.THREE_WAY in steps,
    )  # fmt: skip


def address(ticket_no: int) -> str:
    """The case's page."""
    return url_for("emergency_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
