"""What people do about a return that was asked for again, on a random walk."""

from datetime import timedelta

from hotline import clock
from hotline.models import Ticket
from hotline.models.consultation_words import Outcome
from hotline.people.accounts import Person
from hotline.tickets import consulting, reconvening
from tests.hotline.walk_registry import WORDS, nth, staff_act, unit


@staff_act
def call_meeting(found: Ticket, who: Person, n: int) -> None:
    """召集会商; one in five is called for yesterday, one in four with a unit twice."""
    units = (unit(n), unit(n + (n % 4 > 0)))
    meets_at = clock.now() + timedelta(hours=-1 if n % 5 == 0 else 3)
    consulting.call_meeting(found, who, consulting.MeetingForm(WORDS, meets_at, units))


@staff_act
def change_meeting(found: Ticket, who: Person, n: int) -> None:
    """会商改期, or 取消, by whoever tries."""
    if n % 2:
        reconvening.move_meeting(found, who, clock.now() + timedelta(hours=n), WORDS)
    else:
        reconvening.cancel_meeting(found, who, nth((WORDS, ""), n // 2))


@staff_act
def give_opinion(found: Ticket, who: Person, n: int) -> None:
    """An invited unit that holds the ticket too writes its opinion."""
    meeting = consulting.meeting_of(found)
    if meeting is not None:
        consulting.give_opinion(consulting.meeting_for(who, meeting.id)[0], who, nth((WORDS, ""), n))


@staff_act
def rule(found: Ticket, who: Person, n: int) -> None:
    """裁定 for some unit, now and then with one to help, or up to a fallback unit nobody named."""
    outcome = Outcome.ESCALATED if n % 7 == 0 else Outcome.LEAD
    consulting.rule(found, who, consulting.Ruling(outcome, WORDS, unit(n), (unit(n + 1),) if n % 3 == 0 else ()))
