"""An agent acts for a caller: finds the caller's ticket, tells how it stands, urges, adds, withdraws, objects,
reopens."""

from typing import cast

from flask import Blueprint, Response, redirect, render_template, url_for

from hotline.database import transaction
from hotline.errors import BadInput, NotFound
from hotline.models import Ticket
from hotline.models.words import Confidentiality, Role, State, Step
from hotline.tickets import ending, pressing, refusing, reopening
from hotline.tickets.find import of_phone, read_number, ticket_for
from hotline.tickets.flagging import ask_flag
from hotline.tickets.identity import phone_hash
from hotline.tickets.lifecycle import may_take
from hotline.tickets.phone_number import read_phone
from hotline.tickets.reveal import log_search
from hotline.tickets.rulebook import setting
from hotline.tickets.secrecy import set_level
from hotline.tickets.supplement import supplement
from hotline.web import tracked
from hotline.web.access import me
from hotline.web.alarms_shown import alarm_of
from hotline.web.answering import Answer, Desk, Typed
from hotline.web.form_reading import form_again, typed
from hotline.web.shown import row_of
from hotline.web.ticket_parts import detail

blueprint = Blueprint("agent_tickets", __name__, url_prefix="/agent/tickets")
NEWEST = 20
"""A caller's tickets that are listed; an older one is found by its number."""
TICKET_DIGITS = 16
NOTHING_WRITTEN = "请填写工单号或诉求人的电话。"


@blueprint.get("")
def find_form() -> str:
    """Ask for a number: of a ticket, or of a telephone."""
    return found_page({}, {}, None)


@blueprint.post("")
def find() -> str | Response | tuple[str, int]:
    """A ticket's number leads to it; a telephone's lists its newest tickets, and the search is logged."""
    written = typed("q", 40)
    digits = sum(one.isdigit() for one in written)
    try:
        if digits == TICKET_DIGITS:
            return cast(Response, redirect(address(ticket_for(me(), read_number(written)).ticket_no), code=303))
        hashed = phone_hash(read_phone(written, needed=True)) or b""
    except (BadInput, NotFound) as problem:
        sentence = problem.fields.get("phone", problem.sentence) if written else NOTHING_WRITTEN
        return found_page(form_again(), {"q": sentence}, None), problem.status
    found = of_phone(hashed, NEWEST)
    with transaction():
        log_search(me(), found)
    return found_page(form_again(), {}, found)


@blueprint.get("/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket: how it stands, and what can be done for the caller; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/<int:ticket_no>/amend")
def amend(ticket_no: int) -> Answer:
    """What the caller adds."""
    return desk.act(ticket_no, lambda t, p: supplement(t, p, typed("words", 5000)), "已补充到工单。", "amend")


@blueprint.post("/<int:ticket_no>/urge")
def urge(ticket_no: int) -> Answer:
    """催办."""
    return desk.act(ticket_no, lambda t, p: pressing.urge(t, p, typed("words", 1000)), "已催办。", "urge")


@blueprint.post("/<int:ticket_no>/withdraw")
def withdraw(ticket_no: int) -> Answer:
    """撤单."""
    return desk.act(ticket_no, lambda t, p: ending.withdraw(t, p, typed("words", 1000)), "已为诉求人撤单。", "withdraw")


@blueprint.post("/<int:ticket_no>/contest")
def contest(ticket_no: int) -> Answer:
    """对不予受理有异议."""
    return desk.act(
        ticket_no, lambda t, p: refusing.contest(t, p, typed("words", 1000)), "已登记异议，由另一名派单员决定。", "contest"
    )


@blueprint.post("/<int:ticket_no>/conceal")
def conceal(ticket_no: int) -> Answer:
    """要求保密: the caller does not want the department to learn who spoke."""
    return desk.act(
        ticket_no, lambda t, p: set_level(t, p, Confidentiality.CONFIDENTIAL, typed("words", 1000)),
        "已改为保密件。", "conceal",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>/reopen")
def reopen(ticket_no: int) -> Answer:
    """重新受理."""
    return desk.act(
        ticket_no, lambda t, p: reopening.reopen(t, p, typed("words", setting("text_limit"))),
        "已重新受理，由审核组派单。", "reopen",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>/flag")
def flag(ticket_no: int) -> Answer:
    """申请骚扰标记."""
    return desk.act(ticket_no, lambda t, p: ask_flag(t, p, typed("words", 500)), "已申请骚扰标记，由督办员批准。", "flag")


def found_page(form: dict[str, str], errors: dict[str, str], tickets: list[Ticket] | None) -> str:
    """The search with what it found; None before anything was searched."""
    rows = None if tickets is None else [row_of(ticket) for ticket in tickets]
    return render_template("agent/find.html", form=form, errors=errors, rows=rows, newest=NEWEST)


def page(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    no = ticket.ticket_no
    parts = detail(ticket, me(), "agent_tickets.ticket_page", f"ticket:{no}")
    return render_template(
        "agent/ticket.html", **parts.variables, **again.variables(), may=may(ticket), replies=tracked.replies(no),
        notices=tracked.notices(no, tracked.public_entries(no)),
        alarm=alarm_of(ticket), alarm_url=url_for("agent_alarms.answer", ticket_no=no),
        reopen_url=None if reopening.why_not(ticket) else url_for("agent_tickets.reopen", ticket_no=no),
    )  # fmt: skip


def may(ticket: Ticket) -> dict[str, bool]:
    """What can be done for the caller now."""
    step = Step.SUPPLEMENT if ticket.state is State.TO_SUPPLEMENT else Step.AMEND
    return {
        "amend": may_take(ticket, step, Role.AGENT) and ticket.state is not State.DRAFT,
        "urge": tracked.may_urge(ticket),
        "withdraw": may_take(ticket, Step.WITHDRAW, Role.AGENT),
        "contest": refusing.may_contest(ticket),
        "conceal": may_take(ticket, Step.SET_CONFIDENTIALITY, Role.AGENT)
        and ticket.confidentiality is Confidentiality.OPEN,
        "flag": ticket.has_contact,
    }


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("agent_tickets.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
