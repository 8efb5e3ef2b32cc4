"""Who works on a ticket asks the grid to look or to help, and reads its reports: a unit, or the hotline's desk.

The same address is a part of the ticket's page, fetched beside it, and a page of its own with the form.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from hotline.database import transaction
from hotline.errors import BadInput, IllegalStep
from hotline.models.words import Step
from hotline.tickets.acting import offered, share_of
from hotline.tickets.find import ticket_for
from hotline.tickets.grid import GridForm, ask_grid
from hotline.web.access import me, open_to
from hotline.web.answering import Answer, fragment, wants_fragment
from hotline.web.form_reading import form_again, typed
from hotline.web.grid_shown import grid_page

blueprint = Blueprint("grid_asking", __name__)
UNIT, DESK = "department_desk.ticket_page", "dispatch_desk.ticket_page"


@blueprint.get("/department/<int:ticket_no>/grid")
@open_to("departments")
def unit_page(ticket_no: int) -> str | Response:
    """What the grid did for a ticket of this unit."""
    return page(ticket_no, UNIT, {}, {})


@blueprint.get("/dispatch/<int:ticket_no>/grid")
def desk_page(ticket_no: int) -> str | Response:
    """What the grid did for a ticket."""
    return page(ticket_no, DESK, {}, {})


@blueprint.post("/department/<int:ticket_no>/grid")
@open_to("departments")
def ask_for_unit(ticket_no: int) -> Answer:
    """请网格核实, by a unit."""
    return asked(ticket_no, UNIT)


@blueprint.post("/dispatch/<int:ticket_no>/grid")
def ask_for_desk(ticket_no: int) -> Answer:
    """请网格核实, by the hotline."""
    return asked(ticket_no, DESK)


def asked(ticket_no: int, back: str) -> Answer:
    """Ask, and go back to the ticket; or the form again with what was typed."""
    try:
        with transaction():
            form = GridForm(typed("cell", 60), typed("kind", 24), typed("words", 1000))
            ask_grid(ticket_for(me(), ticket_no), me(), form)
    except (BadInput, IllegalStep) as problem:
        flash(problem.sentence, "bad")
        return str(page(ticket_no, back, form_again(), problem.fields)), problem.status
    flash("已交给网格员，反馈会显示在工单页。", "ok")
    return redirect(url_for(back, ticket_no=ticket_no), code=303)  # type: ignore[return-value]


def page(ticket_no: int, back: str, form: Mapping[str, str], errors: Mapping[str, str]) -> str | Response:
    """The page, or its list alone for the ticket's page."""
    ticket = ticket_for(me(), ticket_no)
    may_ask = Step.ASK_GRID in offered(me(), ticket) or share_of(me(), ticket) is not None
    grid_url = url_for(".unit_page" if back == UNIT else ".desk_page", ticket_no=ticket_no)
    shown = grid_page(ticket, me(), may_ask=may_ask) | {"grid_url": grid_url}
    if wants_fragment():
        return fragment(render_template("ticket/_grid.html", **shown))
    back_url = url_for(back, ticket_no=ticket_no)
    return render_template("ticket/grid.html", **shown, back_url=back_url, form=form, errors=errors)
