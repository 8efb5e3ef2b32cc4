"""Tickets that wait for a call about missing facts: what is asked, what was told, tries, giving up."""

from flask import Blueprint, Response, render_template, request, url_for

from hotline.models import Ticket
from hotline.models.words import State
from hotline.tickets.ending import give_up as give_up_ticket
from hotline.tickets.find import in_states, open_page
from hotline.tickets.missing_facts import miss_call, question_of, too_early, tries
from hotline.tickets.rulebook import setting
from hotline.tickets.supplement import supplement
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed
from hotline.web.form_reading import typed
from hotline.web.shown import page_of
from hotline.web.ticket_parts import detail

blueprint = Blueprint("supplement_desk", __name__, url_prefix="/supplements")
LIST = "supplement_desk.ticket_list"


@blueprint.get("")
def ticket_list() -> str:
    """Whom to call, the most pressing first."""
    found = open_page(in_states([State.TO_SUPPLEMENT]), request.args.get("after"))
    return render_template("desk_calls/waiting.html", **vars(page_of(found, LIST)), wanted=setting("supplement_tries"))


@blueprint.get("/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket to call about; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/<int:ticket_no>")
def add_words(ticket_no: int) -> Answer:
    """What the requester told."""
    return desk.act(ticket_no, lambda t, p: supplement(t, p, typed("words", 5000)), "已补充，工单送派单。")


@blueprint.post("/<int:ticket_no>/missed")
def missed(ticket_no: int) -> Answer:
    """A call nobody answered."""
    return desk.act(ticket_no, lambda t, p: miss_call(t, p, typed("words", 1000)), "已记录未接通。", "missed")


@blueprint.post("/<int:ticket_no>/give-up")
def give_up(ticket_no: int) -> Answer:
    """补充无果."""
    return desk.act(
        ticket_no, lambda t, p: give_up_ticket(t, p, typed("words", 1000)), "已按补充无果结束，会告知诉求人。", "give-up"
    )


def page(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    parts = detail(ticket, me(), "supplement_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    return render_template(
        "desk_calls/supplement.html", **parts.variables, **again.variables(), question=question_of(ticket),
        waits=ticket.state is State.TO_SUPPLEMENT, tries=tries(ticket), early=too_early(ticket),
    )  # fmt: skip


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("supplement_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
