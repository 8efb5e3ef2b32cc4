"""The ladder: each rung once, an extension moves it, listing writes nothing, a sweep that dies does nothing twice."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from hotline import clock
from hotline.background.ladder_sweep import ladder_sweep
from hotline.database import session, transaction
from hotline.demo_city import FOLDER
from hotline.errors import BadInput
from hotline.importing import read_file
from hotline.models import Clock, JournalEntry, Reminder, Summons, Ticket
from hotline.models.words import ClockKind, Step
from hotline.supervision.ledgers import LEDGERS
from hotline.tickets import city_settings, escalating, extending, handle
from routing.ladder import COLUMNS
from tests.makers import GOOD_REPLY, drain, person, ticket
from tests.web.counting import statements
from tests.web.prepared_tickets import prepare

MONDAY = "2026-03-09T02:00:00+00:00"
DAY = timedelta(days=1)


def decide(**settings):
    """The city's settings."""
    with transaction():
        for key, value in settings.items():
            city_settings.change_setting(key, value, "试用升级规则", None)


def pressed(no):
    """What was done to a ticket's department, in order."""
    drain()
    rows = [session().execute(select(kind).where(kind.ticket_no == no)).scalars() for kind in (Reminder, Summons)]
    return [one.kind.value for several in rows for one in several]


def work_clock(no):
    """The limit to handle."""
    query = select(Clock).where(Clock.ticket_no == no, Clock.kind == ClockKind.HANDLE)
    return session().execute(query.execution_options(populate_existing=True)).scalar_one()


def sweep(times=2):
    """The periodic work, as often as nothing new should come of it."""
    for _ in range(times):
        ladder_sweep()


def rows():
    """All that a sweep could write."""
    session().rollback()
    tables = ("reminder", "summons", "journal_entry", "clock", "outbox", "message")
    found = [session().execute(text(f"SELECT * FROM {one} ORDER BY 1")).all() for one in tables]
    session().rollback()
    return found


def test_each_rung_is_taken_once_and_a_working_day_lies_between(desk, signed_in):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        decide(ladder_mode="act")
        no, quiet = prepare("handling"), prepare("to_check")
        limit = work_clock(no)
        assert limit.next_rung_at == limit.started_at + (limit.due_at - limit.started_at) * 0.75, "the yellow light"
        sweep()
        assert pressed(no) == []
        seen = ["urge", "supervise", "listed", "interview", "notice", "referral"]
        for done, rung in enumerate(seen, 1):
            traveller.move_to(work_clock(no).next_rung_at)
            sweep()
            assert pressed(no) == seen[:done], rung
        assert work_clock(no).next_rung_at is None
        assert pressed(quiet) == []
        journal = select(JournalEntry).where(JournalEntry.ticket_no == no).order_by(JournalEntry.seq)
        steps = session().execute(journal).scalars()
        by_system = [one.step.value for one in steps if one.step in (Step.URGE, Step.SUPERVISE)]
        assert by_system == ["urge", "supervise"]
        boss = signed_in("supervisor1")
        assert "待受理" in boss.get("/supervision/summons").text
        listed = session().execute(select(Summons.id).where(Summons.kind == "listed")).scalar_one()
        busy = boss.post(f"/supervision/tickets/{no}/summons/{listed}", data={})
        assert busy.status_code == 409, "a supervision goes on"
        (supervision,) = [one for one in session().execute(select(Reminder)).scalars() if one.kind == "supervise"]
        boss.post(f"/supervision/tickets/{no}/reminders/{supervision.id}/end", data={"words": "改为挂牌督办"})
        assert boss.post(f"/supervision/tickets/{no}/summons/{listed}", data={}).status_code == 303
        assert pressed(no)[:3] == ["urge", "supervise", "listed"]


def test_a_ticket_overdue_for_long_is_pressed_rung_by_rung_on_different_days(desk):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        no = prepare("handling")
        traveller.shift(60 * DAY)
        decide(ladder_mode="act")
        sweep(3)
        assert pressed(no) == ["urge"]
        traveller.shift(4 * DAY)
        sweep(3)
        assert pressed(no) == ["urge", "supervise"]


def test_listing_writes_nothing_and_shows_whom_it_would_press_and_why(desk, signed_in):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        no, quiet = prepare("handling"), prepare("to_check")
        traveller.move_to(work_clock(no).due_at + timedelta(hours=1))
        before = rows()
        sweep()
        with statements() as counted:
            page = signed_in("supervisor1").get("/supervision/ladder").text
        assert len(counted) <= 12, counted
        assert rows() == before
        assert "现在只列出、不办理" in page
        assert "已到期限未办结，按升级规则催办" in page
        assert [f"tickets/{one}" in page for one in (no, quiet)] == [True, False]


def test_an_extension_moves_the_rung_and_a_submitted_result_ends_the_climb(desk):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        decide(ladder_mode="act")
        no = prepare("extension_asked")
        before = work_clock(no).next_rung_at
        with transaction():
            extending.decide_extension(ticket(no), person("supervisor1"), grant=True, note="")
        after = work_clock(no)
        assert after.next_rung_at > before
        traveller.move_to(before)
        sweep()
        assert pressed(no) == []
        traveller.move_to(after.next_rung_at)
        sweep()
        assert pressed(no) == ["urge"]
        with transaction():
            handle.reply(ticket(no), person("zjj_handler"), GOOD_REPLY)
            handle.submit(ticket(no), person("zjj_lead"))
        traveller.shift(60 * DAY)
        sweep()
        assert pressed(no) == ["urge"]


def test_nobody_is_pressed_while_the_work_is_suspended(desk):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        decide(ladder_mode="act")
        no = prepare("suspended")
        until = clock.city_day(clock.now()) + DAY
        assert clock.city_day(work_clock(no).next_rung_at) >= until
        traveller.shift(timedelta(hours=5))
        sweep()
        assert pressed(no) == []


def test_a_sweep_that_dies_half_way_does_nothing_twice(desk):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        decide(ladder_mode="act")
        numbers = [prepare("handling") for _ in range(3)]
        traveller.move_to(work_clock(numbers[-1]).next_rung_at)
        with transaction():
            assert escalating.tickets_to_climb(10) == numbers
            escalating.climb(ticket(numbers[0]))
        with pytest.raises(Dies), transaction():
            escalating.climb(ticket(numbers[1]))
            raise Dies
        assert [pressed(no) for no in numbers] == [["urge"], [], []]
        sweep(3)
        assert [pressed(no) for no in numbers] == [["urge"]] * 3


def test_new_rules_hold_for_limits_that_run_and_a_wrong_mode_is_refused(desk, tmp_path):
    no, file = prepare("handling"), tmp_path / "ladder.csv"
    before = work_clock(no).next_rung_at
    file.write_text(f"{','.join(COLUMNS)}\nurge,*,50,percent,2025-01-01,\n", encoding="utf-8")
    try:
        with transaction():
            assert read_file("ladder", file) == 1
        limit = work_clock(no)
        assert limit.next_rung_at == limit.started_at + (limit.due_at - limit.started_at) * 0.5 < before
    finally:
        with transaction():
            read_file("ladder", FOLDER / "ladder.csv")
    assert work_clock(no).next_rung_at == before
    for key, wrong in (("ladder_mode", "often"), ("at_sign_limit", "")):
        with pytest.raises(BadInput):
            decide(**{key: wrong})


class Dies(BaseException):
    """The process ends here, as by a signal: nothing of the transaction is kept."""


def test_who_does_not_sign_is_urged_once_or_signed_for_as_the_city_chose(desk, signed_in, messages):
    with time_machine.travel(MONDAY, tick=True) as traveller:
        no, signed = prepare("to_sign"), prepare("handling")
        sweep()
        assert pressed(no) == []
        traveller.shift(2 * DAY)
        sweep(3)
        assert [pressed(one) for one in (no, signed)] == [["urge"], []]
        assert [template for _, template, *_ in messages.sent].count("department_urged") == 1
        page = signed_in("dispatcher1").get("/dispatch?tab=unsigned").text
        assert [f"/dispatch/{one}" in page for one in (no, signed)] == [True, False]
        decide(at_sign_limit="sign")
        other = prepare("to_sign")
        traveller.shift(2 * DAY)
        sweep()
        assert [ticket(one).state.value for one in (other, no)] == ["handling", "to_sign"]
        assert pressed(other) == []


def test_a_sweep_and_the_ledgers_touch_due_rows_alone(desk):
    prepare("handling")
    ladder_sweep()
    with statements() as counted:
        ladder_sweep()
    assert len(counted) <= 3, counted
    first = escalating.due_to_climb().order_by(Clock.next_rung_at, Clock.id).limit(51)
    wanted = {"ix_clock_next_rung": first}
    wanted["ix_ticket_open_number"] = LEDGERS["undecided"].tickets().order_by(Ticket.ticket_no).limit(51)
    for key in ("shirked", "poorly_handled"):
        wanted["ix_ticket_open_again"] = LEDGERS[key].tickets().order_by(Ticket.ticket_no).limit(51)
        for index, query in wanted.items():
            assert index in plan(query), (index, key)


def plan(query):
    """How the server would answer, where it may not read whole tables."""
    written = str(query.compile(session().get_bind(), compile_kwargs={"literal_binds": True}))
    with transaction() as current:
        current.execute(text("SET LOCAL enable_seqscan = off"))
        current.execute(text("SET LOCAL enable_sort = off"))
        return "".join(current.execute(text("EXPLAIN " + written.replace(":", r"\:"))).scalars())
