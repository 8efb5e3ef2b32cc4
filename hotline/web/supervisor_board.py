"""The supervisor's board: figures by department and period, the very list behind each, a ticket to read, exports."""

import tempfile

from flask import Blueprint, Response, render_template, request, send_file, stream_with_context, url_for
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.errors import BadInput, NotFound
from hotline.models import Asked, Ticket
from hotline.models.words import Decision
from hotline.supervision.export import csv_of, write_xlsx
from hotline.supervision.pressed_figures import any_figure
from hotline.supervision.rates import Figure, Part, listed, number_of
from hotline.supervision.scope import UNDISPATCHED, Scope, read_scope
from hotline.tickets.find import newest_page, open_page, ticket_for
from hotline.tickets.reveal import log_look
from hotline.tickets.rulebook import rules
from hotline.web.access import me
from hotline.web.answering import note_view
from hotline.web.board_shown import NOBODY, asked_for, board_page, figures_fragment, heading
from hotline.web.shown import View, identity_shown, journal_of, page_of, ticket_shown
from hotline.web.ticket_files import revealed

blueprint = Blueprint("supervisor_board", __name__, url_prefix="/board")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def board() -> str:
    """All figures of a period."""
    return render_template("supervisor/board.html", **board_page(asked_scope()))


@blueprint.get("/figures")
def figures() -> str:
    """The figures alone, fetched again when something changed."""
    return render_template("supervisor/_figures.html", **figures_fragment(asked_scope()))


@blueprint.get("/tickets")
def ticket_list() -> str:
    """The list behind a number."""
    figure, part, scope = asked_figure()
    query, after = listed(figure, part, scope), request.args.get("after")
    found = open_page(query, after) if figure.source.live else newest_page(query, after)
    arguments = {"figure": figure.key, "part": part.value, **asked_for(scope)}
    page = page_of(found, "supervisor_board.ticket_list", **arguments)
    return render_template(
        "supervisor/list.html",
        heading=heading(figure, part, scope),
        note="",
        total=number_of(listed(figure, part, scope)),
        rows=page.rows,
        newer=page.newer,
        older=page.older,
        back_url=url_for(".board", **asked_for(scope)),
        export_url_csv=url_for(".export", format="csv", **arguments),
        export_url_xlsx=url_for(".export", format="xlsx", **arguments),
    )


@blueprint.get("/tickets/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str:
    """A ticket to read: demand, requester, journal."""
    ticket = ticket_for(me(), ticket_no)
    view = View(me(), reveal=revealed(ticket_no))
    page = render_template(
        "supervisor/ticket.html",
        ticket=ticket_shown(ticket, view),
        viewers=[],
        identity=identity_shown(ticket, view),
        unmask_url=url_for("ticket_files.reveal_identity", ticket_no=ticket_no),
        journal=journal_of(ticket_no),
        decide_url=decide_url(ticket),
    )
    note_view(ticket)
    return page


@blueprint.get("/export")
def export() -> Response:
    """The same list as a file; who took what is kept in the access log."""
    figure, part, scope = asked_figure()
    kind = request.args.get("format", "csv")
    if kind not in ("csv", "xlsx"):
        raise BadInput("请选择导出csv或xlsx。")
    query = listed(figure, part, scope)
    with transaction():
        log_look(me(), None, "export", f"{heading(figure, part, scope)}（{kind}）")
    name = f"{figure.label}-{scope.first:%Y%m%d}-{scope.last:%Y%m%d}.{kind}"
    if kind == "csv":
        answer = Response(stream_with_context(csv_of(query)), mimetype="text/csv; charset=utf-8")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response when it is sent
    write_xlsx(query, file)
    file.seek(0)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def asked_scope() -> Scope:
    """The days and the department of the address."""
    given = request.args.get("from", ""), request.args.get("to", "")
    return read_scope(given, asked_unit(request.args.get("department", "")), clock.now())


def asked_unit(code: str) -> int | None:
    """A department's id. Raises `NotFound` for a code nobody has."""
    if not code:
        return None
    if code == NOBODY:
        return UNDISPATCHED
    if code not in rules().departments:
        raise NotFound("没有这个单位。")
    return rules().departments[code]


def asked_figure() -> tuple[Figure, Part, Scope]:
    """Which list is wanted."""
    part = request.args.get("part", Part.COUNTED.value)
    if part not in set(Part):
        raise NotFound("没有这项统计。")
    return any_figure(request.args.get("figure", "")), Part(part), asked_scope()


def decide_url(ticket: Ticket) -> str | None:
    """The page on which a waiting request of the department is decided."""
    waiting = select(Asked.id).where(Asked.ticket_no == ticket.ticket_no, Asked.decision == Decision.PENDING)
    if session().execute(waiting.limit(1)).first() is None:
        return None
    return url_for("dispatch_desk.ticket_page", ticket_no=ticket.ticket_no)
