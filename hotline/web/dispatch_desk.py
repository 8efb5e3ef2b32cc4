"""The dispatcher's desk: dispatch, ask for more, refuse, merge, answer, decide what departments ask, check
replies."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from hotline.errors import BadInput, IllegalStep, NotFound
from hotline.models import Ticket
from hotline.models.words import AskKind, Step
from hotline.people.accounts import Person
from hotline.tickets import checking, ending, extending, reopening, returning, sharing, suspending, terminating
from hotline.tickets.acting import acting
from hotline.tickets.alarming import answer_alarm as answer
from hotline.tickets.dispatch import dispatch
from hotline.tickets.find import read_number, ticket_for
from hotline.tickets.merge import merge as merge_tickets
from hotline.tickets.refusing import refuse as refuse_ticket
from hotline.tickets.respondent import name_respondent
from hotline.tickets.supplement import supplement
from hotline.tickets.unmerging import unmerge as unmerge_ticket
from hotline.web import alike_shown, dispatch_shown
from hotline.web.access import me
from hotline.web.alarms_shown import top_alarms
from hotline.web.answering import Answer, Desk, Typed, fragment, wants_fragment
from hotline.web.desk_lists import chosen, list_page, refresh_url, tabs_of
from hotline.web.dispatch_form import read_citation, read_order, read_respondent, read_unit
from hotline.web.form_reading import typed

blueprint = Blueprint("dispatch_desk", __name__)
LIST = "dispatch_desk.ticket_list"


@blueprint.get("/dispatch")
def ticket_list() -> str | Response:
    """The queues, the most pressing first; a fragment for the live page."""
    drawers = dispatch_shown.drawers()
    tab = chosen(drawers)
    page = list_page(drawers, tab, LIST)
    if wants_fragment():
        return fragment(render_template("dispatch/_rows.html", **vars(page)))
    return render_template(
        "dispatch/list.html", **vars(page), tabs=tabs_of(drawers, tab, LIST),
        alarms=top_alarms(), groups=alike_shown.top_groups(), refresh_url=refresh_url(tab, LIST),
    )  # fmt: skip


@blueprint.get("/dispatch/find")
def find_ticket() -> Response:
    """The search box of the top bar: a whole ticket number."""
    return desk.find(LIST)


@blueprint.get("/dispatch/<int:ticket_no>")
def ticket_page(ticket_no: int) -> str | Response:
    """One ticket with what can be done; its journal alone for the live page."""
    return desk.show(ticket_no)


@blueprint.post("/dispatch/<int:ticket_no>/dispatch")
def dispatch_ticket(ticket_no: int) -> Answer:
    """派单."""
    return desk.act(ticket_no, send_out, "已派单，承办单位会收到通知。")


@blueprint.post("/dispatch/<int:ticket_no>/ask-more")
def ask_more(ticket_no: int) -> Answer:
    """要求补充."""
    return desk.act(
        ticket_no,
        lambda t, p: ending.ask_supplement(t, p, typed("question", 1000)),
        "已转待补充。",
        "ask-more",
    )


@blueprint.post("/dispatch/<int:ticket_no>/supplement")
def add_supplement(ticket_no: int) -> Answer:
    """What the requester told on being asked."""
    return desk.act(ticket_no, lambda t, p: supplement(t, p, typed("words", 5000)), "已补充，工单回到待派单。")


@blueprint.post("/dispatch/<int:ticket_no>/give-up")
def give_up(ticket_no: int) -> Answer:
    """补充无果."""
    return desk.act(ticket_no, lambda t, p: ending.give_up(t, p, typed("words", 1000)), "已按补充无果结束。", "give-up")


@blueprint.post("/dispatch/<int:ticket_no>/refuse")
def refuse(ticket_no: int) -> Answer:
    """不予受理."""
    return desk.act(
        ticket_no, lambda t, p: refuse_ticket(t, p, typed("words", 1000), typed("reason_code", 32), typed("route", 32)),
        "已不予受理，理由会告知诉求人。", "refuse",
    )  # fmt: skip


@blueprint.post("/dispatch/<int:ticket_no>/transfer")
def transfer(ticket_no: int) -> Answer:
    """已转紧急热线."""
    return desk.act(ticket_no, lambda t, p: hand_over(t, p, typed("line", 3)), "已记录，工单转紧急热线。", "transfer")


@blueprint.post("/dispatch/<int:ticket_no>/police")
def push_to_110(ticket_no: int) -> Answer:
    """A police matter goes to 110 by message."""
    return desk.act(ticket_no, lambda t, p: hand_over(t, p, "110"), "已移交110。", "police")


@blueprint.post("/dispatch/<int:ticket_no>/merge")
def merge(ticket_no: int) -> Answer:
    """并单."""
    return desk.act(ticket_no, merge_into, "已并单，诉求人会收到通知。", "merge")


@blueprint.post("/dispatch/<int:ticket_no>/unmerge")
def unmerge(ticket_no: int) -> Answer:
    """撤销并单."""
    return desk.act(
        ticket_no, lambda t, p: unmerge_ticket(t, p, typed("words", 1000)), "已撤销并单，该件单独办理。", "unmerge"
    )


@blueprint.post("/dispatch/<int:ticket_no>/answer")
def answer_directly(ticket_no: int) -> Answer:
    """直接答复."""
    return desk.act(
        ticket_no, lambda t, p: ending.answer_directly(t, p, typed("public_reply", 5000), read_citation()),
        "已答复，诉求人会收到评价邀请。", "answer",
    )  # fmt: skip


@blueprint.post("/dispatch/<int:ticket_no>/returns/<int:asked_id>")
def decide_return(ticket_no: int, asked_id: int) -> Answer:
    """同意或驳回退单; once granted, at once on to another department when one is chosen."""

    def decided(ticket: Ticket, person: Person) -> None:
        grant = granted(ticket, AskKind.RETURN, asked_id)
        words, unit = typed("words", 1000), read_unit("department")
        if helper := sharing.helpers_request(asked_id, AskKind.RETURN):
            sharing.decide_helpers_return(ticket, person, helper, sharing.Ruling(grant, words, unit))
            return
        returning.decide_return(ticket, person, grant=grant, note=words, department_id=unit if grant else None)

    return desk.act(ticket_no, decided, "退单申请已处理。")


@blueprint.post("/dispatch/<int:ticket_no>/extensions/<int:asked_id>")
def decide_extension(ticket_no: int, asked_id: int) -> Answer:
    """同意或驳回延期, of the lead or of a unit that helps."""
    helper = sharing.helpers_request(asked_id, AskKind.EXTENSION)

    def decide(ticket: Ticket, person: Person, **how: Any) -> None:
        if helper is None:
            extending.decide_extension(ticket, person, **how)
        else:
            extending.decide_helpers_extension(ticket, person, helper, **how)

    return decided_by(ticket_no, asked_id, AskKind.EXTENSION, decide)


@blueprint.post("/dispatch/<int:ticket_no>/suspensions/<int:asked_id>")
def decide_suspension(ticket_no: int, asked_id: int) -> Answer:
    """同意或驳回挂起."""
    return decided_by(ticket_no, asked_id, AskKind.SUSPENSION, suspending.decide_suspension)


@blueprint.post("/dispatch/<int:ticket_no>/resume")
def resume(ticket_no: int) -> Answer:
    """恢复办理 before the next date, by the supervisor."""
    return desk.act(ticket_no, suspending.resume, "已恢复办理，承办单位会收到通知。")


@blueprint.post("/dispatch/<int:ticket_no>/terminations/<int:asked_id>")
def decide_termination(ticket_no: int, asked_id: int) -> Answer:
    """同意或驳回终止."""
    return decided_by(ticket_no, asked_id, AskKind.TERMINATION, terminating.decide_termination)


@blueprint.post("/dispatch/<int:ticket_no>/reopen")
def reopen(ticket_no: int) -> Answer:
    """重新受理 by new facts."""
    return desk.act(
        ticket_no, lambda t, p: reopening.reopen(t, p, typed("words", 5000)), "已重新受理，请派单。", "reopen"
    )  # fmt: skip


@blueprint.post("/dispatch/<int:ticket_no>/alarm")
def answer_alarm(ticket_no: int) -> Answer:
    """A person saw the words of danger, and what was done."""
    return desk.act(ticket_no, lambda t, p: answer(t, p, typed("answer", 32), typed("words", 200)), "警示已处置。", "alarm")


def decided_by(ticket_no: int, asked_id: int, kind: AskKind, decide: Callable[..., None]) -> Answer:
    """What a department asked for is granted or refused, with words."""

    def decided(ticket: Ticket, person: Person) -> None:
        decide(ticket, person, grant=granted(ticket, kind, asked_id), note=typed("words", 1000))

    return desk.act(ticket_no, decided, f"{kind.label}申请已处理。")


@blueprint.post("/dispatch/<int:ticket_no>/check")
def check_reply(ticket_no: int) -> Answer:
    """审核办结."""

    def checked(ticket: Ticket, person: Person) -> None:
        if decision("pass", "fail") == "pass":
            checking.pass_check(ticket, person)
        else:
            checking.fail_check(ticket, person, typed("words", 1000))

    return desk.act(ticket_no, checked, "审核结果已保存。")


def send_out(ticket: Ticket, person: Person) -> None:
    """Dispatch as the form says; it says of whom the ticket complains too."""
    actor = acting(person, Step.DISPATCH, ticket)
    name_respondent(ticket, actor, read_respondent(ticket))
    dispatch(ticket, read_order(ticket), actor)


def hand_over(ticket: Ticket, person: Person, line: str) -> None:
    """Hand the case to an emergency line, with what was said there."""
    words = typed("words", 1000)
    if len(words) < 5:
        raise BadInput(words="请写明转接或移交的情况。")
    ending.transfer_emergency(ticket, person, line, words)


def merge_into(ticket: Ticket, person: Person) -> None:
    """Merge into the ticket whose number was typed."""
    try:
        master = ticket_for(person, read_number(typed("master_no", 40)))
    except NotFound as problem:
        raise BadInput(master_no=problem.sentence) from problem
    merge_tickets(ticket, person, master.ticket_no)


def granted(ticket: Ticket, kind: AskKind, asked_id: int) -> bool:
    """The decision on this very request. Raises `IllegalStep` when it no longer waits."""
    if not dispatch_shown.waits(ticket, kind, asked_id):
        raise IllegalStep()
    return decision("granted", "refused") == "granted"


def decision(*allowed: str) -> str:
    """The button that was pressed."""
    pressed = typed("decision", 16)
    if pressed not in allowed:
        raise BadInput(decision="请选择处理结果。")
    return pressed


def page(ticket: Ticket, again: Typed) -> str:
    """The ticket's page, with what a refused form held."""
    helping = request.form.getlist("helping")
    shown = dispatch_shown.ticket_page(ticket, me())
    return render_template("dispatch/ticket.html", **shown, **again.variables(), helping=helping)


def address(ticket_no: int) -> str:
    """The ticket's page."""
    return url_for("dispatch_desk.ticket_page", ticket_no=ticket_no)


desk = Desk(page, address)
