"""Of several schedulers one is active; a missed run is made up for; a failure is noted and stops nobody."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from hotline import clock
from hotline.background.schedule import SCHEDULE, Daily, Every, Work
from hotline.background.scheduler import LOCK, Scheduler
from hotline.database import db, session, transaction
from hotline.errors import BadInput
from hotline.models import CronRun

pytestmark = [pytest.mark.usefixtures("desk"), pytest.mark.database]
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def two() -> Iterator[tuple[Scheduler, Scheduler, list[str]]]:
    """Two schedulers with the same work, and what ran."""
    ran: list[str] = []
    schedule = (
        Work("often", Every(60), lambda: ran.append("often"), "常做"),
        Work("nightly", Daily(time(3, 10)), lambda: ran.append("nightly"), "夜里做"),
    )
    first, second = Scheduler(schedule), Scheduler(schedule)
    yield first, second, ran
    first.let_go()
    second.let_go()


def test_only_the_holder_of_the_lock_works_and_its_death_frees_it(two) -> None:
    first, second, ran = two
    assert first.tick() == ["often"]
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert second.tick() == []
        kill_holder()
        with pytest.raises(OperationalError):
            first.tick()
        assert second.tick() == ["often"]
        assert first.tick() == []
    assert ran == ["often", "often"]


def kill_holder() -> None:
    """End the database connection that holds the lock, as a crash would."""
    holder = text(
        "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        "WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = :lock"
    )
    with transaction() as current:
        assert current.execute(holder, {"lock": LOCK}).scalars().all() == [True]


def test_a_run_missed_in_the_night_is_made_up_for_once(two) -> None:
    first, _, ran = two
    with time_machine.travel(NOON, tick=False) as journey:
        assert first.tick() == ["often"]
        journey.shift(timedelta(days=3))
        assert first.tick() == ["often", "nightly"]
        assert first.tick() == []
        due_at = session().execute(select(CronRun.due_at).where(CronRun.name == "nightly")).scalar_one()
        assert due_at == NOON.replace(hour=19, minute=10) + timedelta(days=3)
    assert ran.count("nightly") == 1


def test_a_failure_is_noted_tried_again_in_a_minute_and_stops_no_other_work() -> None:
    ran: list[str] = []

    def fail() -> None:
        raise BadInput("今天不行。")

    good = Work("good", Every(1), lambda: ran.append("x"), "")
    schedule = Scheduler((Work("bad", Daily(time(3, 10)), fail, ""), good))
    with time_machine.travel(NOON, tick=False) as journey:
        schedule.tick()
        journey.shift(timedelta(days=1))
        assert schedule.tick() == ["bad", "good"]
        row = session().get_one(CronRun, "bad")
        assert (row.problem, row.due_at) == ("今天不行。", clock.now() + timedelta(minutes=1))
    schedule.let_go()
    assert len(ran) == 2


def test_daily_times_are_the_citys() -> None:
    early = Daily(time(3, 10))
    assert early.after(datetime(2026, 11, 19, 19, 9, tzinfo=UTC)) == datetime(2026, 11, 19, 19, 10, tzinfo=UTC)
    assert early.after(datetime(2026, 11, 19, 19, 10, tzinfo=UTC)) == datetime(2026, 11, 20, 19, 10, tzinfo=UTC)


def test_the_whole_schedule_runs_on_an_empty_desk_without_a_problem() -> None:
    scheduler = Scheduler()
    scheduler.tick()
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert scheduler.tick() == [work.name for work in SCHEDULE]
    scheduler.let_go()
    assert session().execute(select(func.count()).where(CronRun.problem != "")).scalar_one() == 0
    assert db.engine.pool.checkedout() <= 1
