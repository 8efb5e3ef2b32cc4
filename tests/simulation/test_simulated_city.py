"""A simulated city: what is played and what is copied agree in every count, and nothing in it is wrong or lost."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text

from hotline import clock
from hotline.background.heartbeats import beat
from hotline.command_simulate import prepare, run
from hotline.config import Config
from hotline.database import session, transaction
from hotline.demo_city import NAME
from hotline.errors import BadInput, Conflict
from hotline.models import CityProfile, Clock, InboxRow, Requester, Ticket
from hotline.simulation.acts import ACTS
from hotline.simulation.plan import STORIES, CityPlan, planned
from hotline.simulation.report import Report, look_through
from hotline.tickets.city_settings import change_setting
from hotline.tickets.identity import open_requester
from tests.conftest import empty_tables
from tests.hotline.invariants_read import broken

FIRST = date(2026, 9, 29)
"""A Tuesday before the longest holiday of the year."""


@pytest.fixture
def city(desk: Flask) -> Iterator[Flask]:
    """A desk whose simulated people go when it is over, and which then reaches the outside again."""
    before = dict(desk.extensions)
    yield desk
    desk.extensions.clear()
    desk.extensions.update(before)
    empty_tables()
    with transaction() as current:
        for table in ("membership", "staff"):
            column = "staff_id" if table == "membership" else "id"
            made = "(SELECT id FROM staff WHERE password_hash = '!')"
            current.execute(text(f"DELETE FROM {table} WHERE {column} IN {made}"))


def simulated(config: Config, plan: CityPlan, *, bulk: bool) -> Report:
    """The report on a city made from nothing, whose ladder presses late units by itself; where a plan has many people,
    two processes play them at once."""
    empty_tables()
    prepare(plan, bulk=bulk)
    with transaction():
        change_setting("ladder_mode", "act", "试用升级规则", None)
    played = run(config, plan, bulk=bulk, processes=1 + (plan.twins > 1 and not bulk))
    assert sum(played.refused.values()) < sum(played.done.values()) / 10, played.refused
    with clock.hold(plan.end), transaction():
        return look_through(plan)


def sound(config: Config, plan: CityPlan, *, bulk: bool) -> Report:
    """Made, and no check and no invariant finds anything; every person has a number and words of their own."""
    report = simulated(config, plan, bulk=bulk)
    assert report.faults == {}
    assert sum(report.counts["states"].values()) == plan.days * plan.per_day
    assert session().execute(text("SELECT count(DISTINCT phone_hash) FROM requester")).scalar_one() > plan.per_day / 2
    last = session().execute(text("SELECT max(ticket_no) FROM ticket")).scalar_one()
    assert open_requester(session().get_one(Requester, last)).text
    with psycopg.connect(config.database_url, autocommit=True) as connection:
        newest = connection.execute("SELECT ticket_no FROM ticket ORDER BY ticket_no DESC LIMIT 100").fetchall()
        assert [words for (number,) in newest for words in broken(connection, number)] == []
    return report


def agree(config: Config, plan: CityPlan) -> Report:
    """Play it, copy it, compare every count."""
    played, copied = (sound(config, plan, bulk=bulk) for bulk in (False, True))
    assert json.dumps(played.words(), sort_keys=True) == json.dumps(copied.words(), sort_keys=True)
    return copied


@pytest.mark.proof
def test_three_days_of_a_hundred_tickets_are_played_without_a_fault(city, config):
    report = sound(config, CityPlan(7, FIRST, 3, 100), bulk=False)
    assert report.figures["open"][0] > 20
    spoil()
    with clock.hold(datetime(2026, 10, 2, tzinfo=clock.CITY_ZONE)), transaction():
        found = look_through(CityPlan(7, FIRST, 3, 100)).faults
    assert set(found) == {"没有主办单位的工单", "期限与最近时限不符的工单", "与逐分钟推算不符的时限"}


@pytest.mark.proof
def test_a_day_is_the_same_played_and_copied(city, config):
    agree(config, CityPlan(7, FIRST, 1, 60, stories=20))


def spoil() -> None:
    """One ticket loses its department, the nearest limit of one a minute."""
    with transaction() as current:
        orphan = current.query(Ticket).filter(Ticket.department_id.is_not(None), Ticket.closed_at.is_(None)).first()
        orphan.department_id = None
        nearest = select(Clock).join(Ticket, Ticket.ticket_no == Clock.ticket_no).where(Ticket.deadline == Clock.due_at)
        running = nearest.where(Clock.kind == "handle", Clock.stopped_at.is_(None), Clock.met_at.is_(None))
        late = current.execute(running).scalars().first()
        late.original_due_at = late.due_at = late.due_at - timedelta(minutes=1)


@pytest.mark.slow
def test_a_month_is_the_same_played_and_copied(city, config):
    report = agree(config, CityPlan(11, FIRST, 30, 1000))
    assert report.counts["states"].keys() >= {"closed", "not_accepted", "merged", "transferred", "withdrawn"}


def test_no_other_database_is_simulated_into(desk, config):
    plan = CityPlan(5, FIRST, 31, 1)
    with pytest.raises(BadInput, match="最多30天"):
        prepare(plan, bulk=True)
    with transaction() as current:
        current.add(InboxRow(platform="simulation", key="5-0-0-0", body_hash=b"", answer={}, received_at=clock.now()))
    with pytest.raises(Conflict, match="已有种子5的模拟"):
        prepare(plan, bulk=False)
    with transaction():
        beat("work@here:1", "work", clock.now())
    with pytest.raises(Conflict, match="请先停止"):
        prepare(plan, bulk=False)
    with transaction() as current:
        current.query(CityProfile).one().name = "某市"
    with pytest.raises(Conflict, match="真实的城市"):
        prepare(plan, bulk=False)
    with transaction() as current:
        current.query(CityProfile).one().name = NAME
    with pytest.raises(BadInput, match="整数倍"):
        CityPlan(5, FIRST, 1, 150)


def test_the_same_seed_is_the_same_plan_and_nobody_shares_a_number():
    plan = CityPlan(3, FIRST, 30, 200)
    tickets = list(planned(plan))
    assert tickets == list(planned(plan))
    assert len(tickets) == 6000
    assert tickets != list(planned(CityPlan(4, FIRST, 30, 200)))
    numbers = [one.who.phone for one in tickets if one.who.phone]
    assert len(numbers) == len(set(numbers)) > 5500
    acts = {name for one in tickets for _, name in one.acts}
    assert acts == {name.partition("+")[0] for _, written in STORIES.values() for name in written.split()} | {"receive"}
    assert acts == set(ACTS) | {"receive"}
    assert all(one.acts == tuple(sorted(one.acts, key=lambda act: act[0])) for one in tickets)
