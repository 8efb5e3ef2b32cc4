"""What the supervisor's pages of urging, supervision, ladder and ledgers show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, select

from hotline import clock
from hotline.database import session
from hotline.models import Clock, Reminder, Summons, Ticket
from hotline.models.reminder_words import ReminderKind, SummonsKind, SupervisionReason
from hotline.models.words import State
from hotline.people.accounts import Person
from hotline.supervision.ledgers import LEDGERS, Ledger
from hotline.supervision.pressed_figures import PRESSED
from hotline.supervision.rates import NOTHING, count_figures
from hotline.supervision.scope import Scope
from hotline.tickets import escalating
from hotline.tickets.acknowledging import bad_review
from hotline.tickets.find import in_states, keyed_rows
from hotline.tickets.pressing import holders
from hotline.tickets.rulebook import rules, setting
from hotline.tickets.summoning import also_waiting
from hotline.web.board_shown import FigureShown, card
from hotline.web.reminders_shown import ReminderShown, reminder_shown, reminders_of
from hotline.web.shown import Row, options, row_of, span_words, unit_name, unit_options
from hotline.web.ticket_parts import detail, opened

MODES = {
    "off": "升级规则已停用，下面是按规则会办的。",
    "list": "现在只列出、不办理：下面是按规则会催办、督办的，以及为什么。",
    "act": "到时自动办理，每分钟一次；下面是正要办理的。",
}
TABS = (("催办督办", "page"), ("升级预览", "ladder"), ("约谈通报", "summons_list"), ("并单差评", "followers"))
FOLLOWERS = "并入他件的诉求人给出差评、尚未阅处的工单。"


@dataclass(frozen=True)
class ReminderRow:
    """One open reminder of the list, with its ticket."""

    ticket: Row
    reminder: ReminderShown


@dataclass(frozen=True)
class RungRow:
    """One limit the ladder would press for now."""

    ticket: Row
    department: str
    rung: str
    why: str
    since: datetime


@dataclass(frozen=True)
class SummonsRow:
    """One entry of the ledger of interviews and notices."""

    row: Summons
    title: str
    department: str
    state: str
    level: str
    also: Sequence[Summons] = ()
    """Others that wait for the same unit and may be written down together with it."""


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """The pages of supervision: label, address, whether it is this one."""
    pages = [(label, url_for(f"supervision_desk.{view}"), view) for label, view in TABS]
    pages += [(one.label, url_for("supervision_desk.ledger", name=one.key), one.key) for one in LEDGERS.values()]
    return [(label, url, key == current) for label, url, key in pages]


def reminder_page(unit: int | None, kind: ReminderKind | None, asked: dict[str, str]) -> dict[str, Any]:
    """The open reminders, the nearest limit first; narrowed to a unit and a kind."""
    query = select(Reminder, Ticket).join(Ticket, Ticket.ticket_no == Reminder.ticket_no)
    query = query.where(Reminder.ended_at.is_(None))
    query = query.where(Reminder.department_id == unit) if unit else query
    query = query.where(Reminder.kind == kind) if kind else query
    order = {Reminder.due_at: datetime.fromisoformat, Reminder.id: int}
    found, older = keyed_rows(query, order, request.args.get("after"))
    rows = [ReminderRow(row_of(ticket), reminder_shown(row)) for row, ticket in found]
    return {
        "tabs": tabs("page"), "rows": rows, "departments": unit_options(), "kinds": options(ReminderKind),
        "asked": asked, **pages("page", older, **asked),
    }  # fmt: skip


def ladder_page() -> dict[str, Any]:
    """Whom the ladder would press for what, the longest due first."""
    order = {Clock.next_rung_at: datetime.fromisoformat, Clock.id: int}
    found, older = keyed_rows(escalating.due_to_climb(), order, request.args.get("after"))
    rows = [rung_row(running, ticket) for running, ticket in found]
    mode = setting("ladder_mode")
    return {"tabs": tabs("ladder"), "mode": mode, "mode_words": MODES[mode], "rows": [one for one in rows if one],
            **pages("ladder", older)}  # fmt: skip


def rung_row(running: Clock, ticket: Ticket) -> RungRow | None:
    """One limit with the rung it leads to; None on top of the ladder."""
    rung = escalating.next_rung(running, ticket)
    if rung is None or running.next_rung_at is None:
        return None
    unit = unit_name(running.department_id or ticket.department_id)
    return RungRow(row_of(ticket), unit, rung.label, escalating.why(running, rung), running.next_rung_at)


def ledger_page(ledger: Ledger) -> dict[str, Any]:
    """A ledger, the first received first, each with its whole age."""
    rows, older = aged(ledger.tickets())
    return {
        "tabs": tabs(ledger.key), "label": ledger.label, "definition": ledger.definition(), "rows": rows,
        **pages("ledger", older, name=ledger.key),
    }  # fmt: skip


def followers_page() -> dict[str, Any]:
    """The followers whose bad review nobody acknowledged, the first received first."""
    rows, older = aged(in_states([State.MERGED]).where(Ticket.unhappy_follower))
    return {"tabs": tabs("followers"), "label": "并单差评", "definition": FOLLOWERS, "rows": rows,
            **pages("followers", older)}  # fmt: skip


def aged(query: Select[tuple[Ticket]]) -> tuple[list[tuple[Row, str]], str | None]:
    """A page of tickets by number, each with its whole age; and the position of the next page."""
    found, older = keyed_rows(query, {Ticket.ticket_no: int}, request.args.get("after"))
    now = clock.now()
    return [(row_of(ticket), span_words(now - ticket.received_at)) for (ticket,) in found], older


def summons_page() -> dict[str, Any]:
    """The ledger of what is not done yet, the oldest first."""
    query = select(Summons, Ticket.title).join(Ticket, Ticket.ticket_no == Summons.ticket_no)
    found, older = keyed_rows(query.where(Summons.done_at.is_(None)), {Summons.id: int}, request.args.get("after"))
    rows = [summons_row(row, title) for row, title in found]
    return {"tabs": tabs("summons_list"), "rows": rows, **pages("summons_list", older)}


def summons_row(row: Summons, title: str = "") -> SummonsRow:
    """One entry with its state in words."""
    late = bool(row.follow_up_on and row.follow_up_on <= clock.city_day(clock.now()))
    state, level = ("待受理", "bad") if row.taken_up_at is None else ("待回头看", "bad" if late else "warn")
    state, level = ("已办结", "ok") if row.done_at else (state, level)
    return SummonsRow(row, title, unit_name(row.department_id), state, level)


def pages(view: str, older: str | None, **arguments: str) -> dict[str, str | None]:
    """The addresses of a page's neighbours."""
    endpoint = f"supervision_desk.{view}"
    return {
        "older": url_for(endpoint, after=older, **arguments) if older else None,
        "newer": url_for(endpoint, **arguments) if request.args.get("after") else None,
    }


def figures(scope: Scope) -> list[FigureShown]:
    """The figures of urging and supervision of a period, each with its list."""
    shown = []
    for figure in PRESSED.values():
        total = NOTHING
        for counts in count_figures([figure], scope).values():
            total = total.plus(counts[figure.key])
        shown.append(card(figure, total, scope))
    return shown


def ticket_page(ticket: Ticket, person: Person) -> dict[str, Any]:
    """All that the supervision's page of a ticket needs but for what was typed."""
    parts = detail(ticket, person, "supervision_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    review = bad_review(ticket)
    held = [(str(unit), rules().unit_names[unit]) for unit in holders(ticket)]
    kinds = [one for one in options(SummonsKind) if one[0] != SummonsKind.LISTED.value]
    return parts.variables | {
        "reminders": reminders_of(ticket, person), "units": held, "reasons": options(SupervisionReason),
        "summonses": summonses_of(ticket), "summons_kinds": kinds, "review": review,
        "review_words": opened(ticket, person, review.words_sealed) if review else "",
    }  # fmt: skip


def summonses_of(ticket: Ticket) -> Sequence[SummonsRow]:
    """What is in the ledger for this ticket, newest first."""
    query = select(Summons).where(Summons.ticket_no == ticket.ticket_no).order_by(Summons.id.desc())
    found = session().execute(query).scalars().all()
    return [replace(summons_row(row), also=() if row.taken_up_at else also_waiting(row)) for row in found]
