"""The ladder at work: an unmet limit leads to urging, supervision and what a supervisor must take up (domain.md §13).

`clock.next_rung_at` says when a limit is looked at next; it moves with the due date. Each rung is taken once, and
between two rungs a department has a working day (default).
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, select, text

from hotline import clock
from hotline.database import session
from hotline.models import Assignment, Clock, Ticket
from hotline.models.limit_clock import TO_CLIMB, UNSIGNED
from hotline.models.reminder_words import ReminderKind, Rung, SummonsKind, SupervisionReason
from hotline.models.words import AssignmentState, ClockKind, Step
from hotline.tickets import deadlines
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, take_step
from hotline.tickets.pressing import Pressed, press, supervised_units
from hotline.tickets.rulebook import rules, setting
from hotline.tickets.summoning import propose
from routing.time_limits import TimeLimit

ONE_DAY = TimeLimit("", "*", "*", 1, "working_days")
AT_ONCE = 1000
UNSIGNED_WORDS = "超过签收时限未签收"
RUNNING = (Clock.stopped_at.is_(None), Clock.met_at.is_(None))


def due_to_climb() -> Select[Any]:
    """The limits whose next rung is due, with their tickets; served by a partial index."""
    query = select(Clock, Ticket).join(Ticket, Ticket.ticket_no == Clock.ticket_no)
    return query.where(*_due(TO_CLIMB))


def tickets_to_climb(most: int) -> list[int]:
    """The tickets with a rung to take, the longest due first."""
    return _tickets(TO_CLIMB, most)


def tickets_unsigned(most: int) -> list[int]:
    """The tickets with a limit to sign that ran out and that nobody was told of."""
    return _tickets(UNSIGNED, most)


def climb(ticket: Ticket) -> None:
    """Take the next rung for each limit of a ticket whose moment has come."""
    ticket, moment = lock(ticket), clock.now()
    for running in deadlines.running_clocks(ticket):
        if running.kind in deadlines.ON_THE_LADDER and running.next_rung_at and running.next_rung_at <= moment:
            _take_rung(ticket, running)


def why(running: Clock, rung: Rung) -> str:
    """Why a rung is due, in words."""
    state = "已到期限" if running.due_at <= clock.now() else "临近期限"
    return f"{running.kind.label}时限{clock.shown(running.due_at)}，{state}未办结，按升级规则{rung.label}"


def next_rung(running: Clock, ticket: Ticket) -> Rung | None:
    """The rung a limit leads to next."""
    rule = rules().ladder.above(running.rung, ticket.urgency.value, clock.city_day(clock.now()))
    return Rung(rule.rung) if rule else None


def at_sign_limit(ticket: Ticket) -> None:
    """到签收时限: sign for the departments that did not, or urge them once, as the city chose (domain.md §5.2)."""
    ticket, signs = lock(ticket), setting("at_sign_limit") == "sign"
    for running in deadlines.running_clocks(ticket):
        if running.kind is not ClockKind.SIGN or not running.next_rung_at or running.next_rung_at > clock.now():
            continue
        running.rung, running.next_rung_at = Rung.URGE, None
        share = session().get(Assignment, running.assignment_id)
        if share is None or share.state is not AssignmentState.TO_SIGN:
            continue
        if signs:
            take_step(ticket, Step.SIGN, SYSTEM, Detail(assignment=share, data={"why": "到签收时限自动签收"}))
        else:
            what = Pressed(ReminderKind.URGE, UNSIGNED_WORDS, clock=running)
            press(ticket, SYSTEM, (share.department_id, share), what)


def place_all() -> None:
    """Reckon the next rung of every limit that runs; for an import of new rules."""
    last, book = 0, rules()
    while True:
        kinds = Clock.kind.in_(deadlines.ON_THE_LADDER)
        query = select(Clock, Ticket.urgency).join(Ticket, Ticket.ticket_no == Clock.ticket_no)
        rows = session().execute(query.where(*RUNNING, kinds, Clock.id > last).order_by(Clock.id).limit(AT_ONCE)).all()
        if not rows:
            return
        for running, urgency in rows:
            deadlines.place_rung(running, urgency, book)
        last = rows[-1][0].id
        session().flush()


def _take_rung(ticket: Ticket, running: Clock) -> None:
    rung, book = next_rung(running, ticket), rules()
    unit = running.department_id or ticket.department_id
    if rung is None or unit is None:
        running.next_rung_at = None
        return
    words = why(running, rung)
    running.rung = rung
    a_day_on = deadlines.prolonged(clock.now(), ONE_DAY, book).at
    deadlines.place_rung(running, ticket.urgency, book, not_before=a_day_on)
    share = session().get(Assignment, running.assignment_id) if running.assignment_id else None
    holder = (unit, share if share and share.ended_at is None else None)
    if rung is Rung.URGE:
        press(ticket, SYSTEM, holder, Pressed(ReminderKind.URGE, words, clock=running))
    elif rung is not Rung.SUPERVISE:
        propose(ticket, unit, SummonsKind(rung.value), words, running)
    elif unit not in supervised_units(ticket.ticket_no):
        press(ticket, SYSTEM, holder, Pressed(ReminderKind.SUPERVISE, words, SupervisionReason.OVERDUE, (), running))


def _due(which: str) -> tuple[ColumnElement[bool], ...]:
    return text(which), Clock.next_rung_at <= clock.now()  # type: ignore[return-value]


def _tickets(which: str, most: int) -> list[int]:
    query = select(Clock.ticket_no).where(*_due(which)).order_by(Clock.next_rung_at, Clock.id).limit(most)
    return list(dict.fromkeys(session().execute(query).scalars()))
