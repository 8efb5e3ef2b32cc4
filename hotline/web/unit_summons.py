"""What a unit sees of its interviews and notices (约谈、通报): on a ticket's page, and all that are not done in a ledger."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import ColumnElement, select

from hotline.database import session
from hotline.models import Summons, Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.find import held, keyed_rows
from hotline.tickets.respondent import not_accusing
from hotline.tickets.summoning import TOLD
from hotline.web.access import me
from hotline.web.shown import JournalLine, row_of
from hotline.web.supervision_shown import SummonsRow, summons_row

blueprint = Blueprint("unit_summons", __name__)
LIST = "unit_summons.summons_list"


@blueprint.get("/department/summons")
def summons_list() -> str:
    """约谈通报, the oldest first; a ticket that is no longer the unit's is named by its number alone."""
    units = me().unit_ids()
    query = select(Summons, Ticket, held(units, Ticket.ticket_no)).join(Ticket, Ticket.ticket_no == Summons.ticket_no)
    query = query.where(*_to_units(me()), Summons.done_at.is_(None), not_accusing(units))
    found, older = keyed_rows(query, {Summons.id: int}, request.args.get("after"))
    shown: dict[str, Any] = {
        "rows": [(summons_row(row), row_of(ticket, units) if ours else None) for row, ticket, ours in found],
        "older": url_for(LIST, after=older) if older else None,
        "newer": url_for(LIST) if "after" in request.args else None,
    }
    return render_template("department/summons.html", **shown)


def summonses_to(ticket: Ticket, person: Person, journal: Sequence[JournalLine]) -> Sequence[SummonsRow]:
    """What a unit was told on this ticket, newest first; nothing is read where the journal knows of none."""
    if all(line.words != Step.SUMMON.label for line in journal):
        return []
    query = select(Summons).where(Summons.ticket_no == ticket.ticket_no, *_to_units(person))
    return [summons_row(row) for row in session().execute(query.order_by(Summons.id.desc())).scalars()]


def _to_units(person: Person) -> tuple[ColumnElement[bool], ...]:
    """Held and written down, of the kinds a unit hears of; what is only proposed is the supervisor's."""
    mine = Summons.department_id.in_(person.unit_ids())
    return mine, Summons.kind.in_(TOLD), Summons.taken_up_at.is_not(None)
