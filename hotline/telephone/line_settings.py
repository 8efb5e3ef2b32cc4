"""How this city's line speaks and when it is staffed: the call flow's settings, read from the rulebook."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from hotline import clock
from hotline.config import Config
from hotline.database import session
from hotline.models import Seat
from hotline.models.phone_words import SeatState
from hotline.telephone.call_flow import FlowSettings, Why
from hotline.telephone.pairing import silent_before
from hotline.tickets.rulebook import rules, setting

MENU_WAIT = 5
"""Seconds a city that wants a menu waits for a key; default."""


def flow() -> FlowSettings:
    """The line as the city set it."""
    plain = flow_without_tables()
    return FlowSettings(
        public_base_url=plain.public_base_url,
        city=rules().city or plain.city,
        greeting=setting("greeting"),
        recording_notice=setting("recording_notice"),
        key_wait=MENU_WAIT if setting("menu") else plain.key_wait,
    )


def flow_without_tables() -> FlowSettings:
    """What can be said while the database is away."""
    config: Config = current_app.extensions["hotline-config"]
    return FlowSettings(public_base_url=config.base_url)


def why_nobody_answers(moment: datetime) -> Why | None:
    """Why a caller is asked for a message instead of being queued; None when somebody is there."""
    if not open_at(moment, setting("service_hours")):
        return Why.CLOSED
    return None if on_duty(moment) else Why.NOBODY


def open_at(moment: datetime, hours: str) -> bool:
    """Whether agents answer at this moment; `hours` like 08:00-20:00 in the city, over midnight too."""
    start, _, end = hours.partition("-")
    time = f"{clock.in_city(moment):%H:%M}"
    return start <= time < end if start <= end else time >= start or time < end


def on_duty(moment: datetime) -> bool:
    """Whether any seat is taken, be it busy just now."""
    alive = Seat.heartbeat_at > silent_before(moment)
    present = select(Seat.staff_id).where(Seat.state != SeatState.OFFLINE, alive)
    return session().execute(present.limit(1)).first() is not None
