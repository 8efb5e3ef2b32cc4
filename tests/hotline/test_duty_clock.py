"""The limits of a utility with 24-hour duty run round the clock, as the city decided when they began."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import Clock
from hotline.models.words import ClockKind, RequestType
from hotline.tickets import deadlines
from hotline.tickets.city_settings import change_setting
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.lifecycle import SYSTEM
from hotline.tickets.rulebook import rules
from tests.makers import send_demand, ticket

FRIDAY = "2026-03-13T08:00:00+00:00"


def clocks_at(code):
    """What runs for a unit a complaint was just dispatched to, by kind, and the ticket's number."""
    no = send_demand()
    with transaction():
        ticket(no).request_type = RequestType.COMPLAINT
        dispatch(ticket(no), Order(rules().departments[code]), SYSTEM)
    running = select(Clock).where(Clock.ticket_no == no, Clock.assignment_id.is_not(None))
    return {one.kind: one for one in session().execute(running).scalars()}, no


@pytest.mark.usefixtures("desk")
@time_machine.travel(FRIDAY, tick=False)
def test_a_utility_on_duty_works_through_the_weekend_and_a_bureau_does_not():
    water, no = clocks_at("shuiwu")
    bureau, _ = clocks_at("cgj")
    work, begun = water[ClockKind.HANDLE], water[ClockKind.HANDLE].started_at
    assert (work.due_at - begun, water[ClockKind.SIGN].due_at - begun) == (timedelta(hours=120), timedelta(hours=4))
    assert bureau[ClockKind.HANDLE].due_at - begun > timedelta(days=7)
    assert (work.day_hours, bureau[ClockKind.HANDLE].day_hours) == (24, None)
    assert deadlines.longest_extension(ticket(no), work) == 5
    assert deadlines.extended(work, 2).at - work.due_at == timedelta(hours=48)
    with transaction():
        change_setting("duty_day_hours", "0", "照工作日历", None)
    by_calendar, _ = clocks_at("shuiwu")
    assert by_calendar[ClockKind.HANDLE].due_at == bureau[ClockKind.HANDLE].due_at
    assert deadlines.extended(work, 2).at - work.due_at == timedelta(hours=48), "what runs keeps its rule"
