"""Callback (回访): the hotline asks the requester whether the department spoke to them, solved it, satisfied
them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.models import Callback, Message, Requester, Ticket
from hotline.models.words import AssignmentState, ClosingReason, Grade, Role, Solved, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.alarming import hear_danger
from hotline.tickets.checking import may_rehandle, next_round
from hotline.tickets.identity import seal_words
from hotline.tickets.lifecycle import Detail, lock, put, take_step
from hotline.tickets.rulebook import rules

OWN_TICKET = "您参与过该工单的派单，须由其他回访员回访。"
OWN_UNIT = "回访员不得属于承办单位。"


@dataclass(frozen=True)
class CallbackForm:
    """What the requester said: contacted by the unit, solved, satisfied; `note` are their words."""

    connected: bool
    contacted: bool | None = None
    solved: Solved | None = None
    satisfied: Grade | None = None
    note: str = ""


def record_callback(ticket: Ticket, person: Person, form: CallbackForm) -> Callback:
    """One try. Connected: to the review, or, when not solved, back to work. Not connected: counted."""
    ticket = lock(ticket)
    step = Step.CALL_BACK if form.connected else Step.MISS_CALLBACK
    actor = acting(person, step, ticket)
    _independent(ticket, person, actor.department_id)
    _check(form)
    row = _keep(ticket, person, form)
    hear_danger(ticket, form.note, "回访")
    data = {"callback": row.id, "attempt": row.attempt, **_answers(form)}
    if form.connected and form.solved is Solved.NOT and may_rehandle(ticket):
        share = next_round(ticket, AssignmentState.REHANDLING, "回访未解决")
        take_step(ticket, Step.REHANDLE, actor, Detail(assignment=share, data=data))
    elif form.connected:
        take_step(ticket, Step.CALL_BACK, actor, Detail(data=data))
    else:
        take_step(ticket, Step.MISS_CALLBACK, actor, Detail(data=data))
        _tell_when_missed_often(ticket)
    return row


def close_unreached(ticket: Ticket, person: Person) -> None:
    """Close after three tries in three different half-days and a message, or where there is no way of contact
    (spine.md, endings without a review)."""
    ticket = lock(ticket)
    actor = acting(person, Step.CLOSE, ticket)
    _independent(ticket, person, actor.department_id)
    if ticket.has_contact:
        reason, evidence = ClosingReason.UNREACHED, _missed_and_told(ticket)
    else:
        reason, evidence = ClosingReason.NO_CONTACT, {"table": "ticket", "id": ticket.ticket_no}
    take_step(ticket, Step.CLOSE, actor, Detail(ending=reason, data={"evidence": evidence}))


def _missed_and_told(ticket: Ticket) -> dict[str, object]:
    """The last try and the message. Raises `IllegalStep` while one of them is missing."""
    missed = _missed(ticket)
    needed = rules().settings["callback_tries"]
    if half_days_missed(missed) < needed:
        raise IllegalStep(f"须在{needed}个不同的半天各回访一次仍未接通，才能按未接通结案。")
    told = select(Message.id).where(
        Message.ticket_no == ticket.ticket_no,
        Message.template == "callback_unreached",
        Message.state.in_(("sent", "delivered")),
    )
    message = session().execute(told.limit(1)).scalar()
    if message is None:
        raise IllegalStep("未接通的短信尚未送达，暂不能结案。")
    return {"table": "callback", "id": missed[-1].id, "message": message}


def _answers(form: CallbackForm) -> dict[str, object]:
    """The three answers as the journal keeps them: every rate is computed from it (domain.md §18, I12)."""
    if not form.connected:
        return {}
    return {"contacted": form.contacted, "solved": form.solved, "satisfied": form.satisfied}


def half_days_missed(rows: Sequence[Callback]) -> int:
    """In how many different half-days nobody answered."""
    return len({row.half_day for row in rows if not row.connected})


def is_independent(ticket: Ticket, person: Person) -> bool:
    """Whether this person may call about the ticket: neither its dispatcher nor of its department."""
    posts = {post.department_id for post in person.posts if post.role is Role.CALLBACK_AGENT}
    return ticket.dispatcher_id != person.id and ticket.department_id not in person.unit_ids() | posts


def _independent(ticket: Ticket, person: Person, department_id: int | None) -> None:
    if ticket.dispatcher_id == person.id:
        raise Forbidden(OWN_TICKET)
    if ticket.department_id in person.unit_ids() or ticket.department_id == department_id:
        raise Forbidden(OWN_UNIT)


def _tell_when_missed_often(ticket: Ticket) -> None:
    """The last needed try without an answer is told by a text message, once a round (domain.md §5.3)."""
    missed = _missed(ticket)
    needed = rules().settings["callback_tries"]
    if ticket.has_contact and half_days_missed(missed) == needed > half_days_missed(missed[:-1]):
        what = {"step": Step.MISS_CALLBACK.value, "seq": ticket.steps}
        put("tell_requester", ticket.ticket_no, what, at=clock.now())


def _check(form: CallbackForm) -> None:
    if not form.connected:
        return
    problems: dict[str, str] = {}
    if form.contacted is None:
        problems["contacted"] = "请选择承办单位是否联系过诉求人。"
    if form.solved is None:
        problems["solved"] = "请选择问题是否解决。"
    if form.satisfied is None:
        problems["satisfied"] = "请选择满意度。"
    if problems:
        raise BadInput(**problems)


def _keep(ticket: Ticket, person: Person, form: CallbackForm) -> Callback:
    moment = clock.in_city(clock.now())
    requester = session().get_one(Requester, ticket.ticket_no)
    requester.named = requester.named or form.connected
    count = select(func.count()).select_from(Callback).where(Callback.ticket_no == ticket.ticket_no)
    row = Callback(
        ticket_no=ticket.ticket_no,
        round=ticket.round,
        staff_id=person.id,
        tried_at=moment,
        attempt=session().execute(count).scalar_one() + 1,
        half_day=f"{moment:%Y-%m-%d}-{'am' if moment.hour < 12 else 'pm'}",
        connected=form.connected,
        contacted=form.contacted,
        solved=form.solved,
        satisfied=form.satisfied,
        note_sealed=seal_words(requester, form.note),
    )
    session().add(row)
    session().flush()
    return row


def _missed(ticket: Ticket) -> list[Callback]:
    query = select(Callback).where(
        Callback.ticket_no == ticket.ticket_no, Callback.round == ticket.round, Callback.connected.is_(False)
    )
    return list(session().execute(query.order_by(Callback.id)).scalars())

