"""The main line by its verbs: from a web message to the closed review, and what each step leaves behind."""

from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import Clock, Invitation, JournalEntry, OutboxRow
from hotline.models.words import ClosingReason, Grade, Solved, State
from hotline.tickets import call_back, checking, handle, rate
from tests.makers import ALONE, GOOD_REPLY, drain, person, send_demand, ticket, unit_of


def steps(ticket_no):
    query = select(JournalEntry.step).where(JournalEntry.ticket_no == ticket_no).order_by(JournalEntry.seq)
    return [step.value for step in session().execute(query).scalars()]


def test_a_plain_web_message_reaches_its_department_and_closes_by_the_citizens_review(desk, messages):
    no = send_demand()
    drain()
    assert ticket(no).state is State.TO_SIGN
    handler, lead = unit_of(no), unit_of(no, "lead")
    with transaction():
        handle.sign(ticket(no), handler)
    with transaction():
        handle.reply(ticket(no), handler, GOOD_REPLY)
    with transaction():
        handle.submit(ticket(no), lead, ALONE)
    with transaction():
        checking.pass_check(ticket(no), person("dispatcher1"))
    with transaction():
        form = call_back.CallbackForm(True, True, Solved.SOLVED, Grade.SATISFIED, "满意")
        call_back.record_callback(ticket(no), person("callback1"), form)
    drain()
    invitation = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    with transaction():
        rate.give_review(invitation, rate.ReviewForm("5", "solved"), "link")
    drain()
    done = ticket(no)
    assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    assert steps(no) == [
        "receive", "classify", "dispatch", "add_co_unit", "sign", "reply", "submit", "pass_check", "call_back",
        "invite_review", "give_review",
    ]  # fmt: skip
    assert session().execute(select(OutboxRow)).first() is None
    running = select(Clock).where(Clock.ticket_no == no, Clock.met_at.is_(None), Clock.stopped_at.is_(None))
    assert session().execute(running).first() is None
    assert [template for _, template, *_ in messages.sent] == [
        "ticket_received", "department_ticket", "department_ticket", "department_taken_back", "replied",
        "review_invitation",
    ]  # fmt: skip
