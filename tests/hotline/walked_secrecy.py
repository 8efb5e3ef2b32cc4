"""What people do about secrecy on a random walk: who must stay away, and how confidential a ticket is."""

from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import Forbidden
from hotline.models import Ticket, UnmaskGrant
from hotline.models.words import Confidentiality, Role
from hotline.people.accounts import Person
from hotline.tickets import extract, recusal, secrecy, unmasking
from tests.hotline.walk_registry import WORDS, act, nth, staff_act, unit


@staff_act
def name_accused(found: Ticket, who: Person, n: int) -> None:
    """标明被反映单位 after dispatch: mostly whoever holds it, sometimes another unit or nobody."""
    recusal.name_accused(found, who, nth((found.department_id, found.department_id, unit(n), None), n), WORDS)


@staff_act
def set_level(found: Ticket, who: Person, n: int) -> None:
    """变更保密级别, stricter or looser."""
    secrecy.set_level(found, who, nth(Confidentiality, n), nth((WORDS, WORDS, ""), n // 4))


@staff_act
def ask_unmasking(found: Ticket, who: Person, n: int) -> None:
    """申请查看身份."""
    unmasking.ask_unmasking(found, who, nth((WORDS, WORDS, ""), n))


@act
def decide_unmasking(no: int, who: Person, n: int) -> None:
    """同意或驳回, as the page that only the supervisor may open does."""
    asked = session().execute(select(UnmaskGrant.id).where(UnmaskGrant.ticket_no == no)).scalars().all()
    if not asked or not who.has(Role.SUPERVISOR):
        raise Forbidden()
    terms = unmasking.Terms(clock.now(), clock.now() + timedelta(hours=nth((1, 5, 100), n)), nth((1, 2, 9), n))
    unmasking.decide_unmasking(max(asked), who, terms if n % 3 else None, WORDS)


@staff_act
def write_extract(found: Ticket, who: Person, n: int) -> None:
    """撰写摘录."""
    extract.write_extract(found, who, WORDS)
