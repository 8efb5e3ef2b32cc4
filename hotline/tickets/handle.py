"""What a department does with its ticket, or with its share of one: sign, contact, reply, submit, rectify."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Assignment, BadReviewCase, Contact, Reply, Requester, Ticket
from hotline.models.words import AssignmentState, State, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting, share_of
from hotline.tickets.alarming import hear_danger
from hotline.tickets.identity import seal_words, without_identity
from hotline.tickets.lifecycle import Detail, lock, open_assignments, take_step
from hotline.tickets.rulebook import rules

MIN_WORDS = 5
ROUND_OVER = "本轮协办已经结束，无需再签收。"


@dataclass(frozen=True)
class ReplyForm:
    """The four parts of a reply: contacted, facts, handling, plain answer (ux requirement 15)."""

    contacted: bool
    contact_note: str
    fact_true: bool | None
    facts: str
    handling: str
    public_reply: str


def lead_share(ticket: Ticket) -> Assignment:
    """The lead's open share of the ticket."""
    share = next((one for one in open_assignments(ticket.ticket_no) if one.is_lead), None)
    if share is None:
        raise IllegalStep()
    return share


def my_share(ticket: Ticket, person: Person) -> Assignment:
    """The open share of this person's unit, with the row locked; for anybody else the lead's."""
    return share_of(person, lock(ticket)) or lead_share(ticket)


def sign(ticket: Ticket, person: Person) -> None:
    """签收: the department takes its share of the ticket; a co-unit's signing moves its own share alone."""
    share = share_of(person, lock(ticket))
    if share is None and person.unit_ids() and ticket.department_id not in person.unit_ids():
        raise IllegalStep(ROUND_OVER)
    share = share or lead_share(ticket)
    take_step(ticket, Step.SIGN, acting(person, Step.SIGN, ticket, share), Detail(assignment=share))


def contact(ticket: Ticket, person: Person, note: str, *, reached: bool = True) -> None:
    """Record a try to speak with the requester; only a successful one meets the unit's limit of the first contact.

    The note is sealed beside the case's words and goes into no list and no journal.
    """
    step = Step.CONTACT if reached else Step.MISS_CONTACT
    share = my_share(ticket, person)
    actor = acting(person, step, ticket, share)
    _keep_contact(ticket, person, note, reached=reached)
    if reached:
        share.contacted_at = share.contacted_at or clock.now()
    take_step(ticket, step, actor, Detail(assignment=share))


def reply(ticket: Ticket, person: Person, form: ReplyForm) -> Reply:
    """答复: the handler writes the four parts. Raises `BadInput` naming each part that is missing."""
    share = _share(ticket, person, Step.REPLY)
    _check_reply(form)
    hear_danger(ticket, form.contact_note, "联系")
    share.replied_at, share.state_before = clock.now(), share.state
    if form.contacted and share.contacted_at is None:
        share.contacted_at = share.replied_at
    written = Reply(
        ticket_no=ticket.ticket_no,
        assignment_id=share.id,
        staff_id=person.id,
        written_at=clock.now(),
        contacted=form.contacted,
        fact_true=form.fact_true,
        **_kept(ticket, form),
    )
    session().add(written)
    session().flush()
    take_step(
        ticket,
        Step.REPLY,
        acting(person, Step.REPLY, ticket, share),
        Detail(assignment=share, data={"reply": written.id, "contacted": form.contacted}),
    )
    return written


def send_back(ticket: Ticket, person: Person, reason: str) -> None:
    """The department's lead wants the reply written again."""
    share = _share(ticket, person, Step.SEND_BACK)
    before = State.REHANDLING if _began_as_rehandling(share) else State.HANDLING
    _need(reason, "reason", "请写明退回修改的原因。")
    take_step(
        ticket,
        Step.SEND_BACK,
        acting(person, Step.SEND_BACK, ticket, share),
        Detail(to=before, assignment=share, data={"reason": without_identity(ticket.ticket_no, reason)}),
    )


def sign_many(tickets: Sequence[Ticket], person: Person) -> tuple[int, int]:
    """Sign several at once, locked in order of their numbers; how many were signed, how many no longer could
    be."""
    signed = 0
    for ticket in sorted(tickets, key=lambda one: one.ticket_no):
        share = share_of(person, lock(ticket))
        if share is not None and share.state is AssignmentState.TO_SIGN:
            sign(ticket, person)
            signed += 1
    return signed, len(tickets) - signed


def submit(ticket: Ticket, person: Person, without: str = "") -> None:
    """提交办结: the department's lead sends the result to the hotline.

    Who got the ticket first answers for all who help (Beijing 2021 art.14): without the part of one who is late it
    says why, and the journal names them.
    """
    share = lead_share(lock(ticket))
    actor = acting(person, Step.SUBMIT, ticket, share)
    data, late = {}, helping_shares(ticket)
    if late:
        names = "、".join(rules().unit_names.get(one.department_id, "") for one in late)
        _need(without, "without", f"{names}尚未交回，请等其交回；确需先行提交的，请写明原因。")
        words = without_identity(ticket.ticket_no, without)
        data = {"late": [one.department_id for one in late], "reason": f"{names}未交回：{words}"}
    take_step(ticket, Step.SUBMIT, actor, Detail(assignment=share, data=data))


def helping_shares(ticket: Ticket) -> list[Assignment]:
    """The open shares of units that help, those handed down among them."""
    return [one for one in open_assignments(ticket.ticket_no) if not one.is_lead]


def contact_reviewer(ticket: Ticket, person: Person, note: str, *, reached: bool = True) -> None:
    """The person who gave the bad review was contacted (Shanghai 2024 art.30: within one working day)."""
    case = open_case(lock(ticket))
    step = Step.CONTACT_REVIEWER if reached else Step.MISS_CONTACT
    actor = acting(person, step, ticket)
    _keep_contact(ticket, person, note, reached=reached)
    if reached:
        case.contacted_at = case.contacted_at or clock.now()
    take_step(ticket, step, actor, Detail(data={"case": case.id}))


def rectify(ticket: Ticket, person: Person, handling: str, public_reply: str) -> None:
    """差评整改: what was done after the bad review; somebody outside the department verifies it."""
    case = open_case(lock(ticket))
    actor = acting(person, Step.RECTIFY, ticket)
    _need(handling, "handling", "请写明整改措施。")
    _need(public_reply, "public_reply", "请写明给诉求人的答复。")
    case.handling = without_identity(ticket.ticket_no, handling)
    case.public_reply = without_identity(ticket.ticket_no, public_reply)
    case.rectified_at = clock.now()
    take_step(ticket, Step.RECTIFY, actor, Detail(data={"case": case.id}))


def open_case(ticket: Ticket) -> BadReviewCase:
    """The bad-review case under way."""
    query = select(BadReviewCase).where(
        BadReviewCase.ticket_no == ticket.ticket_no, BadReviewCase.verified_at.is_(None)
    )
    case = session().execute(query.order_by(BadReviewCase.id.desc()).limit(1)).scalar_one_or_none()
    if case is None:
        raise IllegalStep()
    return case


def latest_reply(ticket_no: int) -> Reply | None:
    """The newest answer to the requester: the lead's or the hotline's own, never what helping units handed in."""
    query = select(Reply).where(Reply.ticket_no == ticket_no, to_requester()).order_by(Reply.id.desc()).limit(1)
    return session().execute(query).scalar_one_or_none()


def to_requester() -> ColumnElement[bool]:
    """The replies that are answers to the requester."""
    share = aliased(Assignment)
    led = select(share.id).where(share.id == Reply.assignment_id, share.is_lead)
    return Reply.assignment_id.is_(None) | led.exists()


def _share(ticket: Ticket, person: Person, step: Step) -> Assignment:
    """The share this step is about, with the row locked and the person's right checked."""
    share = my_share(ticket, person)
    acting(person, step, ticket, share)
    return share


def _keep_contact(ticket: Ticket, person: Person, note: str, *, reached: bool) -> None:
    _need(note, "contact_note", "请写明联系的情况。")
    hear_danger(ticket, note, "联系")
    requester = session().get_one(Requester, ticket.ticket_no)
    session().add(
        Contact(
            ticket_no=ticket.ticket_no,
            staff_id=person.id,
            tried_at=clock.now(),
            reached=reached,
            note_sealed=seal_words(requester, note),
        )
    )


def _kept(ticket: Ticket, form: ReplyForm) -> dict[str, str]:
    parts = ("contact_note", "facts", "handling", "public_reply")
    return {part: without_identity(ticket.ticket_no, getattr(form, part)) for part in parts}


def _began_as_rehandling(share: Assignment) -> bool:
    return share.state_before is AssignmentState.REHANDLING


def _check_reply(form: ReplyForm) -> None:
    problems: dict[str, str] = {}
    if not form.contacted and len(form.contact_note.strip()) < MIN_WORDS:
        problems["contacted"] = "未联系诉求人的，请写明原因。"
    if len(form.facts.strip()) < MIN_WORDS:
        problems["facts"] = "请写明查明的事实。"
    if len(form.handling.strip()) < MIN_WORDS:
        problems["handling"] = "请写明调查与处理过程。"
    if len(form.public_reply.strip()) < MIN_WORDS:
        problems["public_reply"] = "请用大白话写明给诉求人的答复。"
    if problems:
        raise BadInput(**problems)


def _need(text: str, field: str, sentence: str) -> None:
    if len(text.strip()) < MIN_WORDS:
        raise BadInput(**{field: sentence})
