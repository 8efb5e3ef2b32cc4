"""变更: after dispatch what a case is called is changed on request only, and the strictest limit stays (domain.md §18,
I22).

A unit or a dispatcher asks for another type, matter or urgency; the supervisor decides. A due date moves earlier or not
at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.matters import load_matters
from hotline import clock
from hotline.errors import BadInput
from hotline.models import Asked, Clock, Ticket
from hotline.models.words import NO_DEMAND, AskKind, Confidentiality, RequestType, Step, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets import deadlines, reckon
from hotline.tickets.acting import acting
from hotline.tickets.handle import lead_share
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.receive import PRIORITY
from hotline.tickets.requesting import MIN_WORDS, AskForm, ask, decided, pending
from hotline.tickets.rulebook import Rules, rules
from routing.time_limits import TimeLimit

NAMES = ("request_type", "matter_code", "urgency")


@dataclass(frozen=True)
class ChangeForm(AskForm):
    """What a case should be called, and why; `basis` may be empty."""

    wanted: Mapping[str, str]


def ask_change(ticket: Ticket, person: Person, form: ChangeForm) -> Asked:
    """申请变更. Nothing changes before it is granted. Raises `BadInput` when nothing else is wanted."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_CHANGE, ticket, share)
    wanted = _checked(ticket, form)
    asked = ask(AskKind.CHANGE, share, person, form, wanted=wanted)
    data = {"asked": asked.id, "wanted": wanted, "reason": asked.reason}
    take_step(ticket, Step.ASK_CHANGE, actor, Detail(assignment=share, data=data))
    return asked


def decide_change(ticket: Ticket, person: Person, *, grant: bool, note: str) -> None:
    """同意: the case is called so from now on, its limits get shorter or stay; the journal has both values. 驳回 changes
    nothing."""
    share = lead_share(lock(ticket))
    step = Step.CHANGE_TYPE if grant else Step.REFUSE_CHANGE
    actor = acting(person, step, ticket)
    asked = pending(ticket, AskKind.CHANGE)
    decided(asked, person, grant=grant, note=note)
    data: dict[str, Any] = {"asked": asked.id, "note": asked.decision_note}
    if grant:
        data |= _rename(ticket, asked.wanted or {})
    take_step(ticket, step, actor, Detail(assignment=share, data=data))


def _checked(ticket: Ticket, form: ChangeForm) -> dict[str, str]:
    """What differs from the present. Raises `BadInput`."""
    types = [one.value for one in RequestType if one not in NO_DEMAND]
    allowed = {"request_type": types, "matter_code": load_matters(), "urgency": list(UrgencyGrade)}
    problems = {
        name: "请从列表中选择。" for name in NAMES if form.wanted.get(name) and form.wanted[name] not in allowed[name]
    }
    typed = {name: form.wanted.get(name) or getattr(ticket, name) for name in NAMES}
    wanted = {name: str(new) for name, new in typed.items() if new != getattr(ticket, name)}
    if not wanted:
        problems["request_type"] = "请至少改变诉求类型、事项或紧急程度中的一项。"
    if len(form.reason.strip()) < MIN_WORDS:
        problems["reason"] = "请写明变更的理由。"
    if problems:
        raise BadInput(**problems)
    return wanted


def _rename(ticket: Ticket, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Call the case so; old and new of each word, and of each due date that moves."""
    changed = {name: [str(getattr(ticket, name)), new] for name, new in wanted.items()}
    deadlines.keep_called(ticket)
    ticket.request_type = RequestType(wanted.get("request_type", ticket.request_type))
    ticket.urgency = UrgencyGrade(wanted.get("urgency", ticket.urgency))
    ticket.matter_code = wanted.get("matter_code", ticket.matter_code)
    ticket.priority = min(ticket.priority, PRIORITY[ticket.urgency])
    if ticket.request_type is RequestType.REPORT and ticket.confidentiality is Confidentiality.OPEN:
        ticket.confidentiality = Confidentiality.REPORT_PROTECTED
    return {"changed": changed, "clocks": _shorten(ticket)}


def _shorten(ticket: Ticket) -> list[Mapping[str, Any]]:
    """Move each running limit of the units to the new limit where that is due earlier; what the journal says of it."""
    book, granted = rules(), reckon.granted_to(ticket)
    moved = []
    for running in deadlines.running_clocks(ticket):
        limit = deadlines.find_limit(ticket, running.kind, book, running.started_at) if running.assignment_id else None
        if limit is not None and limit.id != running.limit_id:
            moved += _shortened(running, limit, granted, book)
            deadlines.place_rung(running, ticket.urgency, book)
    return moved


def _shortened(running: Clock, limit: TimeLimit, granted: Any, book: Rules) -> list[Mapping[str, Any]]:
    """A limit that would be over before anybody knew of it runs from now (default)."""
    moment, before, own = clock.now(), running.due_at, deadlines.in_force_for(limit, running.day_hours)
    for begun in (running.started_at, moment):
        first = deadlines.due_by(begun, limit, book, running.day_hours)
        due = reckon.with_granted(first, running, granted, (own, book))
        if due.at > moment:
            break
    if due.at >= before:
        return []
    running.due_at, running.provisional, running.limit_id = due.at, due.provisional, limit.id
    running.original_due_at = min(running.original_due_at, first.at)
    running.limit_version, running.calendar_version = book.versions["limits"], book.versions["calendar"]
    return [reckon.move_words(running, before)]
