"""Looking: what is logged of who opened which ticket, and the alarm when it is unusual (domain.md §12, Logs).

The numbers of a day are settings (default); somebody else than the one who looked must answer each alarm.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep, NotFound
from hotline.models import AccessLog, Call, LookAlarm, Requester, Ticket
from hotline.models.look_words import LookKind
from hotline.models.words import OPEN, Role, State
from hotline.people.accounts import Person
from hotline.tickets.find import HOTLINE_ROLES
from hotline.tickets.rulebook import setting

S = State
DESK = frozenset({S.TO_DISPATCH, S.TO_SUPPLEMENT, S.RETURN_PENDING, S.TO_CHECK})
OWN_WORK: Mapping[Role, frozenset[State]] = {
    Role.AGENT: frozenset({S.DRAFT, S.TO_SUPPLEMENT}),
    Role.DISPATCHER: DESK,
    Role.CALLBACK_AGENT: frozenset({S.TO_CALLBACK, S.TO_EVALUATE, S.RECTIFYING}),
    Role.SUPERVISOR: OPEN,
}
"""The states in which a ticket waits for somebody of this post at the hotline."""
PAGE = "page"
IDENTITY = ("identity", "unmasked", "case_identity")
"""What the log calls a look at somebody's identity."""
CALLER, ON_THE_PHONE, NOBODY = "caller", "caller_called", "caller_unknown"
"""A caller looked up by number: out of the blue, while on the telephone with them, and one who has no ticket."""
SINCE_CALL = timedelta(hours=1)
MIN_WORDS = 5


def is_work(person: Person, ticket: Ticket) -> bool:
    """Whether the ticket is this person's work in progress: it waits for their post, or their unit has it in hand."""
    if ticket.state not in OPEN:
        return False
    if not person.has(*HOTLINE_ROLES):
        return True
    return ticket.alarm_open or any(ticket.state in OWN_WORK.get(role, ()) for role in person.roles())


def raise_alarms(person: Person, ticket_no: int, what: str) -> None:
    """After a look was logged: open an alarm for each thing that is unusual about it."""
    if what == PAGE:
        _same_caller(person, ticket_no)
    if what in (*IDENTITY, CALLER):
        seen = people_today(person)
        if seen > setting("looks_a_day"):
            _raise(person, LookKind.MANY, seen, ticket_no)
    if what in IDENTITY and _is_night() and not is_work(person, session().get_one(Ticket, ticket_no)):
        _raise(person, LookKind.NIGHT, 1, ticket_no)


def answer_alarm(alarm_id: int, person: Person, words: str) -> None:
    """Say what came of it; nobody answers for their own looking."""
    alarm = session().get(LookAlarm, alarm_id, with_for_update=True, populate_existing=True)
    if alarm is None:
        raise NotFound("没有这条警示。")
    if alarm.staff_id == person.id:
        raise Forbidden("本人的查看须由他人核实。")
    if alarm.answered_at is not None:
        raise IllegalStep("该警示已经处理。")
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明核实的结果，至少5个字。")
    alarm.answered_by, alarm.answered_at, alarm.answer = person.id, clock.now(), words.strip()


def _same_caller(person: Person, ticket_no: int) -> None:
    """Several tickets of one caller, opened today outside one's work, and not while on the telephone with them."""
    looks = _today(person).where(AccessLog.ticket_no.in_(_of_caller(ticket_no)), AccessLog.what == PAGE)
    seen = session().execute(looks.with_only_columns(func.count(AccessLog.ticket_no.distinct()))).scalar_one()
    if seen >= setting("looks_same_caller") and not on_the_phone(person, ticket_no):
        _raise(person, LookKind.SAME_CALLER, seen, ticket_no)


def on_the_phone(person: Person, ticket_no: int) -> bool:
    """Whether this person spoke with the ticket's caller lately."""
    calls = select(Call.call_id).where(
        Call.ticket_no.in_(_of_caller(ticket_no)), Call.agent_id == person.id,
        Call.started_at > clock.now() - SINCE_CALL,
    )  # fmt: skip
    return session().execute(calls.limit(1)).first() is not None


def people_today(person: Person) -> int:
    """How many different people this person looked at or searched for today; without a number each ticket is one."""
    whose = func.coalesce(func.encode(Requester.phone_hash, "hex"), cast(AccessLog.ticket_no, String))
    looks = _today(person).where(AccessLog.what.in_((*IDENTITY, CALLER)))
    looks = looks.join(Requester, Requester.ticket_no == AccessLog.ticket_no)
    return session().execute(looks.with_only_columns(func.count(whose.distinct()))).scalar_one()


def _of_caller(ticket_no: int) -> Select[tuple[int]]:
    """The tickets of the same number."""
    hashed = select(Requester.phone_hash).where(Requester.ticket_no == ticket_no).scalar_subquery()
    return select(Requester.ticket_no).where(Requester.phone_hash == hashed)


def _today(person: Person) -> Select[tuple[AccessLog]]:
    begin = datetime.combine(clock.city_day(clock.now()), time(), clock.CITY_ZONE).astimezone(UTC)
    return select(AccessLog).where(AccessLog.staff_id == person.id, AccessLog.at >= begin)


def _is_night() -> bool:
    hour, first, last = clock.in_city(clock.now()).hour, setting("night_from"), setting("night_until")
    return first <= hour < last if first < last else hour >= first or hour < last


def _raise(person: Person, kind: LookKind, count: int, ticket_no: int) -> None:
    """Open the alarm, or count on in the one that waits for its answer."""
    moment = clock.now()
    row = insert(LookAlarm).values(
        staff_id=person.id, day=clock.city_day(moment), kind=kind, count=count, ticket_no=ticket_no, raised_at=moment,
        answer="",
    )  # fmt: skip
    more = LookAlarm.count + 1 if kind is LookKind.NIGHT else row.excluded.count
    session().execute(row.on_conflict_do_update(
        index_elements=["staff_id", "day", "kind"], index_where=LookAlarm.answered_at.is_(None),
        set_={"count": more, "ticket_no": ticket_no, "raised_at": moment},
    ))  # fmt: skip
