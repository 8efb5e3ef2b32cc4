"""The alarm (警示): words of danger are heard wherever they are said, and a person answers them (domain.md §8, §18, I8).

An alarm never closes itself; its clock runs until somebody says what was done, or the emergency line has the case.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from classifier.normalise import normalise
from hotline import clock
from hotline.database import note_topic, session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Clock, Ticket
from hotline.models.alarm_words import AlarmAnswer
from hotline.models.words import ClockKind, Step, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.receive import ALARMING, PRIORITY, grade_ticket, mark_sensitive
from hotline.tickets.rulebook import setting
from routing.sensitive import ALARM, sensitive_in
from routing.urgency import urgency_of

MIN_WORDS = 5
ANSWERED = "该警示已经处置。"
WAITS = (Clock.kind == ClockKind.ALARM, Clock.met_at.is_(None), Clock.stopped_at.is_(None))


def hear_danger(ticket: Ticket, words: str, said_in: str = "") -> UrgencyGrade:
    """Let what was said raise urgency and alarm, never lower them; the grade of these words.

    Dangerous words that are no part of the demand stand in its text too, after where they were `said_in`.
    """
    grade = UrgencyGrade(urgency_of(words).grade)
    if said_in and grade in ALARMING:
        ticket.text += f"\n{said_in}：" + without_identity(ticket.ticket_no, normalise(words))
    if PRIORITY[grade] < PRIORITY[ticket.urgency]:
        grade_ticket(ticket, grade)
    ticket.alarm_open = ticket.alarm_open or grade in ALARMING
    mark_sensitive(ticket, words)
    return grade


def is_dangerous(words: str) -> bool:
    """Whether these words would open the alarm."""
    return urgency_of(words).grade in ALARMING or any(one.tier.action == ALARM for one in sensitive_in(words))


def raise_alarm(ticket: Ticket, words: str, said_in: str) -> None:
    """Open the alarm by words that came with a step already taken, and begin its clock."""
    hear_danger(ticket, words, said_in)
    deadlines.begin_alarm(ticket)
    note_topic("alarms", "dispatch")


def answer_alarm(ticket: Ticket, person: Person, answer: str, note: str) -> None:
    """A person looked at the words of danger, and says what was done."""
    actor = acting(person, Step.ANSWER_ALARM, lock(ticket))
    if not ticket.alarm_open:
        raise IllegalStep(ANSWERED)
    problems = {} if answer in set(AlarmAnswer) else {"answer": "请选择如何处置。"}
    if len(note.strip()) < MIN_WORDS:
        problems["note"] = "请写明如何处置。"
    if problems:
        raise BadInput(**problems)
    ticket.alarm_open = False
    data = {"answer": answer, "note": f"{AlarmAnswer(answer).label}：{without_identity(ticket.ticket_no, note)}"}
    take_step(ticket, Step.ANSWER_ALARM, actor, Detail(data=data))


def unanswered(limit: int) -> list[Clock]:
    """The alarms whose time ran out and of which the duty officer was not told, locked, oldest first."""
    query = select(Clock).where(*WAITS, Clock.told_at.is_(None), Clock.due_at <= clock.now())
    found = session().execute(query.order_by(Clock.due_at).limit(limit).with_for_update(skip_locked=True))
    return list(found.scalars())


def still_unanswered(limit: int) -> list[Clock]:
    """The alarms of which the duty officer was told, and that nobody answered for the city's number of minutes since,
    locked; found by the few tickets with an open alarm."""
    every = setting("alarm_again_minutes")
    told = Clock.told_at <= clock.now() - timedelta(minutes=every)
    query = select(Clock).join(Ticket, Ticket.ticket_no == Clock.ticket_no).where(Ticket.alarm_open, *WAITS, told)
    again = query.order_by(Clock.told_at).limit(limit).with_for_update(of=Clock, skip_locked=True)
    return list(session().execute(again).scalars()) if every else []


def alarm_due(ticket: Ticket) -> tuple[datetime, datetime] | None:
    """Since when and until when an alarm waits for its answer; None where the city set no limit."""
    query = select(Clock.started_at, Clock.due_at).where(
        Clock.ticket_no == ticket.ticket_no, Clock.kind == ClockKind.ALARM, Clock.met_at.is_(None)
    )
    found = session().execute(query.order_by(Clock.id.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None
