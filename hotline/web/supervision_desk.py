"""The supervisor's desk of urging, supervision, the ladder and the ledgers: lists, and one ticket with its forms."""

from datetime import date

from flask import Blueprint, Response, render_template, request, url_for

from hotline.errors import BadInput, NotFound
from hotline.models import Ticket
from hotline.models.reminder_words import ReminderKind, SummonsKind, SupervisionReason
from hotline.people.accounts import Person
from hotline.supervision.ledgers import LEDGERS
from hotline.tickets import acknowledging, pressing, summoning
from hotline.web import supervision_shown
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed
from hotline.web.form_reading import ticked, typed, whole_number
from hotline.web.supervisor_board import asked_scope, asked_unit

blueprint = Blueprint("supervision_desk", __name__, url_prefix="/supervision")


@blueprint.get("")
def page() -> str:
    """The open urgings and supervisions, by unit and kind; the figures of a period on top."""
    code, kind = request.args.get("department", ""), request.args.get("kind", "")
    if kind and kind not in set(ReminderKind):
        raise NotFound("没有这种催办督办。")
    asked = {name: value for name, value in (("department", code), ("kind", kind)) if value}
    shown = supervision_shown.reminder_page(asked_unit(code), ReminderKind(kind) if kind else None, asked)
    figures = [] if "after" in request.args else supervision_shown.figures(asked_scope())
    return render_template("supervision/list.html", **shown, figures=figures)


@blueprint.get("/ladder")
def ladder() -> str:
    """Whom the ladder would press, and why."""
    return render_template("supervision/ladder.html", **supervision_shown.ladder_page())


@blueprint.get("/ledgers/<name>")
def ledger(name: str) -> str:
    """久拖不决, 推诿扯皮, 办理不力."""
    if name not in LEDGERS:
        raise NotFound("没有这本台账。")
    return render_template("supervision/ledger.html", **supervision_shown.ledger_page(LEDGERS[name]))


@blueprint.get("/followers")
def followers() -> str:
    """并单差评 that nobody acknowledged."""
    return render_template("supervision/ledger.html", **supervision_shown.followers_page())


@blueprint.get("/summons")
def summons_list() -> str:
    """What is to be taken up or followed up."""
    return render_template("supervision/summons.html", **supervision_shown.summons_page())


@blueprint.get("/tickets/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket with all that was said to its departments."""
    return desk.show(ticket_no)


@blueprint.post("/tickets/<int:ticket_no>/urge")
def urge(ticket_no: int) -> Answer:
    """催办."""
    return desk.act(ticket_no, lambda t, p: pressing.urge(t, p, typed("words", 1000)), "已催办。", "urge")


@blueprint.post("/tickets/<int:ticket_no>/supervise")
def supervise(ticket_no: int) -> Answer:
    """督办、联合督办、挂牌督办."""
    return desk.act(ticket_no, lambda t, p: pressing.supervise(t, p, supervision_form()), "已督办。", "supervise")


@blueprint.post("/tickets/<int:ticket_no>/reminders/<int:reminder_id>/end")
def end_supervision(ticket_no: int, reminder_id: int) -> Answer:
    """督办办结."""
    return desk.act(
        ticket_no, lambda t, p: pressing.end_supervision(t, p, reminder_id, typed("words", 1000)), "督办已办结。",
        f"end-{reminder_id}",
    )  # fmt: skip


@blueprint.post("/tickets/<int:ticket_no>/review")
def acknowledge_review(ticket_no: int) -> Answer:
    """阅处并单差评."""
    return desk.act(
        ticket_no, lambda t, p: acknowledging.acknowledge_review(t, p, typed("words", 1000)), "差评已阅处。", "review"
    )  # fmt: skip


@blueprint.post("/tickets/<int:ticket_no>/summons")
def propose_summons(ticket_no: int) -> Answer:
    """约谈或通报, wanted by the supervisor."""

    def proposed(ticket: Ticket, person: Person) -> None:
        kind = typed("kind", 16)
        if kind not in set(SummonsKind):
            raise BadInput(kind="请选择约谈或通报。")
        summoning.propose_by_hand(ticket, person, SummonsKind(kind), typed("reason", 1000))

    return desk.act(ticket_no, proposed, "已列入约谈通报台账。", "summons")


@blueprint.post("/tickets/<int:ticket_no>/summons/<int:summons_id>")
def take_up_summons(ticket_no: int, summons_id: int) -> Answer:
    """An interview or a notice as it was held; a listing becomes a listed supervision."""

    def taken_up(ticket: Ticket, person: Person) -> None:
        form = summoning.SummonsForm(
            read_day("held_on"), typed("persons", 500), typed("commitments", 2000), read_day("follow_up_on"),
            [whole_number(one) or 0 for one in request.form.getlist("also")],
        )  # fmt: skip
        summoning.take_up(ticket, person, summons_id, form)

    return desk.act(ticket_no, taken_up, "已登记。", f"take-up-{summons_id}")


@blueprint.post("/tickets/<int:ticket_no>/summons/<int:summons_id>/done")
def finish_summons(ticket_no: int, summons_id: int) -> Answer:
    """Followed up, or dropped with a reason."""
    return desk.act(
        ticket_no, lambda t, p: summoning.finish(t, p, summons_id, typed("outcome", 2000)), "已办结。",
        f"finish-{summons_id}",
    )  # fmt: skip


def supervision_form() -> pressing.SupervisionForm:
    """The supervision as typed."""
    reason = typed("reason", 32)
    if reason not in set(SupervisionReason):
        raise BadInput(reason="请选择督办事由。")
    units = [whole_number(one) or 0 for one in request.form.getlist("units")]
    return pressing.SupervisionForm(SupervisionReason(reason), typed("words", 1000), units, ticked("listed"))


def read_day(name: str) -> date | None:
    """A day as typed, None when it is none."""
    try:
        return date.fromisoformat(typed(name, 10))
    except ValueError:
        return None


def page_of_ticket(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    shown = supervision_shown.ticket_page(ticket, me())
    chosen = request.form.getlist("units") or [unit for unit, _ in shown["units"][:1]]
    ticked_again = {"chosen": chosen, "also": request.form.getlist("also")}
    return render_template("supervision/ticket.html", **shown, **again.variables(), **ticked_again)


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("supervision_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page_of_ticket, address)
