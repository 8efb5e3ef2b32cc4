"""Acts of a random walk: another type, matter or urgency is asked for, and not to be counted; both are decided."""

from hotline.errors import IllegalStep
from hotline.models import Ticket
from hotline.models.words import AskKind, RequestType, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets.changing import ChangeForm
from hotline.tickets.changing import ask_change as ask_for_change
from hotline.tickets.changing import decide_change as decide_on_change
from hotline.tickets.exempting import ExemptionForm
from hotline.tickets.exempting import ask_exemption as ask_for_exemption
from hotline.tickets.exempting import decide_exemption as decide_on_exemption
from hotline.tickets.requesting import pending
from tests.hotline.walk_registry import WORDS, nth, staff_act


@staff_act
def ask_change(found: Ticket, who: Person, n: int) -> None:
    """申请变更, to whatever it is or is not."""
    kind, matter, grade = nth(RequestType, n), nth(("", "0603", "9999"), n), nth(UrgencyGrade, n)
    wanted = {"request_type": kind, "matter_code": matter, "urgency": grade}
    ask_for_change(found, who, ChangeForm(WORDS, "", wanted))


@staff_act
def decide_change(found: Ticket, who: Person, n: int) -> None:
    """同意或驳回变更."""
    decide_on_change(found, who, grant=n % 4 > 0, note=WORDS)


@staff_act
def ask_exemption(found: Ticket, who: Person, n: int) -> None:
    """申请不计考核或考核申诉."""
    ask_for_exemption(found, who, ExemptionForm(WORDS, WORDS, nth(("unreasonable", "not_the_facts", "made_up"), n)))


@staff_act
def decide_exemption(found: Ticket, who: Person, n: int) -> None:
    """同意或查否."""
    kind = nth((AskKind.EXEMPTION, AskKind.APPEAL), n)
    if found.round == 0:
        raise IllegalStep()
    decide_on_exemption(found, who, pending(found, kind), grant=n % 3 > 0, note=WORDS)
