"""The department's desk: sign, contact, ask for return, extension, suspension or termination, reply, submit,
rectify."""

from collections.abc import Callable
from datetime import date
from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from hotline import clock
from hotline.channels.uploads import keep_files
from hotline.database import transaction
from hotline.errors import BadInput, IllegalStep
from hotline.models import Ticket
from hotline.people.accounts import Person
from hotline.tickets import extending, handle, requesting, returning, suspending, terminating
from hotline.tickets.acting import share_of
from hotline.tickets.find import ticket_for
from hotline.web import department_shown
from hotline.web.access import me
from hotline.web.answering import Answer, Desk, Typed, fragment, wants_fragment
from hotline.web.desk_lists import chosen, list_page, refresh_url, tabs_of
from hotline.web.dispatch_form import read_unit
from hotline.web.form_reading import number, typed, uploads, whole_number
from hotline.web.meeting_shown import invitations_shown
from hotline.web.shares_shown import helping_page
from routing.time_limits import Due

blueprint = Blueprint("department_desk", __name__)
LIST = department_shown.LIST
MOST_AT_ONCE = 50
FACTS = {"true": True, "partly": None, "false": False}


@blueprint.get("/department")
def ticket_list() -> str | Response:
    """The unit's own tickets, the most pressing first; a fragment for the live page."""
    drawers = department_shown.drawers(me())
    tab = chosen(drawers)
    helping = tab == "helping"
    after, units = request.args.get("after"), me().unit_ids()
    found = helping_page(me(), LIST, after) if helping else list_page(drawers, tab, LIST, units)
    rows = {**vars(found), "may_sign_many": tab == "to_sign"}
    if wants_fragment():
        return fragment(render_template("department/_rows.html", **rows))
    return render_template(
        "department/list.html", **rows, tabs=tabs_of(drawers, tab, LIST), refresh_url=refresh_url(tab, LIST),
        department_name=department_shown.department_name(me()), topic=department_shown.topic(me()),
        meetings=invitations_shown(me()),
    )  # fmt: skip


@blueprint.get("/department/find")
def find_ticket() -> Response:
    """The search box of the top bar: a whole ticket number of this unit."""
    return desk.find(LIST)


@blueprint.post("/department/sign")
def sign_many() -> Response:
    """Sign all chosen tickets; those a colleague signed meanwhile are only counted."""
    written = map(whole_number, request.form.getlist("ticket_no"))
    numbers = {no for no in written if no is not None}
    with transaction():
        tickets = [ticket_for(me(), no) for no in sorted(numbers)[:MOST_AT_ONCE]]
        signed, passed_over = handle.sign_many(tickets, me())
    others = f"，{passed_over}件状态已变化" if passed_over else ""
    flash(f"已签收{signed}件{others}。" if tickets else "请先选择要签收的工单。", "ok" if signed else "warn")
    return cast(Response, redirect(url_for(LIST), code=303))


@blueprint.get("/department/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket with what can be done; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/department/<int:ticket_no>/sign")
def sign(ticket_no: int) -> Answer:
    """签收."""
    return desk.act(ticket_no, handle.sign, "已签收，请及时联系诉求人。")


@blueprint.post("/department/<int:ticket_no>/contact")
def record_contact(ticket_no: int) -> Answer:
    """先行联系, reached or not."""

    def contacted(ticket: Ticket, person: Person) -> None:
        reached = answered("contacted")
        handle.contact(ticket, person, typed("contact_note", 1000), reached=reached)

    return desk.act(ticket_no, contacted, "联系情况已保存。", "contact")


@blueprint.post("/department/<int:ticket_no>/reply")
def reply(ticket_no: int) -> Answer:
    """The four parts of the reply, and its papers."""

    def written(ticket: Ticket, person: Person) -> None:
        files, share = uploads(), handle.my_share(ticket, person)
        handle.reply(ticket, person, reply_form())
        for row in keep_files(ticket_no, files, "department", person.id):
            row.department_id = share.department_id

    return desk.act(ticket_no, written, "办理反馈已保存，请负责人审核提交。")


@blueprint.post("/department/<int:ticket_no>/submit")
def submit_reply(ticket_no: int) -> Answer:
    """提交办结, by the department's lead; without the part of a helper who is late only with a reason."""
    return desk.act(
        ticket_no, lambda t, p: handle.submit(t, p, typed("without", 500)), "已提交，热线会审核并回访诉求人。", "submit"
    )  # fmt: skip


@blueprint.post("/department/<int:ticket_no>/send-back")
def send_back(ticket_no: int) -> Answer:
    """The lead wants the reply written again."""
    return desk.act(
        ticket_no,
        lambda t, p: handle.send_back(t, p, typed("words", 1000)),
        "已退回承办人修改。",
        "send-back",
    )


@blueprint.post("/department/<int:ticket_no>/return")
def ask_return(ticket_no: int) -> Answer:
    """申请退单."""
    return desk.act(
        ticket_no,
        lambda t, p: returning.ask_return(t, p, return_form()),
        "退单申请已提交，待热线审核。",
        "return",
    )


@blueprint.get("/department/<int:ticket_no>/extension-date")
def extension_date(ticket_no: int) -> str:
    """The date an extension would lead to, before it is asked for."""
    days = whole_number(request.args.get("days", "")) or 0

    def reckoned(ticket: Ticket) -> Due:
        return extending.proposed_extension(ticket, share_of(me(), ticket) or handle.lead_share(ticket), days)

    return new_date(ticket_no, "延期后的截止时间", reckoned)


@blueprint.get("/department/<int:ticket_no>/suspension-date")
def suspension_date(ticket_no: int) -> str:
    """The limit a suspension would lead to, before it is asked for."""
    written = request.args.get("next_on", "")
    return new_date(
        ticket_no, "如今天批准，恢复后的截止时间", lambda ticket: suspending.proposed(ticket, read_day(written))
    )  # fmt: skip


def new_date(ticket_no: int, what: str, reckoned: Callable[[Ticket], Due]) -> str:
    """A date as reckoned, or the sentence that says why there is none."""
    shown = {"what": what, "sentence": "", "new_due_words": "", "provisional": False}
    try:
        due = reckoned(ticket_for(me(), ticket_no))
        shown |= {"new_due_words": clock.shown(due.at), "provisional": due.provisional}
    except (IllegalStep, BadInput) as problem:
        shown["sentence"] = next(iter(problem.fields.values()), problem.sentence)
    return render_template("department/_new_date.html", **shown)


@blueprint.post("/department/<int:ticket_no>/extension")
def ask_extension(ticket_no: int) -> Answer:
    """申请延期."""

    def asked(ticket: Ticket, person: Person) -> None:
        form = extending.ExtensionForm(typed("reason", 1000), typed("basis", 200), number("days") or 0)
        extending.ask_extension(ticket, person, form)

    return desk.act(ticket_no, asked, "延期申请已提交，待热线审批。", "extension")


@blueprint.post("/department/<int:ticket_no>/suspension")
def ask_suspension(ticket_no: int) -> Answer:
    """申请挂起."""

    def asked(ticket: Ticket, person: Person) -> None:
        plan, next_on = typed("plan", 1000), read_day(typed("next_on", 10))
        form = suspending.SuspensionForm(typed("reason", 1000), typed("basis", 200), plan, next_on)
        suspending.ask_suspension(ticket, person, form)

    return desk.act(ticket_no, asked, "挂起申请已提交，待督办员审批。", "suspension")


@blueprint.post("/department/<int:ticket_no>/resume")
def resume(ticket_no: int) -> Answer:
    """恢复办理 before the next date."""
    return desk.act(ticket_no, suspending.resume, "已恢复办理，时限继续计算。")


@blueprint.post("/department/<int:ticket_no>/termination")
def ask_termination(ticket_no: int) -> Answer:
    """申请终止."""

    def asked(ticket: Ticket, person: Person) -> None:
        terminating.ask_termination(ticket, person, requesting.AskForm(typed("reason", 1000), typed("basis", 200)))

    return desk.act(ticket_no, asked, "终止申请已提交，待督办员审批。", "termination")


@blueprint.post("/department/<int:ticket_no>/rectified")
def report_rectified(ticket_no: int) -> Answer:
    """差评整改: whom the department spoke to, what it did, what it answers."""

    def rectified(ticket: Ticket, person: Person) -> None:
        reached = answered("contacted")
        handle.contact_reviewer(ticket, person, typed("contact_note", 1000), reached=reached)
        handle.rectify(ticket, person, typed("handling", 5000), typed("public_reply", 5000))

    return desk.act(ticket_no, rectified, "整改结果已提交，待热线核实。", "rectified")


def reply_form() -> handle.ReplyForm:
    """The reply as typed. Raises `BadInput` when a choice is missing."""
    fact = typed("fact_true", 8)
    if fact not in FACTS:
        raise BadInput(fact_true="请选择事实认定。")
    return handle.ReplyForm(
        answered("contacted"), typed("contact_note", 1000), FACTS[fact], typed("facts", 5000),
        typed("handling", 5000), typed("public_reply", 5000),
    )  # fmt: skip


def return_form() -> requesting.ReturnForm:
    """The request to return as typed."""
    return requesting.ReturnForm(
        typed("reason_code", 32), typed("reason", 1000), typed("basis", 200), read_unit("proposed_department")
    )


def read_day(written: str) -> date:
    """The next date of a suspension. Raises `BadInput` when it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadInput(next_on="请选择下次办理日期。") from None


def answered(name: str) -> bool:
    """A yes or no. Raises `BadInput` when neither was chosen."""
    choice = typed(name, 3)
    if choice not in ("yes", "no"):
        raise BadInput(**{name: "请选择是或否。"})
    return choice == "yes"


def page(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    return render_template("department/ticket.html", **department_shown.ticket_page(ticket, me()), **again.variables())


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("department_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
