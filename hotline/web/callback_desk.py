"""The callback desk: ask the requester how it went, close what nobody answers, verify a rectification."""

from typing import TypeVar

from flask import Blueprint, Response, render_template, url_for

from hotline.errors import BadInput
from hotline.models import Ticket
from hotline.models.words import Grade, Labelled, Solved
from hotline.people.accounts import Person
from hotline.tickets import call_back, rate
from hotline.web import callback_shown
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed, fragment, wants_fragment
from hotline.web.desk_lists import chosen, list_page, refresh_url, tabs_of
from hotline.web.form_reading import typed

blueprint = Blueprint("callback_desk", __name__)
LIST = "callback_desk.ticket_list"
YES_OR_NO = {"yes": True, "no": False}
Word = TypeVar("Word", bound=Labelled)


@blueprint.get("/callback")
def ticket_list() -> str | Response:
    """Whom to call, the most pressing first; a fragment for the live page."""
    drawers = callback_shown.drawers(me())
    tab = chosen(drawers)
    page = list_page(drawers, tab, LIST)
    if wants_fragment():
        return fragment(render_template("callback/_rows.html", **vars(page)))
    return render_template(
        "callback/list.html", **vars(page), tabs=tabs_of(drawers, tab, LIST),
        refresh_url=refresh_url(tab, LIST),
    )  # fmt: skip


@blueprint.get("/callback/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket to call about; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/callback/<int:ticket_no>")
def record_callback(ticket_no: int) -> Answer:
    """One call: not connected, or the three answers."""
    return desk.act(ticket_no, lambda t, p: call_back.record_callback(t, p, callback_form()), "回访已保存。")


@blueprint.post("/callback/<int:ticket_no>/unreached")
def close_unreached(ticket_no: int) -> Answer:
    """按未接通或无联系方式结案."""
    return desk.act(ticket_no, call_back.close_unreached, "已结案，结案原因已记录。")


@blueprint.post("/callback/<int:ticket_no>/rectification")
def verify_rectification(ticket_no: int) -> Answer:
    """核实整改."""

    def verified(ticket: Ticket, person: Person) -> None:
        done = chosen_of("verified")
        if done is None:
            raise BadInput(verified="请选择整改是否属实。")
        rate.verify_rectification(ticket, person, done=done, note=typed("note", 1000))

    return desk.act(ticket_no, verified, "核实结果已保存。")


def callback_form() -> call_back.CallbackForm:
    """The call as recorded. Raises `BadInput` when it isn't said whether it was connected."""
    connected = chosen_of("connected")
    if connected is None:
        raise BadInput(connected="请选择电话是否接通。")
    if not connected:
        return call_back.CallbackForm(False, note=typed("note", 1000))
    return call_back.CallbackForm(
        True, chosen_of("contacted"), word("solved", Solved), word("satisfied", Grade), typed("note", 1000)
    )


def chosen_of(name: str) -> bool | None:
    """A yes or no, None when neither was chosen."""
    return YES_OR_NO.get(typed(name, 3))


def word(name: str, kind: type[Word]) -> Word | None:
    """A member of a closed list, None when none was chosen."""
    value = typed(name, 8)
    return kind(value) if value in set(kind) else None


def page(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    return render_template("callback/ticket.html", **callback_shown.ticket_page(ticket, me()), **again.variables())


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("callback_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
