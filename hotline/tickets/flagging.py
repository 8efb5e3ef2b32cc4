"""The mark of a disturbing number: asked for with a reason, granted by a second person, seen by every agent, and gone
after its time (domain.md §5.3, “Abuse”).

It is no blacklist: a marked number's call waits behind the others and is answered, what it says is heard for danger
like anybody's, and its demands are received.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep, NotFound
from hotline.models import CallerFlag, Requester, Ticket
from hotline.people.accounts import Person
from hotline.tickets.identity import without_identity
from hotline.tickets.rulebook import setting

MIN_WORDS = 5
SHOWN = 100


def ask_flag(ticket: Ticket, person: Person, reason: str) -> CallerFlag:
    """Ask for the mark of the number of this ticket."""
    hashed = session().get_one(Requester, ticket.ticket_no).phone_hash
    if hashed is None:
        raise IllegalStep("该工单没有来电号码，不能标记。")
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(reason="请写明骚扰的经过。")
    query = select(CallerFlag).where(CallerFlag.phone_hash == hashed)
    if any(one.decided_at is None for one in session().execute(query).scalars()) or flag_of(hashed):
        raise IllegalStep("该号码已有骚扰标记或申请。")
    flag = CallerFlag(
        phone_hash=hashed, heard_in=ticket.ticket_no, reason=without_identity(ticket.ticket_no, reason),
        asked_by=person.id, asked_at=clock.now(),
    )  # fmt: skip
    session().add(flag)
    session().flush()
    return flag


def decide_flag(flag_id: int, person: Person, *, grant: bool) -> None:
    """A second person grants the mark for the city's number of days, refuses it, or lifts one in force."""
    flag = session().get(CallerFlag, flag_id, with_for_update=True)
    if flag is None:
        raise NotFound("没有找到这个标记。")
    if flag.asked_by == person.id and grant:
        raise Forbidden("骚扰标记须由申请人以外的人员批准。")
    if grant and flag.decided_at is not None:
        raise IllegalStep()
    flag.decided_by, flag.decided_at = person.id, clock.now()
    flag.until = clock.now() + timedelta(days=setting("flag_days")) if grant else clock.now()


def flag_of(hashed: bytes | None) -> CallerFlag | None:
    """The mark in force on a number."""
    if hashed is None:
        return None
    query = select(CallerFlag).where(CallerFlag.phone_hash == hashed, CallerFlag.until > clock.now())
    return session().execute(query.order_by(CallerFlag.id.desc()).limit(1)).scalar_one_or_none()


def open_flags() -> Sequence[CallerFlag]:
    """Those that wait for a decision or are in force, oldest first."""
    alive = CallerFlag.decided_at.is_(None) | (CallerFlag.until > clock.now())
    return session().execute(select(CallerFlag).where(alive).order_by(CallerFlag.id).limit(SHOWN)).scalars().all()
