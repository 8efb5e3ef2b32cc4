"""不计考核与考核申诉: a unit asks that a case, or a bad result that counted, is not counted; the supervisor decides
(domain.md §5.3, "Unreasonable demand", "assessment appeal").

Only the counting changes: the case goes its way, the requester's words, answer and right to review stay. Whose demand
was held unreasonable is told so.
"""

from dataclasses import dataclass

from sqlalchemy import or_, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Assignment, Clock, JournalEntry, Ticket
from hotline.models.exemption_words import AppealReason, ExemptionReason
from hotline.models.words import BAD_GRADES, AskKind, Decision, Solved, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.lifecycle import Detail, lock, put, take_step
from hotline.tickets.reckon import WORK
from hotline.tickets.requesting import AskForm, ask, check_reasons, decided

ONCE = "本单位已就该工单提出过同样的申请，不能再次申请。"
NOT_COUNTED = "该工单已不计考核，无需申请。"
NOTHING_BAD = "该工单没有超期、未解决、不满意或差评的记录，无需申诉。"
ANOTHER_UNIT = "该工单已改派其他单位，不能再同意原单位的申请，请驳回。"
NO_UNIT = "该工单没有承办单位。"


@dataclass(frozen=True)
class ExemptionForm(AskForm):
    """Which of the reasons applies, its words, and the evidence (`basis`)."""

    reason_code: str


def ask_exemption(ticket: Ticket, person: Person, form: ExemptionForm) -> Asked:
    """申请不计考核, or with a reason against a bad result 考核申诉; each once by a unit in a round."""
    share = _newest_lead(lock(ticket))
    actor = acting(person, Step.ASK_EXEMPTION, ticket, share)
    kind = _kind_of(form.reason_code)
    check_reasons(form, kind.label)
    if not ticket.counts_in_assessment:
        raise IllegalStep(NOT_COUNTED)
    if _asked_before(share, kind):
        raise IllegalStep(ONCE)
    if kind is AskKind.APPEAL and not _has_bad_result(ticket):
        raise IllegalStep(NOTHING_BAD)
    asked = ask(kind, share, person, form, reason_code=form.reason_code)
    data = {"asked": asked.id, "kind": kind.value, "reason": asked.reason}
    take_step(ticket, Step.ASK_EXEMPTION, actor, Detail(data=data))
    return asked


def decide_exemption(ticket: Ticket, person: Person, asked: Asked, *, grant: bool, note: str) -> None:
    """同意: the case is left out of every rate, and counted among what is left out. 查否 leaves it in."""
    lock(ticket)
    step = Step.GRANT_EXEMPTION if grant else Step.REFUSE_EXEMPTION
    actor = acting(person, step, ticket)
    if asked.decision is not Decision.PENDING:
        raise IllegalStep()
    if grant and session().get_one(Assignment, asked.assignment_id).department_id != ticket.department_id:
        raise IllegalStep(ANOTHER_UNIT)
    decided(asked, person, grant=grant, note=note)
    ticket.counts_in_assessment = ticket.counts_in_assessment and not grant
    data = {"asked": asked.id, "kind": asked.kind.value, "note": asked.decision_note}
    take_step(ticket, step, actor, Detail(data=data))
    if grant and is_told(asked) and ticket.has_contact:
        put("tell_requester", ticket.ticket_no, {"step": step.value, "seq": ticket.steps}, at=clock.now())


def is_told(asked: Asked) -> bool:
    """Whether the requester is told of it once granted: that the demand was held unreasonable (domain.md §15, 6)."""
    return asked.reason_code == ExemptionReason.UNREASONABLE


def reason_label(code: str) -> str:
    """The Chinese of a reason."""
    return {one.value: one.label for one in (*ExemptionReason, *AppealReason)}.get(code, "")


def _kind_of(code: str) -> AskKind:
    if code in set(ExemptionReason):
        return AskKind.EXEMPTION
    if code in set(AppealReason):
        return AskKind.APPEAL
    raise BadInput(reason_code="请从列表中选择理由。")


def _newest_lead(ticket: Ticket) -> Assignment:
    """The lead's share of this round, under way or done."""
    query = select(Assignment).where(
        Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round, Assignment.is_lead
    )
    found = session().execute(query.order_by(Assignment.id.desc()).limit(1)).scalar_one_or_none()
    if found is None:
        raise IllegalStep(NO_UNIT)
    return found


def _asked_before(share: Assignment, kind: AskKind) -> bool:
    query = select(Asked.id).where(Asked.ticket_no == share.ticket_no, Asked.kind == kind)
    return session().execute(query.where(Asked.assignment_id == share.id).limit(1)).first() is not None


def _has_bad_result(ticket: Ticket) -> bool:
    """Late, not solved, not content, or badly reviewed: what a rate counts against the unit."""
    late = select(Clock.id).where(
        Clock.ticket_no == ticket.ticket_no, Clock.kind.in_(WORK),
        or_(Clock.met_at >= Clock.due_at, Clock.met_at.is_(None) & (Clock.due_at <= clock.now())),
        Clock.stopped_at.is_(None),
    )  # fmt: skip
    data = JournalEntry.data
    said = select(JournalEntry.id).where(
        JournalEntry.ticket_no == ticket.ticket_no,
        or_(
            data["solved"].astext == Solved.NOT.value,
            data["satisfied"].astext.in_([one.value for one in BAD_GRADES]),
            JournalEntry.step.in_((Step.GIVE_BAD_REVIEW, Step.KEEP_BAD_REVIEW)),
        ),
    )
    return any(session().execute(one.limit(1)).first() is not None for one in (late, said))
