"""The acts of those who are not of the desk: the requester, and 110."""

# ruff: noqa: ARG001 - every verb of the table is called alike


from sqlalchemy import select

from hotline import clock
from hotline.channels.police_110 import receive_return
from hotline.channels.police_110_messages import Return, body_of, returned
from hotline.database import session
from hotline.errors import IllegalStep
from hotline.models import PartnerMessage, Ticket
from hotline.models.words import Grade, Solved
from hotline.simulation.acts import act
from hotline.tickets import (
    ending,
    pressing,
    rate,
    refusing,
    reopening,
)
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.supplement import supplement

# The requester, and 110


@act(None, 1, 20, office=False)
def say_more(ticket: Ticket, _: None, n: int) -> None:
    """The requester adds what was asked for."""
    supplement(ticket, REQUESTER, "补充说明：问题每天傍晚最严重，就在小区正门旁边。")


@act(None, 2, 30, office=False)
def contest(ticket: Ticket, _: None, n: int) -> None:
    """对不予受理有异议."""
    refusing.contest(ticket, REQUESTER, "我认为这件事属于政府职责，请重新考虑。")


@act(None, 1, 30, office=False)
def urge(ticket: Ticket, _: None, n: int) -> None:
    """催办."""
    pressing.urge(ticket)


@act(None, 0.2, 10, office=False)
def withdraw(ticket: Ticket, _: None, n: int) -> None:
    """撤单."""
    ending.withdraw(ticket)


@act(None, 24, 90, office=False)
def reopen(ticket: Ticket, _: None, n: int) -> None:
    """重新受理."""
    reopening.reopen(ticket, REQUESTER, "处理后问题又出现了，情况和以前不同。")


@act(None, 0.5, 60, office=False)
def review(ticket: Ticket, _: None, n: int) -> None:
    """评价, good."""
    grade = (Grade.VERY_SATISFIED, Grade.SATISFIED, Grade.SATISFIED, Grade.BASICALLY_SATISFIED)[n % 4]
    _say(ticket, rate.ReviewForm(grade, Solved.PARTLY if n % 7 == 0 else Solved.SOLVED))


@act(None, 0.5, 60, office=False)
def bad_review(ticket: Ticket, _: None, n: int) -> None:
    """差评."""
    _say(ticket, rate.ReviewForm(Grade.VERY_DISSATISFIED, Solved.NOT, "not_solved", "问题还在，没有人来看。"))


def _say(ticket: Ticket, form: rate.ReviewForm) -> None:
    invitation = rate.open_invitation(ticket)
    if invitation is None:
        raise IllegalStep()
    rate.give_review(invitation, form, "link")


@act(None, 1, 5, office=False)
def police_return(ticket: Ticket, _: None, n: int) -> None:
    """110 gives back what we pushed."""
    pushed = select(PartnerMessage).where(PartnerMessage.ticket_no == ticket.ticket_no, PartnerMessage.kind == "push")
    ours, moment = session().execute(pushed).scalar_one_or_none(), clock.now()
    if ours is None:
        raise IllegalStep()
    said = Return(ours.number, ticket.ticket_no, "值班民警", "江州市公安局", "属于非警务事项。", moment)
    receive_return(ours.platform, body_of(returned(said, moment)))
