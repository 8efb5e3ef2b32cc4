"""The supervisor's page of how well was dispatched: by the machine and by each person, every number with its list."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Select, select

from hotline import clock
from hotline.database import session
from hotline.errors import NotFound
from hotline.models import JournalEntry, Staff, Ticket
from hotline.supervision.rates import DISPATCHING, NOTHING, Count, Part, count_figures, listed, number_of
from hotline.supervision.scope import Scope, read_scope
from hotline.tickets.find import newest_page
from hotline.web.board_shown import heading
from hotline.web.shown import page_of

blueprint = Blueprint("dispatching_board", __name__, url_prefix="/board/dispatching")
MACHINE, MACHINE_WORDS = "0", "智能派单"
FIGURES = {figure.key: figure for figure in DISPATCHING}


@dataclass(frozen=True)
class RateShown:
    """One rate of one dispatcher, with the addresses of its lists."""

    counted: int
    among: int
    excluded: int
    rate: float | None
    url: str
    among_url: str
    excluded_url: str


@dataclass(frozen=True)
class DispatcherShown:
    """The machine, or one person, with all rates in order."""

    name: str
    rates: list[RateShown]


@blueprint.get("")
def page() -> str:
    """Accuracy of the first dispatch and returns, by whoever dispatched."""
    scope = asked_scope()
    found = count_figures(DISPATCHING, scope, JournalEntry.actor_id)
    names = dict(session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(filter(None, found)))).all())
    return render_template(
        "supervisor/dispatching.html", date_from=scope.first, date_to=scope.last,
        labels=[figure.label for figure in DISPATCHING],
        definitions=[(figure.label, figure.definition()) for figure in DISPATCHING],
        lines=[line(names.get(who, MACHINE_WORDS), who, found[who], scope) for who in sorted(found, key=order)],
    )  # fmt: skip


@blueprint.get("/tickets")
def ticket_list() -> str:
    """The tickets behind a number."""
    key, part, who = (request.args.get(name, value) for name, value in (
        ("figure", DISPATCHING[0].key), ("part", Part.ALL.value), ("who", MACHINE)))  # fmt: skip
    if key not in FIGURES or part not in set(Part) or not (who.isascii() and who.isdigit() and len(who) < 10):
        raise NotFound("没有这项统计。")
    scope, figure = asked_scope(), FIGURES[key]
    query = sent_by(listed(figure, Part(part), scope), int(who))
    arguments = period(scope) | {"figure": key, "part": part, "who": who}
    found = page_of(newest_page(query, request.args.get("after")), "dispatching_board.ticket_list", **arguments)
    return render_template(
        "supervisor/list.html", heading=f"{heading(figure, Part(part), scope)} · {name_of(int(who))}", note="",
        total=number_of(query), rows=found.rows, newer=found.newer, older=found.older,
        back_url=url_for(".page", **period(scope)), export_url_csv=None, export_url_xlsx=None,
    )  # fmt: skip


def asked_scope() -> Scope:
    """The days of the address."""
    return read_scope((request.args.get("from", ""), request.args.get("to", "")), None, clock.now())


def period(scope: Scope) -> dict[str, str]:
    """The days as the arguments of an address."""
    return {"from": scope.first.isoformat(), "to": scope.last.isoformat()}


def sent_by(query: Select[tuple[Ticket]], who: int) -> Select[tuple[Ticket]]:
    """Those of the tickets that this person, or the machine, dispatched first."""
    return query.where(JournalEntry.actor_id == who if who else JournalEntry.actor_id.is_(None))


def name_of(who: int) -> str:
    """The person's name, or the machine's."""
    found = session().get(Staff, who) if who else None
    return found.name if found else MACHINE_WORDS


def order(who: int | None) -> int:
    """The machine first, then people as they came."""
    return who or 0


def line(name: str, who: int | None, counts: dict[str, Count], scope: Scope) -> DispatcherShown:
    """One dispatcher's rates."""

    def url(key: str, part: Part) -> str:
        return url_for(".ticket_list", figure=key, part=part.value, who=who or MACHINE, **period(scope))

    shown = []
    for key in FIGURES:
        one = counts.get(key, NOTHING)
        urls = url(key, Part.COUNTED), url(key, Part.ALL), url(key, Part.EXCLUDED)
        shown.append(RateShown(one.counted, one.among, sum(one.excluded.values()), one.rate, *urls))
    return DispatcherShown(name, shown)
