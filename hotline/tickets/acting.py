"""Chooses the post a person acts in: the step's own roles, and for units only the unit that holds the
ticket."""

from hotline.errors import Forbidden, IllegalStep
from hotline.models import Assignment, Ticket
from hotline.models.words import Role, State, Step
from hotline.people.accounts import Person
from hotline.tickets.find import HOTLINE_ROLES, UNIT_ROLES
from hotline.tickets.lifecycle import Actor, may_take, open_assignments
from hotline.tickets.moves import MOVES

HELPING = frozenset({
    Step.SIGN, Step.CONTACT, Step.MISS_CONTACT, Step.ASK_RETURN, Step.REPLY, Step.SEND_BACK, Step.HAND_IN,
    Step.HAND_DOWN, Step.ASK_EXTENSION,
})  # fmt: skip
"""The steps a helping unit takes with its own share."""
ARCHIVED = "该工单已归档，只能查看，不能再改动。"
CONTESTED = "contested:"
"""Tag of a ticket whose refusal was objected to, with the number of whoever refused it."""
ANOTHER_DECIDES = "诉求人对不予受理有异议，须由另一名派单员决定。"


def acting(person: Person, step: Step, ticket: Ticket, share: Assignment | None = None) -> Actor:
    """The actor for this step on this ticket. Raises `Forbidden` when no post of the person allows it.

    Raises `IllegalStep` for an archived ticket, before anything is written: its row takes no change (I18).
    """
    stays_archived(ticket)
    if _judges_oneself(person, step, ticket):
        raise Forbidden(ANOTHER_DECIDES)
    who = MOVES[step].who
    post = person.post_with(who & HOTLINE_ROLES)
    if post is None:
        unit = share.department_id if share else ticket.department_id
        post = person.post_with(who & UNIT_ROLES, frozenset({unit} if unit else ()))
    if post is None:
        raise Forbidden()
    return Actor("staff", post.role, person.id, post.department_id)


def stays_archived(ticket: Ticket) -> None:
    """Raises `IllegalStep` for a ticket that nobody changes any more."""
    if ticket.state is State.ARCHIVED:
        raise IllegalStep(ARCHIVED)


def actor_of(who: Person | Actor, step: Step, ticket: Ticket) -> Actor:
    """The actor of a step that the requester's side takes itself, or a person for it."""
    return acting(who, step, ticket) if isinstance(who, Person) else who


def share_of(person: Person, ticket: Ticket) -> Assignment | None:
    """The open assignment this person's unit holds on the ticket."""
    units = person.unit_ids()
    return next((one for one in open_assignments(ticket.ticket_no) if one.department_id in units), None)


def offered(person: Person, ticket: Ticket) -> frozenset[Step]:
    """The steps a screen offers this person on this ticket."""
    units = person.unit_ids()
    roles = {role for role in person.roles() if role not in UNIT_ROLES or ticket.department_id in units}
    return frozenset(
        step
        for step in Step
        if any(may_take(ticket, step, Role(role)) for role in roles) and not _judges_oneself(person, step, ticket)
    )


def offered_on(share: Assignment, person: Person) -> frozenset[Step]:
    """The steps a screen offers this person on the open share of a helping unit."""
    roles = {post.role for post in person.posts if post.department_id == share.department_id}
    return frozenset(
        step for step in HELPING if State(share.state.value) in MOVES[step].start and roles & MOVES[step].who
    )


def offered_on_return(person: Person) -> frozenset[Step]:
    """The steps a screen offers the hotline on a helping unit's share that waits for the decision on its return."""
    steps = (step for step in Step if State.RETURN_PENDING in MOVES[step].start)
    return frozenset(step for step in steps if person.has(*MOVES[step].who & HOTLINE_ROLES))


def is_contested(ticket: Ticket) -> bool:
    """Whether somebody objected to the refusal of this demand."""
    return any(tag.startswith(CONTESTED) for tag in ticket.tags)


def _judges_oneself(person: Person, step: Step, ticket: Ticket) -> bool:
    """Whether the step would decide an objection to this person's own refusal."""
    decides = ticket.state is State.TO_DISPATCH and MOVES[step].to and Role.DISPATCHER in MOVES[step].who
    return bool(decides) and f"{CONTESTED}{person.id}" in ticket.tags
