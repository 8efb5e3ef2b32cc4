"""The ticket's row comes first: locked once a transaction, and never by two who wait for each other."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.background import reading
from hotline.background.drain import finish_inner
from hotline.background.jobs import INNER, InnerJob
from hotline.background.telling import keep_message
from hotline.database import session, transaction
from hotline.models import DemandGroup, OutboxRow, Ticket
from hotline.models.words import UrgencyGrade
from hotline.tickets.city_settings import change_setting
from hotline.tickets.grouping import note_group
from hotline.tickets.lifecycle import lock, put
from tests.makers import send_demand, ticket
from tests.web.counting import statements


def test_a_locked_ticket_is_not_asked_for_again_until_its_savepoint_or_transaction_ends(desk):
    no = send_demand()
    with transaction() as current, statements() as sent:
        first = ticket(no)
        savepoint = current.begin_nested()
        lock(first).urgency = UrgencyGrade.URGENT
        assert lock(first) is first
        savepoint.rollback()
        assert lock(first).urgency is UrgencyGrade.NORMAL
        with current.begin_nested():
            assert lock(first) is lock(ticket(no))
    assert asked(sent) == 2
    with transaction(), statements() as sent:
        lock(session().merge(first))
    assert asked(sent) == 1


def asked(sent: list[str]) -> int:
    """How often a ticket was locked."""
    return sum("FOR UPDATE" in one or "FOR NO KEY UPDATE" in one for one in sent)


@pytest.fixture
def both(desk):
    """Runs two pieces of work at once, each in a thread with the desk's tables; their answers."""

    def run(*works: Callable[[], object]) -> list[object]:
        def within(work: Callable[[], object]) -> object:
            with desk.app_context():
                return work()

        with ThreadPoolExecutor(len(works)) as pool:
            return [one.result(20) for one in [pool.submit(within, work) for work in works]]

    return run


def test_two_who_told_somebody_of_a_ticket_may_both_step_it_afterwards(both):
    no, told = send_demand(), threading.Barrier(2, timeout=10)

    def tell_then_lock(mark: int) -> int:
        with transaction():
            keep_message(ticket(no), "ticket_received", mark)
            told.wait()
            return lock(ticket(no)).ticket_no

    assert both(lambda: tell_then_lock(1), lambda: tell_then_lock(2)) == [no, no]


def test_two_batches_of_the_same_tickets_go_through_them_in_the_same_order(both, monkeypatch):
    numbers = [send_demand(), send_demand()]
    batches = [kept_rows(numbers), kept_rows(numbers[::-1])]

    def slow(row: OutboxRow, _: object) -> None:
        lock(ticket(row.ticket_no))
        time.sleep(0.3)

    monkeypatch.setitem(INNER, "reckon_again", InnerJob(slow))
    assert both(*(lambda ids=ids: finish_inner("reckon_again", ids) for ids in batches)) == [2, 2]


def test_two_batches_whose_tickets_join_the_same_groups_go_through_these_in_the_same_order(both, monkeypatch):
    with transaction():
        change_setting("hot_callers", "1", "一人即提示", None)
    spots = ["金桂苑小区", "湖景名苑", "湖景名苑", "金桂苑小区"]
    numbers = [send_demand() for _ in spots]
    with transaction():
        for no, spot in zip(numbers, spots, strict=True):
            ticket(no).place_name, ticket(no).matter_code = spot, "0603"
    batches = [kept_rows(two, "classify") for two in (numbers[:2], numbers[2:])]

    def slow(one: Ticket) -> None:
        note_group(one)
        time.sleep(0.3)

    monkeypatch.setattr(reading, "note_group", slow)
    monkeypatch.setitem(INNER, "classify", replace(INNER["classify"], prepare=lambda _: {}))
    assert both(*(lambda ids=ids: finish_inner("classify", ids) for ids in batches)) == [2, 2]
    counted = session().execute(select(DemandGroup.place_name, DemandGroup.tickets).order_by(DemandGroup.id))
    assert sorted(map(tuple, counted)) == [("湖景名苑", 2), ("金桂苑小区", 2)]


def kept_rows(numbers: list[int], kind: str = "reckon_again") -> list[int]:
    """Rows of the outbox about these tickets, in this order."""
    with transaction() as current:
        rows = [put(kind, no, {}, at=clock.now()) for no in numbers]
        current.flush()
        return [row.id for row in rows]
