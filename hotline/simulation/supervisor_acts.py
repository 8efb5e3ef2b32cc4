"""The acts of pressing and judging: urging and supervision with their answers, another type, and what isn't counted."""

# ruff: noqa: ARG001 - every verb of the table is called alike

from sqlalchemy import select

from hotline.database import session
from hotline.models import Reminder, Ticket
from hotline.models.reminder_words import SupervisionReason
from hotline.models.words import AskKind, RequestType, Role
from hotline.people.accounts import Person
from hotline.simulation.acts import WORDS, act, judged
from hotline.tickets import changing, exempting, pressing
from hotline.tickets.requesting import pending


def last_reminder(ticket: Ticket) -> Reminder | None:
    """The last urging or supervision of a ticket."""
    query = select(Reminder).where(Reminder.ticket_no == ticket.ticket_no).order_by(Reminder.id.desc())
    return session().execute(query.limit(1)).scalar()


def number_of_last(ticket: Ticket) -> int:
    """The last reminder's number, 0 for none."""
    found = last_reminder(ticket)
    return found.id if found else 0


def pressed_unit(ticket: Ticket) -> int | None:
    """The unit that was urged or supervised last."""
    found = last_reminder(ticket)
    return found.department_id if found else None


@act(Role.SUPERVISOR, 0.5, 4)
def supervise(ticket: Ticket, who: Person, n: int) -> None:
    """督办 of the unit that leads; one in four is listed."""
    reasons = tuple(SupervisionReason)
    pressing.supervise(ticket, who, pressing.SupervisionForm(reasons[n % len(reasons)], WORDS, (), n % 4 == 0))


@act(Role.HANDLER, 1, 6, unit=pressed_unit)
def answer_reminder(ticket: Ticket, who: Person, n: int) -> None:
    """回复催办 or 督办."""
    pressing.answer(ticket, who, number_of_last(ticket), WORDS)


@act(Role.SUPERVISOR, 1, 8)
def end_supervision(ticket: Ticket, who: Person, n: int) -> None:
    """督办办结."""
    pressing.end_supervision(ticket, who, number_of_last(ticket), WORDS)


@act(Role.HANDLER, 0.1, 0.5)
def ask_change(ticket: Ticket, who: Person, n: int) -> None:
    """申请变更 of the type: a question becomes a plea for help, all else a question."""
    question = ticket.request_type is RequestType.CONSULTATION
    wanted = {"request_type": (RequestType.HELP if question else RequestType.CONSULTATION).value}
    changing.ask_change(ticket, who, changing.ChangeForm(WORDS, "", wanted))


@act(Role.HANDLER, 1, 6)
def ask_exemption(ticket: Ticket, who: Person, n: int) -> None:
    """申请不计考核."""
    exempting.ask_exemption(ticket, who, exempting.ExemptionForm(WORDS, WORDS, "unreasonable"))


def decide_exemption(ticket: Ticket, who: Person, *, grant: bool, note: str) -> None:
    """同意 or 查否 of what was asked for."""
    exempting.decide_exemption(ticket, who, pending(ticket, AskKind.EXEMPTION), grant=grant, note=note)


judged("change", changing.decide_change, 0.3, 2)
judged("exemption", decide_exemption, 1, 6)
