"""The level of confidentiality (保密级别): made stricter by the hotline at any time, looser by the supervisor alone."""

from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.models import Ticket
from hotline.models.words import Confidentiality, Role, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step

LEVELS = (Confidentiality.OPEN, Confidentiality.CONFIDENTIAL, Confidentiality.REPORT_PROTECTED)
"""From loose to strict; anonymous is none of them: it is chosen when one speaks, and nothing is kept to protect."""
MIN_WORDS = 5
NOTHING_KEPT = "匿名件没有留存诉求人身份，保密级别不能变更。"
SUPERVISOR_LOOSENS = "放宽保密级别须由督办员决定，并写明理由。"


def set_level(ticket: Ticket, person: Person, level: str, reason: str) -> None:
    """变更保密级别, with its reason in the journal (domain.md §3.5: confidentiality is the requester's right)."""
    ticket = lock(ticket)
    actor = acting(person, Step.SET_CONFIDENTIALITY, ticket)
    if ticket.confidentiality is Confidentiality.ANONYMOUS:
        raise IllegalStep(NOTHING_KEPT)
    if level not in LEVELS or level == ticket.confidentiality:
        raise BadInput(level="请选择与现在不同的保密级别。")
    if len(reason.strip()) < MIN_WORDS:
        raise BadInput(words="请写明变更的理由，至少5个字。")
    former, wanted = ticket.confidentiality, Confidentiality(level)
    if LEVELS.index(wanted) < LEVELS.index(former):
        actor = _supervisor(person)
    ticket.confidentiality = wanted
    data = {"level": wanted.value, "former": former.value, "note": without_identity(ticket.ticket_no, reason)}
    take_step(ticket, Step.SET_CONFIDENTIALITY, actor, Detail(data=data))


def levels_for(ticket: Ticket, person: Person) -> list[Confidentiality]:
    """The levels this person may choose."""
    if ticket.confidentiality not in LEVELS:
        return []
    present = LEVELS.index(ticket.confidentiality)
    return [one for n, one in enumerate(LEVELS) if n > present or (n < present and person.has(Role.SUPERVISOR))]


def _supervisor(person: Person) -> Actor:
    post = person.post_with(frozenset({Role.SUPERVISOR}))
    if post is None:
        raise Forbidden(SUPERVISOR_LOOSENS)
    return Actor("staff", post.role, person.id, post.department_id)
