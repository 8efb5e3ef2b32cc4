"""The supervisor's page of duty list and practice: where they disagree, what the list gets wrong, how often each
row decided; every number opens its tickets."""

import re
from datetime import timedelta

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from sqlalchemy import Select, select

from hotline import clock
from hotline.clock import city_day
from hotline.database import transaction
from hotline.errors import NotFound
from hotline.models import Ticket
from hotline.supervision.export import csv_of
from hotline.supervision.scope import Scope, read_scope
from hotline.supervision.settled_cases import DAYS, Comparison, Part, Slice, compare_settled
from hotline.tickets.find import newest_page
from hotline.tickets.reveal import log_look
from hotline.web.access import me
from hotline.web.duty_list_shown import arguments_of, comparison_page, slice_heading
from hotline.web.shown import page_of

blueprint = Blueprint("duty_list_page", __name__, url_prefix="/board/duty-list")


@blueprint.get("")
def comparison() -> str:
    """The duty list beside what was done in a period."""
    scope = asked_period()
    return render_template("supervisor/duty_list.html", **comparison_page(compare_settled(scope), scope))


@blueprint.get("/tickets")
def ticket_list() -> str:
    """The tickets behind a number."""
    scope, wanted = asked_period(), asked_slice()
    numbers = compare_settled(scope).numbers(wanted)
    arguments = arguments_of(scope, wanted)
    page = page_of(
        newest_page(tickets(numbers), request.args.get("after")), "duty_list_page.ticket_list", **arguments
    )
    return render_template(
        "supervisor/list.html",
        heading=slice_heading(scope, wanted),
        note="",
        total=len(numbers),
        rows=page.rows,
        newer=page.newer,
        older=page.older,
        back_url=url_for(".comparison", **{"from": arguments["from"], "to": arguments["to"]}),
        export_url_csv=url_for(".export", **arguments),
        export_url_xlsx=None,
    )


@blueprint.get("/export")
def export() -> Response:
    """The same tickets as a file; who took what is kept in the access log."""
    scope, wanted = asked_period(), asked_slice()
    found: Comparison = compare_settled(scope)
    with transaction():
        log_look(me(), None, "export", f"{slice_heading(scope, wanted)}（csv）")
    rows = stream_with_context(csv_of(tickets(found.numbers(wanted))))
    answer = Response(rows, mimetype="text/csv; charset=utf-8")
    name = f"清单与实际-{scope.first:%Y%m%d}-{scope.last:%Y%m%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def tickets(numbers: list[int]) -> Select[tuple[Ticket]]:
    """These tickets."""
    return select(Ticket).where(Ticket.ticket_no.in_(numbers))


def asked_period() -> Scope:
    """The days of the address; the last ninety where none is given."""
    now = clock.now()
    first = request.args.get("from") or (city_day(now) - timedelta(days=DAYS - 1)).isoformat()
    return read_scope((first, request.args.get("to", "")), None, now)


def asked_slice() -> Slice:
    """Which tickets are wanted. Raises `NotFound`."""
    part, row = request.args.get("part", Part.ALL.value), request.args.get("row", "")
    if part not in set(Part) or not re.fullmatch(r"[0-9]{0,9}", row):
        raise NotFound("没有这项统计。")
    matter, department = request.args.get("matter"), request.args.get("department")
    return Slice(Part(part), int(row) if row else None, matter or None, department or None)
