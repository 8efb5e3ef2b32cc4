"""A ruling that changes the duty list while another version is being made begins from that one, not beside it."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import delete, func, insert, select

from hotline import clock
from hotline.config import Config
from hotline.database import session, transaction
from hotline.errors import BadInput
from hotline.models import DutyRowRecord, RuleVersion
from hotline.tickets import rulebook
from hotline.tickets.dispatch import Order
from hotline.tickets.duty_change import DutyChange, change_duty_list, row_today
from tests.makers import drain, person, send_demand, ticket

WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%rule_version%'"
LAST = date(2099, 12, 31)


@pytest.fixture
def number(desk) -> Iterator[int]:
    """A ticket; what a test adds to the duty list is taken away again."""
    newest = session().execute(select(func.max(RuleVersion.id))).scalar_one()
    no = send_demand()
    drain()
    yield no
    session().rollback()
    with transaction() as current:
        current.execute(delete(DutyRowRecord).where(DutyRowRecord.version_id > newest))
        current.execute(delete(RuleVersion).where(RuleVersion.id > newest))
    rulebook.forget()


def import_again(basis: str) -> int:
    """A version with the rows of the newest, all with this basis and all until a last day; its number."""
    newest = session().execute(select(func.max(RuleVersion.id)).where(RuleVersion.kind == "duty-list")).scalar_one()
    version = RuleVersion(kind="duty-list", imported_at=clock.now(), source="清单.csv")
    session().add(version)
    session().flush()
    names = [one.key for one in DutyRowRecord.__table__.columns if one.key not in ("id", "version_id")]
    for row in session().execute(select(DutyRowRecord).where(DutyRowRecord.version_id == newest)).scalars().all():
        told = {name: getattr(row, name) for name in names} | {"basis": basis, "valid_to": LAST}
        session().execute(insert(DutyRowRecord).values(version_id=version.id, **told))
    return version.id


def rows_of(version: int) -> list[DutyRowRecord]:
    """The rows of a version."""
    return list(session().execute(select(DutyRowRecord).where(DutyRowRecord.version_id == version)).scalars())


def rule(no: int, change: DutyChange) -> DutyRowRecord:
    """The ruling's row, in a transaction of its own."""
    with transaction():
        order = Order(rulebook.rules().departments["cgj"])
        return session().get_one(DutyRowRecord, change_duty_list(ticket(no), person("supervisor1"), order, change))


def test_an_import_that_is_not_finished_yet_is_not_lost_by_a_ruling(desk, config: Config, number: int) -> None:
    made: list[int] = []

    def ruling() -> None:
        with desk.app_context():
            made.append(rule(number, DutyChange(matter_code="0101", object="会商的词")).version_id)

    with psycopg.connect(config.database_url, autocommit=True) as watcher:
        with transaction():
            rulebook.one_version_at_a_time()
            import_again("新文件")
            thread = threading.Thread(target=ruling)
            thread.start()
            while thread.is_alive() and not watcher.execute(WAITING).fetchall():
                pass
        thread.join()
    assert {row.basis for row in rows_of(made[0]) if row.object != "会商的词"} == {"新文件"}


def test_signs_between_words_are_no_words(number: int) -> None:
    with pytest.raises(BadInput) as caught:
        rule(number, DutyChange(matter_code="0101", object="、｜"))
    assert caught.value.fields == {"object": "没有可以匹配的词，不限请留空。"}


def test_a_row_that_a_ruling_replaces_leaves_its_last_day_to_the_new_one(number: int) -> None:
    with transaction():
        import_again("限期")
    rulebook.forget()
    old = row_today(ticket(number))
    new = rule(number, DutyChange(old.id))

    assert (old.valid_to, new.valid_to) == (LAST, LAST)
    ended = clock.city_day(clock.now()) - timedelta(days=1)
    assert [row.valid_to for row in rows_of(new.version_id) if row.valid_to != LAST] == [ended]
