"""The invariants of domain.md §18 that the desk holds from its first day, one test each."""

import itertools
from datetime import timedelta

import psycopg
import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.errors import Forbidden, IllegalStep
from hotline.models import AccessLog, Assignment, BadReviewCase, Clock, Invitation, JournalEntry
from hotline.models.words import ClockKind, ClosingReason, Confidentiality, Grade, Role, Solved, State, Step
from hotline.tickets import call_back, checking, ending, extending, handle, rate
from hotline.tickets.lifecycle import REQUESTER, SYSTEM, Actor, Detail, take_step
from hotline.tickets.merge import merge
from hotline.tickets.rulebook import rules
from hotline.tickets.supplement import supplement
from tests.makers import ALONE, GOOD_REPLY, drain, person, send_demand, ticket, unit_of


def journal(no):
    return list(session().execute(
        select(JournalEntry).where(JournalEntry.ticket_no == no).order_by(JournalEntry.seq)
    ).scalars())  # fmt: skip


def handled(solved=Solved.SOLVED):
    """A ticket all the way to its review invitation."""
    no = send_demand()
    drain()
    handler, lead = unit_of(no), unit_of(no, "lead")
    for act in (
        lambda: handle.sign(ticket(no), handler),
        lambda: handle.reply(ticket(no), handler, GOOD_REPLY),
        lambda: handle.submit(ticket(no), lead, ALONE),
        lambda: checking.pass_check(ticket(no), person("dispatcher1")),
        lambda: call_back.record_callback(
            ticket(no), person("callback1"), call_back.CallbackForm(True, True, solved, Grade.SATISFIED)
        ),
    ):
        with transaction():
            act()
    drain()
    return no


def lead_limit(no):
    """The limit of the work of the unit that leads."""
    mine = (Clock.ticket_no == no, Clock.department_id == ticket(no).department_id)
    return select(Clock).where(*mine, Clock.kind == ClockKind.HANDLE)


def invitation(no):
    query = select(Invitation).where(Invitation.ticket_no == no).order_by(Invitation.id.desc())
    return session().execute(query.limit(1)).scalar_one()


def test_i1_every_ticket_has_exactly_one_master_number(desk):
    no = send_demand()
    assert ticket(no).master_no == no


def test_i2_a_dispatched_ticket_has_exactly_one_lead_a_round(desk):
    no = handled()
    with transaction():
        decide_again(no)
    shares = session().execute(select(Assignment).where(Assignment.ticket_no == no)).scalars().all()
    rounds = [share.round for share in shares if share.is_lead]
    assert sorted(rounds) == sorted(set(rounds)) == list(range(1, ticket(no).round + 1))


def decide_again(no):
    rate.give_review(invitation(no), rate.ReviewForm("1", "not", "not_solved"), "link")


def test_i3_the_journal_is_an_unbroken_chain_that_ends_in_the_tickets_state(desk):
    rows = journal(handled())
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert all(later.from_state == earlier.to_state for earlier, later in itertools.pairwise(rows))
    assert rows[-1].to_state is ticket(rows[0].ticket_no).state


def test_i4_due_dates_move_only_by_a_granted_extension_with_its_journal_row(desk):
    no = send_demand()
    drain()
    with transaction():
        handle.sign(ticket(no), unit_of(no))
    with transaction():
        extending.ask_extension(ticket(no), unit_of(no), extending.ExtensionForm("需要专业检测，时间较长", "检测需要时日", 3))
    query = lead_limit(no)
    before = session().execute(query).scalar_one().due_at
    with transaction():
        extending.decide_extension(ticket(no), person("supervisor1"), grant=True, note="")
    moved = session().execute(query).scalar_one()
    assert moved.original_due_at == before < moved.due_at
    row = next(entry for entry in journal(no) if entry.step is Step.GRANT_EXTENSION)
    assert row.data["old_due_at"] == before.isoformat()
    others = session().execute(select(Clock).where(Clock.ticket_no == no, Clock.kind != ClockKind.HANDLE)).scalars()
    assert all(one.due_at == one.original_due_at for one in others)


def test_i10_a_bad_review_opens_a_case_whose_contact_is_due_in_one_working_day(desk):
    friday = clock.now().replace(year=2026, month=11, day=20, hour=3, minute=0)
    with time_machine.travel(friday, tick=False):
        no = handled()
        with transaction():
            decide_again(no)
        case = session().execute(select(BadReviewCase).where(BadReviewCase.ticket_no == no)).scalar_one()
        due = select(Clock).where(Clock.ticket_no == no, Clock.kind == ClockKind.RECTIFY_CONTACT)
        assert ticket(no).state is State.RECTIFYING
        assert clock.shown(session().execute(due).scalar_one().due_at) == "11月23日 24:00"
        assert case.opened_at == friday


def test_i11_no_member_of_staff_can_make_a_review(desk):
    no = handled()
    for role in set(Role) - {Role.REQUESTER}:
        with pytest.raises(Forbidden):
            take_step(ticket(no), Step.GIVE_REVIEW, Actor("staff", role, 1, 1))
        session().rollback()


def test_i11_a_signed_in_browser_is_refused_the_review_page(desk, signed_in, messages):
    no = handled()
    link = next(params["link"] for _, name, params, _ in messages.sent if name == "review_invitation")
    answer = signed_in("agent1").post("/r/" + link.rpartition("/")[2], data={"grade": "5", "solved": "solved"})
    assert answer.status_code == 403
    assert ticket(no).state is State.TO_EVALUATE


def test_i18_whatever_writes_before_its_step_is_refused_on_an_archived_ticket_too(desk):
    no, other, who = send_demand(), send_demand(), person("dispatcher1")
    with transaction():
        ending.withdraw(ticket(no))
        take_step(ticket(no), Step.ARCHIVE, SYSTEM)
    for act in (
        lambda: merge(ticket(no), who, other),
        lambda: ending.transfer_emergency(ticket(no), who, "110"),
        lambda: ending.answer_directly(ticket(no), who, "已经答复过了", None),
        lambda: supplement(ticket(no), REQUESTER, "还有一件事要说"),
    ):
        with pytest.raises(IllegalStep, match="已归档"), transaction():
            act()


def test_i18_an_archived_ticket_can_be_changed_by_nobody(desk, config):
    no = handled()
    with transaction():
        rate.give_review(invitation(no), rate.ReviewForm("5", "solved"), "link")
    with transaction():
        take_step(ticket(no), Step.ARCHIVE, SYSTEM)
    for step in Step:
        if step not in (Step.RECEIVE, Step.BEGIN_DRAFT):
            with pytest.raises(IllegalStep):
                take_step(ticket(no), step, SYSTEM, Detail(ending=ClosingReason.REVIEWED))
            session().rollback()
    with psycopg.connect(config.database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE ticket SET title = 'x' WHERE ticket_no = %s", [no])


def test_i19_looking_at_identity_needs_a_reason_and_leaves_a_row(desk, signed_in):
    no = send_demand()
    drain()
    browser = signed_in("dispatcher1")
    assert browser.post(f"/tickets/{no}/identity", data={"reason": ""}).status_code == 422
    assert session().execute(select(AccessLog)).first() is None
    assert browser.post(f"/tickets/{no}/identity", data={"reason": "核对回访电话"}).status_code == 303
    row = session().execute(select(AccessLog)).scalar_one()
    assert (row.ticket_no, row.what, row.reason) == (no, "identity", "核对回访电话")


def test_i6_a_department_may_not_reveal_a_confidential_requester(desk, signed_in):
    no = send_demand(confidentiality=Confidentiality.CONFIDENTIAL)
    drain()
    assert ticket(no).state is State.TO_DISPATCH, "a confidential case waits for a person"
    from hotline.tickets.dispatch import Order, dispatch

    with transaction():
        dispatch(ticket(no), Order(rules().departments["zjj"]), Actor("staff", Role.DISPATCHER, None, None))
    answer = signed_in("zjj_handler").post(f"/tickets/{no}/identity", data={"reason": "想联系诉求人"})
    assert answer.status_code == 403
    assert session().execute(select(AccessLog)).first() is None


def test_i21_an_extension_into_a_year_without_a_calendar_is_provisional(desk):
    with time_machine.travel(clock.now().replace(year=2026, month=12, day=23, hour=3), tick=False):
        no = send_demand()
        drain()
        query = lead_limit(no)
        assert not session().execute(query).scalar_one().provisional
        form = extending.ExtensionForm("需要专业检测，时间较长", "检测需要时日", 3)
        for act in (
            lambda: handle.sign(ticket(no), unit_of(no)),
            lambda: extending.ask_extension(ticket(no), unit_of(no), form),
            lambda: extending.decide_extension(ticket(no), person("supervisor1"), grant=True, note=""),
        ):
            with transaction():
                act()
    extended = session().execute(query).scalar_one()
    assert (extended.due_at.year, extended.provisional) == (2027, True)


def test_i21_a_missing_calendar_year_gives_a_provisional_date_and_never_a_crash(desk):
    with time_machine.travel(clock.now().replace(year=2026, month=12, day=30, hour=3), tick=False):
        no = send_demand()
        drain()
        running = session().execute(lead_limit(no)).scalar_one()
    assert running.provisional
    assert running.due_at > running.started_at + timedelta(days=4)
