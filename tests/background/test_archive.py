"""The archive: what has ended long enough becomes read-only with all that belongs to it, and shows every change."""

import io
import threading
import time
from argparse import Namespace
from datetime import timedelta

import psycopg
import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from hotline import clock
from hotline.background.archive_batch import archive_ended
from hotline.channels.uploads import keep_files, storage
from hotline.command_archive import changed, verify_archive
from hotline.database import db, session, transaction
from hotline.models import Archive, Attachment, JournalEntry, OutboxRow
from hotline.models.ticket import TO_ARCHIVE
from hotline.models.words import State, Step
from hotline.telephone import message_reports
from hotline.tickets import ending
from hotline.tickets.merge import merge
from hotline.web.form_reading import Upload
from tests.hotline.test_invariants import handled, invitation, rate
from tests.makers import drain, person, send_demand, ticket
from tests.web.counting import statements

pytestmark = pytest.mark.proof

MONTH_LATER = timedelta(days=31)
NIGHT, PER_TICKET = 8, 36
"""Statements for the night itself, and for one ticket: its locks, its step, one look into every table of the file."""


@pytest.fixture
def closed(desk):
    """A ticket with a photo, handled, called back and reviewed."""
    no = handled()
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with transaction():
        keep_files(no, [Upload("现场.png", "image/png", picture.getvalue())], "citizen")
        rate.give_review(invitation(no), rate.ReviewForm("5", "solved"), "link")
    drain()
    return no


def withdrawn():
    """A ticket that its requester took back."""
    no = send_demand()
    drain()
    with transaction():
        ending.withdraw(ticket(no))
    drain()
    return no


def a_month_later():
    """The night's archiving, when everything here ended long ago."""
    with time_machine.travel(clock.now() + MONTH_LATER):
        archive_ended()


def kept(no):
    """The row of the archive."""
    return session().get_one(Archive, no, populate_existing=True)


def by_superuser(config, statement, *values):
    """Change a row behind the triggers' back."""
    with psycopg.connect(config.database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement, values).rowcount


def test_what_ended_a_month_ago_is_archived_and_nothing_else(closed):
    other, young = withdrawn(), send_demand()
    drain()
    archive_ended()
    assert ticket(closed).state is State.CLOSED
    a_month_later()
    assert [ticket(no).state.value for no in (closed, other, young)] == ["archived", "archived", "to_sign"]
    row = kept(closed)
    photo = session().query(Attachment).one()
    assert set(row.parts["files"]) == {photo.storage_key, photo.clean_key}
    assert row.parts["tables"]["journal_entry"]["rows"] == ticket(closed).steps
    assert {"reply", "review", "callback", "message", "requester", "clock"} <= set(row.parts["tables"])
    assert row.retention_until.isoformat() == f"{clock.now().year + 10}-12-31"
    assert changed(closed) == changed(other) == []


def test_an_open_alarm_or_something_still_to_follow_keeps_a_ticket_and_its_followers_back(desk):
    alarmed, waiting, master, free = withdrawn(), withdrawn(), handled(), withdrawn()
    follower = send_demand("这里的情况一直没有人来看过，想请有关单位过来看看。")
    drain()
    with transaction():
        ticket(alarmed).alarm_open = True
        merge(ticket(follower), person("dispatcher1"), master)
        rate.give_review(invitation(master), rate.ReviewForm("5", "solved"), "link")
    drain()
    with transaction() as current:
        for no in (waiting, follower):
            later = {"lane": "outside", "kind": "send_message", "ref": {}, "created_at": clock.now()}
            current.add(OutboxRow(ticket_no=no, not_before=clock.now(), **later))
    a_month_later()
    assert ticket(free).state is State.ARCHIVED
    assert [ticket(no).state.value for no in (alarmed, waiting, master)] == ["withdrawn", "withdrawn", "closed"]
    assert ticket(follower).state is State.MERGED
    with transaction() as current:
        current.execute(text("DELETE FROM outbox"))
    a_month_later()
    assert ticket(master).state is ticket(follower).state is State.ARCHIVED
    assert ticket(alarmed).state is State.WITHDRAWN


def test_a_change_of_any_row_of_the_file_shows(closed, config):
    a_month_later()
    filled = [name for name, part in kept(closed).parts["tables"].items() if part["rows"]]
    assert {"ticket", "journal_entry", "reply", "review", "clock", "message", "assignment"} <= set(filled)
    for name in filled:
        with psycopg.connect(config.database_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(f"CREATE TEMP TABLE kept_rows AS SELECT * FROM {name} WHERE ticket_no = {closed}")
            connection.execute(f"DELETE FROM {name} WHERE ticket_no = {closed}")
            connection.commit()
            assert changed(closed) == [name]
            connection.execute(f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM kept_rows")
    assert changed(closed) == []
    by_superuser(config, "UPDATE reply SET public_reply = public_reply || '。' WHERE ticket_no = %s", closed)
    assert changed(closed) == ["reply"]


def test_a_changed_or_lost_file_and_a_forged_sum_show(closed, config):
    a_month_later()
    photo = session().query(Attachment).one()
    session().rollback()
    storage().delete(photo.clean_key)
    assert changed(closed) == [photo.clean_key]
    by_superuser(config, "UPDATE archive SET parts = jsonb_set(parts, '{files}', '{}') WHERE ticket_no = %s", closed)
    assert changed(closed) == ["archive"]


def refuses(config, statement):
    """The database will not have it, whoever asks in the desk's name."""
    with psycopg.connect(config.database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_desk_itself_can_change_nothing_of_an_archived_file(closed, config):
    a_month_later()
    noise = withdrawn()
    tables = "reply review callback assignment clock invitation attachment message archive"
    for table in tables.split():
        for statement in (f"UPDATE {table} SET ticket_no = ticket_no WHERE ticket_no = {closed}",
                          f"DELETE FROM {table} WHERE ticket_no = {closed}"):  # fmt: skip
            refuses(config, statement)
    moment = "'2026-01-01'"
    for statement in (
        f"INSERT INTO contact (ticket_no, staff_id, tried_at, reached) VALUES ({closed}, 1, {moment}, true)",
        f"UPDATE message SET ticket_no = {closed} WHERE ticket_no = {noise}",
        "INSERT INTO journal_entry (ticket_no, seq, step, to_state, round, actor_kind, actor_role, occurred_at, "
        f"recorded_at, data, versions) SELECT {closed}, 99, 'urge', 'closed', 1, 'system', 'system', {moment}, "
        f"{moment}, '{{}}', '{{}}'",
    ):
        refuses(config, statement)
    with psycopg.connect(config.database_url) as connection:
        assert connection.execute("UPDATE message SET problem = 'x' WHERE ticket_no = %s", [noise]).rowcount


def test_a_late_report_of_the_carrier_breaks_nothing(closed):
    with transaction() as current:
        key = current.execute(text("SELECT idempotency_key FROM message LIMIT 1")).scalar_one()
    a_month_later()
    with transaction():
        message_reports.report(key, "failed")
    assert changed(closed) == []


def test_a_night_that_dies_half_way_archives_nothing_twice(desk, config):
    numbers = [withdrawn() for _ in range(3)]
    died = []

    def night():
        with desk.app_context():
            try:
                archive_ended()
            except OperationalError as problem:
                died.append(problem)

    with time_machine.travel(clock.now() + MONTH_LATER), psycopg.connect(config.database_url) as holder:
        holder.execute("SELECT 1 FROM ticket WHERE ticket_no = %s FOR UPDATE", [numbers[1]])
        worker = threading.Thread(target=night)
        worker.start()
        while not (waiting := blocked(config)):
            time.sleep(0.05)
        with psycopg.connect(config.database_url, autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(%s)", waiting)
        worker.join()
    assert died
    db.engine.dispose()
    assert [ticket(no).state.value for no in numbers] == ["archived", "withdrawn", "withdrawn"]
    a_month_later()
    steps = select(JournalEntry.ticket_no, func.count()).where(JournalEntry.step == Step.ARCHIVE)
    assert dict(session().execute(steps.group_by(JournalEntry.ticket_no)).all()) == dict.fromkeys(numbers, 1)
    assert [changed(no) for no in numbers] == [[]] * 3


def blocked(config):
    """The backend that waits for the held row."""
    with psycopg.connect(config.database_url) as connection:
        waits = "wait_event_type = 'Lock' AND datname = current_database()"
        return connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {waits} LIMIT 1").fetchone()


def test_the_rates_count_an_archived_ticket_as_before(closed, signed_in):
    board = signed_in("supervisor1")
    day = clock.city_day(clock.now())
    before = board.get(f"/board/tickets?figure=resolution&from={day}&to={day}").text
    assert str(closed) in before.replace(" ", "")
    a_month_later()
    assert str(closed) in board.get(f"/board/tickets?figure=resolution&from={day}&to={day}").text.replace(" ", "")


def test_a_lost_file_keeps_its_own_ticket_back_and_no_other(closed):
    other, photo = withdrawn(), session().query(Attachment).one()
    storage().delete(photo.storage_key)
    a_month_later()
    assert ticket(closed).state is State.CLOSED
    assert ticket(other).state is State.ARCHIVED


def test_archiving_takes_few_statements(closed):
    withdrawn()
    with statements() as counted:
        a_month_later()
    print(f"archive two tickets: {len(counted)} statements")
    assert len(counted) <= NIGHT + 2 * PER_TICKET


def test_the_night_looks_at_nothing_but_what_is_due(closed):
    with transaction() as current:
        current.execute(text("SET LOCAL enable_seqscan = off"))
        plan = current.execute(text(
            f"EXPLAIN SELECT ticket_no FROM ticket WHERE {TO_ARCHIVE} "
            "AND closed_at <= '2026-01-01' ORDER BY closed_at, ticket_no LIMIT 200"
        )).scalars().all()  # fmt: skip
    assert "ix_ticket_to_archive" in "".join(plan)


def test_the_command_names_what_has_changed(closed, config, capsys):
    a_month_later()
    assert verify_archive(config, Namespace(number="")) == 0
    by_superuser(config, "UPDATE ticket SET title = '别的' WHERE ticket_no = %s", closed)
    assert verify_archive(config, Namespace(number=str(closed))) == 1
    out = capsys.readouterr().out
    assert "与归档时不一致：ticket" in out
    assert "核对 1 件，一致 0 件。" in out
