"""The supervisor's page on what the machine's dispatching is worth, the lists behind its numbers, and its tables."""

from flask import Blueprint, Response, render_template, request, url_for

from hotline import clock
from hotline.errors import NotFound
from hotline.supervision.guess_outcomes import PARTS, Slice, tickets_of
from hotline.supervision.guess_tallies import WEEK, monday, whole_weeks
from hotline.supervision.rates import number_of
from hotline.supervision.scope import Scope, read_scope
from hotline.tickets.find import newest_page
from hotline.web.access import me
from hotline.web.classifier_shown import asked_days, csv_lines, heading, page_values, table_lines
from hotline.web.shown import page_of
from hotline.web.supervisor_board import asked_unit

blueprint = Blueprint("classifier_board", __name__, url_prefix="/board/classifier")
WEEKS = 8
"""Shown when no period is asked for (default)."""
NARROWING = ("part", "department", "guessed", "sure", "model")
NOTE = "统计每夜更新一次，本列表是现在的情况，件数可能已有变化。"


@blueprint.get("")
def page() -> str:
    """All tables of a period of whole weeks."""
    return render_template("supervisor/classifier.html", **page_values(asked_weeks(), me()))


@blueprint.get("/tickets")
def ticket_list() -> str:
    """The list behind a number."""
    scope, some = asked_weeks(), asked_slice()
    query = tickets_of(scope, some)
    asked = {name: request.args[name] for name in NARROWING if name in request.args}
    found = page_of(newest_page(query, request.args.get("after")), ".ticket_list", **asked, **asked_days(scope))
    return render_template(
        "supervisor/list.html",
        heading=heading(scope, some),
        note=NOTE,
        total=number_of(query),
        rows=found.rows,
        newer=found.newer,
        older=found.older,
        back_url=url_for(".page", **asked_days(scope)),
        export_url_csv=None,
        export_url_xlsx=None,
    )


@blueprint.get("/export")
def export() -> Response:
    """The table by week or by department as a csv file."""
    table = request.args.get("table", "weeks")
    if table not in ("weeks", "departments"):
        raise NotFound("没有这张表。")
    scope = asked_weeks()
    answer = Response(csv_lines(table_lines(table, scope)), mimetype="text/csv; charset=utf-8")
    name = f"智能派单-{scope.first:%Y%m%d}-{scope.last:%Y%m%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def asked_weeks() -> Scope:
    """The weeks of the address, the last eight where none are named."""
    moment = clock.now()
    eight = monday(clock.city_day(moment)) - (WEEKS - 1) * WEEK
    given = request.args.get("from", "") or eight.isoformat(), request.args.get("to", "")
    return whole_weeks(read_scope(given, None, moment))


def asked_slice() -> Slice:
    """Which tickets are wanted. Raises `NotFound`."""
    part = request.args.get("part", "read")
    if part not in PARTS:
        raise NotFound("没有这项统计。")
    unit, guessed = (asked_unit(request.args.get(name, "")) for name in ("department", "guessed"))
    sure, model = min(max(request.args.get("sure", 0, type=int), 0), 100), request.args.get("model", "")[:60]
    return Slice(part, unit, guessed, sure, model.replace("\x00", ""))
