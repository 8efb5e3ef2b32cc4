"""Time itself closes what nobody reviewed, and makes provisional limits final when their calendar comes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import delete, func, select

from hotline import clock
from hotline.background.expiring import clean_inbox, close_expired_invitations, reckon_provisional
from hotline.database import session, transaction
from hotline.demo_city import FOLDER
from hotline.importing import read_file
from hotline.models import CalendarDay, Clock, InboxRow, Invitation, JournalEntry, RuleVersion
from hotline.models.words import ClosingReason, State, Step
from hotline.tickets import ending, handle, rulebook, suspending
from tests.makers import drain, person, send_demand, ticket, unit_of

pytestmark = pytest.mark.usefixtures("desk")
YEAR_END = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)


def answered() -> int:
    """A ticket answered directly, its requester invited to review."""
    no = send_demand()
    with transaction():
        ending.answer_directly(ticket(no), person("dispatcher1"), "依规定办理，材料已列出。", None)
    drain()
    assert ticket(no).state is State.TO_EVALUATE
    return no


def entry(no: int, step: Step) -> JournalEntry:
    """The one journal row of this step."""
    query = select(JournalEntry).where(JournalEntry.ticket_no == no, JournalEntry.step == step)
    return session().execute(query).scalar_one()


def test_an_invitation_that_ran_out_closes_its_ticket_with_reason_and_evidence() -> None:
    no = answered()
    with time_machine.travel(clock.now() + timedelta(days=6)):
        later = answered()
        close_expired_invitations()
        assert ticket(no).state is State.TO_EVALUATE
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        close_expired_invitations()
        close_expired_invitations()

    assert ticket(no).state is State.CLOSED
    assert ticket(no).closing_reason is ClosingReason.INVITATION_EXPIRED
    invitation = session().execute(select(Invitation.id).where(Invitation.ticket_no == no)).scalar_one()
    assert entry(no, Step.CLOSE).data["evidence"] == {"table": "invitation", "id": invitation}
    assert ticket(later).state is State.TO_EVALUATE


@pytest.fixture
def next_year(tmp_path: Path) -> Iterator[Path]:
    """A calendar that also knows 2027, with a holiday on 4 January; its rows go again after the test."""
    file = tmp_path / "calendar.csv"
    known = (FOLDER / "calendar.csv").read_text(encoding="utf-8").rstrip("\n")
    file.write_text(f"{known}\n2027-01-01,year,,测试,2\n2027-01-01,holiday,,测试,2\n2027-01-04,holiday,,测试,2\n")
    newest = session().execute(select(func.max(RuleVersion.id))).scalar_one()
    yield file
    with transaction() as current:
        current.execute(delete(CalendarDay).where(CalendarDay.version_id > newest))
        current.execute(delete(RuleVersion).where(RuleVersion.id > newest))
    rulebook.forget()


def test_a_new_calendar_makes_provisional_limits_final_with_a_journal_row(next_year) -> None:
    with time_machine.travel(YEAR_END, tick=False):
        no = send_demand()
        drain()
        assert unit_of(no)
        before = {c.id: c.due_at for c in provisional(no)}
        assert before
        deadline = ticket(no).deadline
        reckon_provisional()
        assert drain() is None
        assert {c.id: c.due_at for c in provisional(no)} == before

        with transaction():
            read_file("calendar", next_year)
        reckon_provisional()
        reckon_provisional()
        drain()

    assert provisional(no) == []
    changes = {change["clock"]: change for change in entry(no, Step.RECKON_AGAIN).data["clocks"]}
    assert changes.keys() == before.keys()
    for running in clocks(no):
        if running.id in before:
            assert changes[running.id]["old_due_at"] == before[running.id].isoformat()
            assert changes[running.id]["new_due_at"] == running.due_at.isoformat()
            assert running.due_at == running.original_due_at > before[running.id]
    assert ticket(no).deadline == min(c.due_at for c in clocks(no) if c.kind.value not in ("return", "evaluate"))
    assert ticket(no).deadline >= deadline


def test_a_suspension_over_a_new_year_is_reckoned_again_with_its_calendar(next_year) -> None:
    with time_machine.travel(YEAR_END, tick=False):
        no = send_demand()
        drain()
        form = suspending.SuspensionForm("等待检测报告", "检测规程第三条", "报告出具后约谈", date(2027, 1, 4))
        with transaction():
            handle.sign(ticket(no), unit_of(no))
            suspending.ask_suspension(ticket(no), unit_of(no), form)
            suspending.decide_suspension(ticket(no), person("supervisor1"), grant=True, note="")
        before = handling(no)
        assert clock.shown(before.due_at) == "1月11日 24:00"
        assert before.provisional

        with transaction():
            read_file("calendar", next_year)
        reckon_provisional()
        drain()

        assert (clock.shown(handling(no).due_at), handling(no).provisional) == ("1月12日 24:00", False)
        assert clock.shown(handling(no).original_due_at) == "1月8日 24:00"


def handling(no: int) -> Clock:
    """The running handling limit."""
    return next(one for one in clocks(no) if one.kind.value == "handle")


def clocks(no: int) -> list[Clock]:
    """The running clocks of a ticket as they stand in the database."""
    query = select(Clock).where(Clock.ticket_no == no, Clock.stopped_at.is_(None), Clock.met_at.is_(None))
    return list(session().execute(query.execution_options(populate_existing=True)).scalars())


def provisional(no: int) -> list[Clock]:
    """Those reckoned without a calendar."""
    return [one for one in clocks(no) if one.provisional]


def test_keys_of_the_inbox_are_kept_for_half_a_year() -> None:
    send_demand()
    with time_machine.travel(clock.now() + timedelta(days=179)):
        clean_inbox()
    assert session().execute(select(func.count()).select_from(InboxRow)).scalar_one() == 1
    with time_machine.travel(clock.now() + timedelta(days=181)):
        clean_inbox()
    assert session().execute(select(func.count()).select_from(InboxRow)).scalar_one() == 0
