"""What the callback agent's pages show: whom to call, what was answered, and the tries so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from hotline.database import session
from hotline.models import Callback, Staff, Ticket
from hotline.models.words import Role, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import offered
from hotline.tickets.call_back import half_days_missed, is_independent
from hotline.tickets.find import in_states
from hotline.tickets.rulebook import setting
from hotline.web.desk_lists import Drawer
from hotline.web.ticket_parts import bad_review_of, detail, newest_reply, opened


@dataclass(frozen=True)
class TryShown:
    """One earlier callback."""

    at: datetime
    who: str
    words: str


def drawers(person: Person) -> dict[str, Drawer]:
    """The callback tabs; nobody is asked to call about a ticket they dispatched."""
    not_own = or_(Ticket.dispatcher_id.is_(None), Ticket.dispatcher_id != person.id)
    return {
        "to_callback": Drawer("待回访", "br", in_states([State.TO_CALLBACK]).where(not_own)),
        "rectifying": Drawer("差评整改", "bad", in_states([State.RECTIFYING])),
        "waiting": Drawer("待评价", "", in_states([State.TO_EVALUATE])),
    }


def ticket_page(ticket: Ticket, person: Person) -> dict[str, Any]:
    """All that a callback page needs but for what was typed."""
    parts = detail(ticket, person, "callback_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    steps, rows = offered(person, ticket), callbacks_of(ticket)
    bad = bad_review_of(ticket, person) if ticket.rectify_rounds else None
    missed = half_days_missed([row for row, _ in rows if row.round == ticket.round])
    may_record = Step.CALL_BACK in steps and is_independent(ticket, person)
    done = bad.case if bad is not None and bad.case.rectified_at is not None else None
    return parts.variables | {
        "reply": newest_reply(ticket, parts.photos), "bad_review": bad, "may_record": may_record,
        "may_close": may_record and (not ticket.has_contact or missed >= setting("callback_tries")),
        "has_contact": ticket.has_contact,
        "may_verify": Step.VERIFY_RECTIFICATION in steps and done is not None, "rectified": done,
        "tries": [TryShown(row.tried_at, who, try_words(row, ticket, person)) for row, who in rows],
        "tries_left_words": f"第{missed + 1}次，共{setting('callback_tries')}次；未接通请换一个半天再打",
        "script": setting("callback_script") if person.has(Role.CALLBACK_AGENT) else "",
    }  # fmt: skip


def callbacks_of(ticket: Ticket) -> list[tuple[Callback, str]]:
    """All tries with the caller's name, newest first."""
    query = (
        select(Callback, Staff.name).join(Staff, Staff.id == Callback.staff_id)
        .where(Callback.ticket_no == ticket.ticket_no).order_by(Callback.id.desc())
    )  # fmt: skip
    return [(row, who) for row, who in session().execute(query)]


def try_words(row: Callback, ticket: Ticket, person: Person) -> str:
    """What came of one try."""
    note = opened(ticket, person, row.note_sealed)
    parts = ["未接通"]
    if row.connected:
        answers = (row.solved.label if row.solved else "", row.satisfied.label if row.satisfied else "")
        parts = ["单位联系过" if row.contacted else "单位没有联系", *answers]
    return " · ".join(part for part in (*parts, note) if part)
