"""What units do that work together: called in, handed a part, handing it in, taking it back."""

from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Asked, Assignment, Ticket
from hotline.models.words import AssignmentState, Decision
from hotline.people.accounts import Person
from hotline.tickets import extending, handle, requesting, returning, sharing
from hotline.tickets.rulebook import rules
from tests.hotline.walk_registry import UNITS, WORDS, act, nth, staff_act, unit
from tests.makers import GOOD_REPLY, person, ticket


@staff_act
def add_helper(found: Ticket, who: Person, n: int) -> None:
    """加派协办, until soon, in time, too late or gone."""
    until = nth((None, None, clock.now() + timedelta(hours=n), clock.now() - timedelta(hours=1)), n)
    sharing.add_co_unit(found, who, sharing.ShareForm(unit(n), WORDS, until))


@staff_act
def hand_down(found: Ticket, who: Person, n: int) -> None:
    """下派, to a unit below or to any."""
    below = [one.id for mine in who.unit_ids() for one in sharing.units_below(mine)]
    sharing.hand_down(found, who, sharing.ShareForm(nth((*below, unit(n)), n), WORDS))


@staff_act
def hand_in(found: Ticket, who: Person, n: int) -> None:
    """交回, by whoever tries."""
    sharing.hand_in(found, who)


@staff_act
def take_back(found: Ticket, who: Person, n: int) -> None:
    """撤回 one of the helpers, or nothing."""
    helping = handle.helping_shares(found)
    sharing.take_back(found, who, nth(helping, n).id if helping else 0, WORDS)


@act
def helper_goes_on(no: int, _: Person, n: int) -> None:
    """A helping unit does what its share waits for; now and then it wants to be rid of it."""
    staffed = {rules().departments[code]: code for code in UNITS}
    helping = [one for one in handle.helping_shares(ticket(no)) if one.department_id in staffed]
    if not helping:
        return
    share: Assignment = nth(helping, n)
    who = person(f"{staffed[share.department_id].replace('-', '_')}_lead")
    if share.state is AssignmentState.TO_SIGN and n % 4:
        handle.sign(ticket(no), who)
    elif share.state is AssignmentState.RETURN_PENDING:
        decide(ticket(no), share, grant=n % 2 == 0)
    elif share.state is AssignmentState.REPLIED:
        sharing.hand_in(ticket(no), who)
    elif n % 4 == 1:
        ask_for_longer(ticket(no), who, grant=n % 3 > 0)
    elif n % 4:
        handle.reply(ticket(no), who, GOOD_REPLY)
    else:
        returning.ask_return(ticket(no), who, requesting.ReturnForm("not_our_duty", WORDS, WORDS, unit(n)))


def ask_for_longer(found: Ticket, who: Person, *, grant: bool) -> None:
    """A helper wants a day more, and the dispatcher decides."""
    asked = extending.ask_extension(found, who, extending.ExtensionForm(WORDS, WORDS, 1))
    extending.decide_helpers_extension(found, person("dispatcher1"), asked, grant=grant, note=WORDS)


def decide(found: Ticket, share: Assignment, *, grant: bool) -> None:
    """The dispatcher decides what a helper asked."""
    asked = select(Asked).where(Asked.assignment_id == share.id, Asked.decision == Decision.PENDING)
    ruling = sharing.Ruling(grant, WORDS, unit(share.id) if grant else None)
    waiting = session().execute(asked).scalar_one()
    sharing.decide_helpers_return(found, person("dispatcher1"), waiting, ruling)
