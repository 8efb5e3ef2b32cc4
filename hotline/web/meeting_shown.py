"""What the pages of a consultation meeting show: an invitation without anybody's identity, opinions, the ruling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from hotline import clock
from hotline.database import session
from hotline.models import Consultation, Staff, Ticket
from hotline.models.consultation_words import Outcome
from hotline.models.words import ClockKind
from hotline.people.accounts import Person
from hotline.tickets.consulting import (
    FEWEST,
    goes_to_meeting,
    invitations,
    invited_to,
    meeting_about,
    meeting_of,
    waiting_return,
)
from hotline.tickets.deadlines import running_clocks
from hotline.tickets.duty_change import row_today
from hotline.tickets.extract import title_for, words_for
from hotline.tickets.fallback import fallback_unit
from hotline.tickets.rulebook import rules
from hotline.web.dispatch_shown import matters
from hotline.web.shown import matter_path, options, row_of, unit_name, unit_options
from hotline.web.ticket_parts import asked_shown, code_of, detail
from routing.case import DutyRow
from routing.choose import row_conditions
from routing.duty_list import row_area

WHOLE_CITY = "全市"
KEEP, ADD, REPLACE = "", "add", "replace"
CHANGES = [(KEEP, "不修改清单"), (ADD, "增加一条"), (REPLACE, "代替现在的条目")]


@dataclass(frozen=True)
class OpinionShown:
    """An invited unit and what it thinks."""

    unit: str
    words: str
    at: datetime | None


@dataclass(frozen=True)
class MeetingShown:
    """One meeting; `outcome` is empty until the ruling, `cancelled` says why it was cancelled."""

    id: int
    question: str
    meets_words: str
    opinions: list[OpinionShown]
    outcome: str
    minutes: str
    ruled_unit: str
    ruled_words: str
    cancelled: str


@dataclass(frozen=True)
class InvitationShown:
    """One line on an invited unit's desk."""

    title: str
    url: str
    meets_words: str
    question: str


def invitations_shown(person: Person) -> list[InvitationShown]:
    """The invitations of a person's units that wait."""
    return [
        InvitationShown(
            title_for(ticket, person.unit_ids()), url_for("meeting_pages.meeting_page", meeting_id=meeting.id),
            "已取消" if meeting.cancelled_at else clock.shown(meeting.meets_at),
            meeting.question,
        )
        for meeting, ticket in invitations(person)
    ]  # fmt: skip


def meeting_shown(meeting: Consultation) -> MeetingShown:
    """A meeting with its opinions, and the ruling where there is one."""
    return MeetingShown(
        meeting.id, meeting.question, clock.shown(meeting.meets_at),
        [OpinionShown(unit_name(one.department_id), one.opinion, one.opinion_at) for one in invited_to(meeting)],
        meeting.outcome.label if meeting.outcome else "", meeting.minutes, unit_name(meeting.ruled_department_id),
        clock.shown(meeting.ruled_at) if meeting.ruled_at else "", meeting.cancelled_why,
    )  # fmt: skip


def invitation_page(meeting: Consultation, ticket: Ticket, person: Person) -> dict[str, Any]:
    """The page of an invited unit: the demand as it may read it, no identity, no files, nobody else's opinion."""
    shown, units = meeting_shown(meeting), person.unit_ids()
    mine = [one for one in invited_to(meeting) if one.department_id in units]
    return {
        "row": row_of(ticket, units), "content": words_for(ticket, units),
        "matter": matter_path(ticket.matter_code), "meeting": shown,
        "asked": next((one for one in asked_shown(ticket) if one.id == meeting.asked_id), None),
        "my_opinion": mine[0].opinion, "open": not shown.outcome and meeting_of(ticket) is meeting,
        "caller": session().get_one(Staff, meeting.called_by).name,
    }  # fmt: skip


def ruling_page(ticket: Ticket, person: Person) -> dict[str, Any]:
    """The supervisor's page: the request, the meeting, and the form of what comes next."""
    parts = detail(ticket, person, "ruling_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    returned, fallback = waiting_return(ticket), fallback_unit(ticket)
    meeting = meeting_about(returned) if returned else None
    asked = next((one for one in asked_shown(ticket) if returned and one.id == returned.asked.id), None)
    part, row = returned.part if returned else None, row_today(ticket)
    return parts.variables | {
        "asked": asked,
        "may_call": returned is not None and meeting is None and goes_to_meeting(ticket, returned),
        "meeting": meeting_shown(meeting) if meeting else None, "departments": unit_options(), "fewest": FEWEST,
        "outcomes": options(Outcome), "fallback": unit_name(fallback), "changes": CHANGES,
        "row_today": row_words(row) if row else "", "seen_row": row.id if row else None,
        "matters": matters(), "areas": areas(ticket),
        "convener": meeting is not None and meeting.called_by == person.id,
        "rule_by": rule_by(ticket), "holder": code_of(part.department_id if part else ticket.department_id),
        "matter": ticket.matter_code,
    }  # fmt: skip


def rule_by(ticket: Ticket) -> str:
    """Until when the hotline must have decided, "" where the city set no limit or nothing waits."""
    kinds = (ClockKind.DECIDE, ClockKind.MEETING)
    due = min((one.due_at for one in running_clocks(ticket) if one.kind in kinds), default=None)
    return clock.shown(due) if due else ""


def row_words(row: DutyRow) -> str:
    """A row of today's list in words."""
    area, book = row_area(row), rules()
    where = book.gazetteer.area_names.get(area, area) or WHOLE_CITY
    return f"第{row.id}行：{row_conditions(row, where, book.duty_list)}，主办{book.duty_list.name(row.lead)}"


def areas(ticket: Ticket) -> list[tuple[str, str]]:
    """Where a new row may hold: the whole city, or the district or street of the case."""
    names = rules().gazetteer.area_names
    codes = dict.fromkeys(code for code in (ticket.area_code[:6], ticket.area_code) if code in names)
    return [("", WHOLE_CITY), *((code, names[code]) for code in codes)]
