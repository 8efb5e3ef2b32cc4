"""What the supervisor, the departments and time do about urging and supervision on a random walk."""

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Reminder, Summons, Ticket
from hotline.models.reminder_words import SummonsKind, SupervisionReason
from hotline.people.accounts import Person
from hotline.tickets import acknowledging, escalating, pressing, summoning
from tests.hotline.walk_registry import WORDS, act, nth, staff_act, unit
from tests.makers import ticket


@staff_act
def press(found: Ticket, who: Person, n: int) -> None:
    """催办, 督办 of whoever leads, or of units that may have nothing to do with it."""
    if n % 3 == 0:
        pressing.urge(found, who, WORDS)
        return
    units = [unit(n), unit(n + 1)] if n % 3 == 1 else []
    pressing.supervise(found, who, pressing.SupervisionForm(nth(SupervisionReason, n), WORDS, units, n % 5 == 0))


@staff_act
def answer_reminder(found: Ticket, who: Person, n: int) -> None:
    """回复."""
    pressing.answer(found, who, newest(Reminder, found), WORDS)


@staff_act
def end_supervision(found: Ticket, who: Person, n: int) -> None:
    """督办办结."""
    pressing.end_supervision(found, who, newest(Reminder, found), WORDS)


@staff_act
def summon(found: Ticket, who: Person, n: int) -> None:
    """约谈或通报 is proposed, written down, followed up."""
    if n % 3 == 0:
        summoning.propose_by_hand(found, who, nth(SummonsKind, n), WORDS)
    elif n % 3 == 1:
        day = clock.city_day(clock.now())
        form = summoning.SummonsForm(day, WORDS, WORDS, day, range(n))
        summoning.take_up(found, who, newest(Summons, found), form)
    else:
        summoning.finish(found, who, newest(Summons, found), WORDS)


@staff_act
def acknowledge(found: Ticket, who: Person, n: int) -> None:
    """阅处并单差评, where there is one."""
    acknowledging.acknowledge_review(found, who, nth((WORDS, ""), n))


@act
def rung_comes(no: int, _: Person, n: int) -> None:
    """The sweep looks at the ticket."""
    if n % 2:
        escalating.climb(ticket(no))
    else:
        escalating.at_sign_limit(ticket(no))


def newest(kind: type[Reminder] | type[Summons], found: Ticket) -> int:
    """The newest of a ticket, or a number nobody has."""
    query = select(kind.id).where(kind.ticket_no == found.ticket_no).order_by(kind.id.desc())
    return session().execute(query.limit(1)).scalar() or 0
