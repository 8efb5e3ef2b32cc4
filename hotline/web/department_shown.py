"""What a department's pages show: its own tickets, what it may do, and nothing of a protected person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, select

from hotline import clock
from hotline.database import session
from hotline.models import Asked, Assignment, Clock, Reminder, Reply, Staff, Ticket
from hotline.models.words import (
    OPEN,
    AskKind,
    AssignmentState,
    ClockKind,
    Decision,
    ReturnReason,
    State,
    Step,
)
from hotline.people.accounts import Person
from hotline.tickets.acting import offered, offered_on
from hotline.tickets.deadlines import extended, longest_extension, running_clocks
from hotline.tickets.extending import limit_above
from hotline.tickets.find import helped_by, in_states, of_units
from hotline.tickets.handle import to_requester
from hotline.tickets.respondent import not_accusing
from hotline.tickets.returning import in_time_to_return
from hotline.tickets.rulebook import rules, setting
from hotline.tickets.sharing import parts_returned, units_below
from hotline.tickets.suspending import PATIENT
from hotline.web.change_words import wanted_words
from hotline.web.desk_lists import Drawer, tabs_of
from hotline.web.form_reading import whole_number
from hotline.web.reminders_shown import reminders_of
from hotline.web.requests_shown import change_form, exemption_form, waits
from hotline.web.shares_shown import UNITS, as_own, helps, shares_shown
from hotline.web.shown import TimeLeft, options, ticket_time, time_left, unit_name, unit_options
from hotline.web.ticket_parts import AskedShown, Parts, asked_shown, bad_review_of, contacts_of, detail
from hotline.web.unit_summons import summonses_to
from hotline.web.unmasking_shown import unmasking_shown

LIST = "department_desk.ticket_list"
WORKING = (State.HANDLING, State.REHANDLING)
CONTACTING = frozenset({AssignmentState.HANDLING, AssignmentState.REHANDLING, AssignmentState.SUSPENDED})
"""What a share must be for its unit to record a contact, whether it leads or helps."""
ASSIGNED = sorted(OPEN - {State.DRAFT, State.TO_DISPATCH, State.TO_SUPPLEMENT, State.ANSWERED})
"""The open states in which a department holds the ticket or has answered it."""
STEPS = {
    "record_contact": Step.CONTACT, "reply": Step.REPLY, "submit_reply": Step.SUBMIT,
    "send_back": Step.SEND_BACK, "report_rectified": Step.RECTIFY, "resume": Step.RESUME,
    "hand_down": Step.HAND_DOWN,
}  # fmt: skip
FACT_CHOICES = [("true", "属实"), ("partly", "部分属实"), ("false", "不属实")]
LEADS_EXTENSION = "由督办员审批，批准后告知诉求人"
HELPERS_EXTENSION = "由派单员审批，只延长本单位的时限，不晚于所协助单位的时限"
FACT_WORDS = {True: "true", None: "partly", False: "false"}


@dataclass(frozen=True)
class RectificationShown:
    """The bad review a department must make good, and until when."""

    grade_label: str
    solved_label: str
    reason_label: str
    words: str
    left: TimeLeft | None
    round: int


@dataclass(frozen=True)
class ReturnRule:
    """How long a return may still be asked for, how often it was done, and who will decide it."""

    left_words: str
    times: int
    goes_to_arbiter: bool


def drawers(person: Person) -> dict[str, Drawer]:
    """A department's tabs."""
    soon = clock.now() + timedelta(hours=setting("due_soon_hours"))
    pressing = of_units(person, [State.TO_SIGN, *WORKING])
    all_asked = of_units(person, [*ASSIGNED, State.CLOSED])
    waiting = select(Asked.ticket_no).join(Assignment, Assignment.id == Asked.assignment_id)
    waiting = waiting.where(Asked.decision == Decision.PENDING, Assignment.is_lead)
    return {
        "to_sign": Drawer("待签收", "br", of_units(person, [State.TO_SIGN])),
        "handling": Drawer("办理中", "", of_units(person, [*WORKING, State.SUSPENDED])),
        "due": Drawer("临期超期", "bad", pressing.where(Ticket.deadline <= soon)),
        "replied": Drawer("已反馈", "", of_units(person, [State.REPLIED, State.TO_CHECK])),
        "rectifying": Drawer("差评整改", "bad", of_units(person, [State.RECTIFYING])),
        "asked": Drawer("申请中", "warn", all_asked.where(Ticket.ticket_no.in_(waiting))),
        "pressed": Drawer("催办督办", "bad", pressed(person)),
        "helping": Drawer("协办", "br", helped_by(person)),
    }  # fmt: skip


def pressed(person: Person) -> Select[tuple[Ticket]]:
    """The tickets on which a unit of this person is urged or supervised, whether it leads or helps."""
    units = person.unit_ids()
    rows = select(Reminder.ticket_no).where(Reminder.department_id.in_(units), Reminder.ended_at.is_(None))
    return in_states(ASSIGNED).where(Ticket.ticket_no.in_(rows), not_accusing(units))


def topic(person: Person) -> str:
    """What a department listens to."""
    return " ".join(f"department:{unit}" for unit in sorted(person.unit_ids()))


def department_name(person: Person) -> str:
    """The departments the person works for."""
    return "、".join(unit_name(unit) for unit in sorted(person.unit_ids()))


def ticket_page(ticket: Ticket, person: Person) -> dict[str, Any]:
    """All that a department's page of a ticket needs but for what was typed."""
    parts = detail(ticket, person, "department_desk.ticket_page", topic(person))
    mine = [one for one in parts.shares if one.department_id in person.unit_ids()]
    own, asked = next((one for one in mine if one.ended_at is None), None), asked_shown(ticket)
    running = running_clocks(ticket) if own else []
    ours = [one for one in asked if one.row.assignment_id in {share.id for share in mine}]
    helps_others = own is not None and not own.is_lead
    days = extension_days(ticket, own, ours if helps_others else [one for one in asked if not one.helper], running)
    steps = offered_on(own, person) if own and helps_others else offered(person, ticket)
    may, current = may_of(mine, steps), tab_of(ticket, own)
    may["ask_return"] = Step.ASK_RETURN in steps and may_return(ticket, own, asked, running)
    waiting = waits(ours)
    may["ask_extension"] = Step.ASK_EXTENSION in steps and bool(days) and not waiting
    may["ask_suspension"] = Step.ASK_SUSPENSION in steps and may_suspend(ticket, running) and not waiting
    may["ask_termination"] = Step.ASK_TERMINATION in steps and not waiting
    others = change_form(ticket, "department_requests.ask_change", steps, asked) | exemption_form(ticket, steps, ours)
    others |= joint_variables(parts, person, may, own) | unmasking_variables(ticket, person, parts)
    return parts.variables | reply_variables(ticket, parts, own) | others | {
        "department_name": department_name(person), "tabs": tabs_of(drawers(person), current, LIST),
        "list_url": url_for(LIST, tab=current), "topic": topic(person), "may": may,
        "guidance": mine[0].reason if mine else "", "rectification": rectification(ticket, person),
        "contacts": contacts_of(ticket, person), "return_rule": return_rule(ticket, own, running),
        "extension_days": days, "extension_note": HELPERS_EXTENSION if helps_others else LEADS_EXTENSION,
        "return_reasons": options(ReturnReason), "departments": unit_options(),
        "summonses": summonses_to(ticket, person, parts.variables["journal"]),
        "reminders": reminders_of(ticket, person), "pending": pending_words(asked, mine), "fact_choices": FACT_CHOICES,
    }  # fmt: skip


def may_of(mine: Sequence[Assignment], steps: frozenset[Step]) -> dict[str, bool]:
    """Which forms of the unit's share the page offers."""
    may = {name: step in steps for name, step in STEPS.items()}
    may["record_contact"] = any(share.state in CONTACTING for share in mine)
    may["sign"] = any(share.state is AssignmentState.TO_SIGN for share in mine)
    may["hand_in"] = Step.HAND_IN in steps and not any(share.is_lead for share in mine)
    return may


def joint_variables(parts: Parts, person: Person, may: dict[str, bool], own: Assignment | None) -> dict[str, Any]:
    """Who else works on it, whom this unit may give a part, and for whom it still waits."""
    gives = own is not None and may["hand_down"] and own.department_id in rules().parents
    below = units_below(own.department_id) if own and gives else []
    may["hand_down"] = bool(below)
    late = [unit_name(one.department_id) for one in parts.shares if one.ended_at is None and not one.is_lead]
    reads_only = all(one.department_id not in person.unit_ids() for one in parts.shares)
    return {
        "shares": shares_shown(parts.shares, person, UNITS), "below": [(one.code, one.short_name) for one in below],
        "late": late, "reads_only": reads_only, "ticket": as_own(parts.variables["ticket"], own),
        "unmask_url": "" if reads_only else parts.variables["unmask_url"],
    }  # fmt: skip


def unmasking_variables(ticket: Ticket, person: Person, parts: Parts) -> dict[str, Any]:
    """The right to look at who spoke, as it was granted or may be asked for."""
    unmasking, may_look = unmasking_shown(ticket, person, parts.shares)
    url = url_for("ticket_files.reveal_identity", ticket_no=ticket.ticket_no)
    return {"unmasking": unmasking} | ({"unmask_url": url} if may_look else {})


def tab_of(ticket: Ticket, own: Assignment | None) -> str:
    """The tab the ticket is found in."""
    if own is not None and not own.is_lead:
        return "helping"
    places = {
        State.TO_SIGN: "to_sign", State.RETURN_PENDING: "asked", State.REPLIED: "replied",
        State.TO_CHECK: "replied", State.RECTIFYING: "rectifying",
    }  # fmt: skip
    return places.get(ticket.state, "handling")


def reply_variables(ticket: Ticket, parts: Parts, own: Assignment | None) -> dict[str, Any]:
    """The reply as this unit last saved it or as a helper handed it in, to go on with or to read."""
    found, written = None, [share for share in parts.shares if share.replied_at]
    if ticket.round > 1 or written:
        found = newest_saved(ticket, handed_in(written, parts, own) or own)
    words = ""
    state = ticket.state if own is None else State(own.state.value)
    if found and state not in (State.TO_SIGN, *WORKING):
        words = f"{found[1]} {clock.shown(found[0].written_at)}"
    saved = saved_form(found[0]) if found else {}
    return {"saved_reply": saved, "reply_photos": parts.photos, "reply_at_words": words}


def handed_in(written: Sequence[Assignment], parts: Parts, own: Assignment | None) -> Assignment | None:
    """The helper's share whose reply this unit wants to go on with."""
    wanted, by_id = whole_number(request.args.get("use", "")), {one.id: one for one in parts.shares}
    return next((one for one in written if own and one.id == wanted and helps(one, by_id, own.department_id)), None)


def newest_saved(ticket: Ticket, share: Assignment | None) -> Any:
    """The newest reply of a helping share, else of those who lead, and its writer's name."""
    query = select(Reply, Staff.name).join(Staff, Staff.id == Reply.staff_id)
    whose = to_requester() if share is None or share.is_lead else Reply.assignment_id == share.id
    query = query.where(Reply.ticket_no == ticket.ticket_no, whose).order_by(Reply.id.desc())
    return session().execute(query.limit(1)).first()


def saved_form(reply: Reply) -> dict[str, str]:
    """A reply as the form's fields."""
    return {
        "contacted": "yes" if reply.contacted else "no", "contact_note": reply.contact_note,
        "fact_true": FACT_WORDS[reply.fact_true], "facts": reply.facts, "handling": reply.handling,
        "public_reply": reply.public_reply,
    }  # fmt: skip


def rectification(ticket: Ticket, person: Person) -> RectificationShown | None:
    """The bad review under way."""
    found = bad_review_of(ticket, person) if ticket.state is State.RECTIFYING else None
    if found is None:
        return None
    return RectificationShown(
        found.grade_label, found.solved_label, found.reason_label, found.words, ticket_time(ticket),
        found.round,
    )  # fmt: skip


def may_return(
    ticket: Ticket, share: Assignment | None, asked: Sequence[AskedShown], running: Sequence[Clock]
) -> bool:
    """Whether this share may still be returned: in time, not asked before, not bound by a ruling or handed down."""
    if share is None or share.by_ruling or share.parent_id is not None:
        return False
    if any(one.row.kind is AskKind.RETURN and one.row.assignment_id == share.id for one in asked):
        return False
    return in_time_to_return(ticket, return_clock(share, running))


def return_clock(share: Assignment | None, running: Sequence[Clock]) -> Clock | None:
    """The share's time to return, where the city set one."""
    own = share.id if share else None
    return next((one for one in running if one.kind is ClockKind.RETURN and one.assignment_id == own), None)


def return_rule(ticket: Ticket, share: Assignment | None, running: Sequence[Clock]) -> ReturnRule:
    """What the form says of the right to return, of the ticket or of a helping unit's part."""
    left = return_clock(share, running)
    words = time_left(left.started_at, left.due_at).words if left else "不限"
    times = parts_returned(ticket) if share is not None and not share.is_lead else ticket.returns
    return ReturnRule(words, times, times >= setting("return_limit") - 1)


def extension_days(
    ticket: Ticket, own: Assignment | None, asked: Sequence[AskedShown], running: Sequence[Clock]
) -> list[tuple[str, str]]:
    """How many days may be asked for; none once asked, too late, too urgent, or past the limit of whom a unit helps."""
    work = [one for one in running if one.kind in (ClockKind.HANDLE, ClockKind.REHANDLE)]
    mine = next((one for one in work if own and one.assignment_id == own.id and one.due_at > clock.now()), None)
    asked_for = [one.row for one in asked if one.row.kind is AskKind.EXTENSION]
    used = [row for row in asked_for if row.decision not in (Decision.REFUSED, Decision.OVERTAKEN)]
    if own is None or mine is None or len(used) >= setting("extension_times"):
        return []
    last = limit_above(own, work)
    days = [n for n in range(1, longest_extension(ticket, mine) + 1) if not last or extended(mine, n).at <= last]
    return [(str(n), f"{n} 个工作日") for n in days]


def may_suspend(ticket: Ticket, running: Sequence[Clock]) -> bool:
    """Whether the work may still stand still: in time, and not most urgent."""
    work = next((one for one in running if one.kind in (ClockKind.HANDLE, ClockKind.REHANDLE)), None)
    return work is not None and work.due_at > clock.now() and ticket.urgency in PATIENT


def pending_words(asked: Sequence[AskedShown], mine: Sequence[Assignment]) -> list[str]:
    """What this unit asked for in this round, and what became of it."""
    own = {share.id for share in mine}
    return [request_words(one) for one in asked if one.row.assignment_id in own]


def request_words(one: AskedShown) -> str:
    """One request in words."""
    name = f"{one.row.kind.label}申请"
    if one.row.kind is AskKind.EXTENSION:
        name += f"（至{one.new_due_words}）"
    if one.row.kind is AskKind.SUSPENSION:
        name += f"（{one.next_day_words}恢复）"
    if one.row.kind is AskKind.CHANGE:
        name += f"（{wanted_words(one.row.wanted or {})}）"
    if one.row.decision is Decision.PENDING:
        return f"{name}待热线审批，审批前时限不变。"
    if one.row.decision is Decision.OVERTAKEN:
        return f"{name}未及审批，已随办理结束失效。"
    note = f"：{one.row.decision_note}" if one.row.decision_note else ""
    return f"{name}{'已同意' if one.row.decision is Decision.GRANTED else '被驳回'}{note}"
