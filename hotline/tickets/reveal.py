"""Who may see identity in clear, and the log of every look (domain.md §12; §18, I6 and I19)."""

from collections.abc import Sequence

from classifier.normalise import mask
from hotline import clock
from hotline.database import session
from hotline.errors import Forbidden
from hotline.models import AccessLog, Ticket, UnmaskGrant
from hotline.models.words import Confidentiality
from hotline.people.accounts import Person
from hotline.tickets.find import HOTLINE_ROLES, UNIT_ROLES, holds
from hotline.tickets.identity import without_identity
from hotline.tickets.looking import CALLER, NOBODY, ON_THE_PHONE, PAGE, on_the_phone, raise_alarms
from hotline.tickets.unmasking import take_look

OUTSIDE = "打开不在本人经办环节的工单"
HIDDEN = "该工单要求保密，承办单位不得查看诉求人信息，请通过热线联系。"

ONLY_READS = "本单位不承办该工单，不能查看诉求人信息。"


def may_reveal(person: Person, ticket: Ticket) -> UnmaskGrant | None:
    """Raises `Forbidden` for a department on a case that it only reads or that is not open, but for the grant it
    answers, a look of which is then used."""
    if person.has(*HOTLINE_ROLES):
        return None
    if ticket.confidentiality is Confidentiality.OPEN:
        if not holds(person, ticket):
            raise Forbidden(ONLY_READS)
        return None
    grant = take_look(ticket, person)
    if grant is None:
        raise Forbidden(HIDDEN)
    return grant


def log_look(person: Person, ticket_no: int | None, what: str, reason: str) -> None:
    """One row a look, with the post used; it can't be changed or deleted, so it names nobody."""
    _log(person, ticket_no, what, without_identity(ticket_no, reason) if ticket_no else mask(reason))


def log_view(person: Person, ticket: Ticket) -> None:
    """A row for a page opened outside one's own work."""
    _log(person, ticket.ticket_no, PAGE, OUTSIDE)


def log_search(person: Person, found: Sequence[Ticket]) -> None:
    """A row for looking a caller up: their newest ticket says whose record it was, never the number."""
    if not found:
        _log(person, None, NOBODY, "按电话号码查找，没有工单")
        return
    newest = found[0].ticket_no
    called = on_the_phone(person, newest)
    _log(person, newest, ON_THE_PHONE if called else CALLER, f"按电话号码查找诉求人，{len(found)}件工单")


def _log(person: Person, ticket_no: int | None, what: str, reason: str) -> None:
    post = person.post_with(HOTLINE_ROLES) or person.post_with(UNIT_ROLES) or person.posts[0]
    session().add(
        AccessLog(
            staff_id=person.id, role=post.role, department_id=post.department_id, ticket_no=ticket_no, what=what,
            reason=reason, at=clock.now(),
        )
    )  # fmt: skip
    if ticket_no:
        session().flush()
        raise_alarms(person, ticket_no, what)
