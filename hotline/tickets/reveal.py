"""Who may see identity in clear, and the log of every look (domain.md §12; §18, I6 and I19)."""

from classifier.normalise import mask
from hotline import clock
from hotline.database import session
from hotline.errors import Forbidden
from hotline.models import AccessLog, Ticket
from hotline.models.words import Confidentiality
from hotline.people.accounts import Person
from hotline.tickets.find import HOTLINE_ROLES, UNIT_ROLES, holds
from hotline.tickets.identity import without_identity

HIDDEN = "该工单要求保密，承办单位不得查看诉求人信息，请通过热线联系。"

ONLY_READS = "本单位不承办该工单，不能查看诉求人信息。"


def may_reveal(person: Person, ticket: Ticket) -> None:
    """Raises `Forbidden` for a department on a case that is not open, or that it only reads."""
    if person.has(*HOTLINE_ROLES):
        return
    if ticket.confidentiality is not Confidentiality.OPEN:
        raise Forbidden(HIDDEN)
    if not holds(person, ticket):
        raise Forbidden(ONLY_READS)


def log_look(person: Person, ticket_no: int | None, what: str, reason: str) -> None:
    """One row a look, with the post used; it can't be changed or deleted, so it names nobody."""
    reason = without_identity(ticket_no, reason) if ticket_no else mask(reason)
    post = person.post_with(HOTLINE_ROLES) or person.post_with(UNIT_ROLES) or person.posts[0]
    session().add(
        AccessLog(
            staff_id=person.id, role=post.role, department_id=post.department_id, ticket_no=ticket_no, what=what,
            reason=reason, at=clock.now(),
        )
    )  # fmt: skip
