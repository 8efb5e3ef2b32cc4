"""Review (好差评): the invitation, the citizen's own word, and the case a bad one opens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import note_topic, session
from hotline.errors import BadInput, Gone, IllegalStep, NotFound
from hotline.models import BadReviewCase, Invitation, Message, Requester, Review, Ticket
from hotline.models.words import (
    BAD_GRADES,
    BadReviewReason,
    ClosingReason,
    Grade,
    Solved,
    State,
    Step,
)
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.alarming import is_dangerous, raise_alarm
from hotline.tickets.handle import open_case
from hotline.tickets.identity import file_ring, seal_words, without_identity
from hotline.tickets.lifecycle import REQUESTER, SYSTEM, Detail, lock, take_step
from hotline.tickets.rulebook import rules

TOKEN_BYTES = 24
USED = "您已经评价过了，感谢您的参与。"
EXPIRED = "评价邀请已过期。如问题仍未解决，请拨打12345。"


@dataclass(frozen=True)
class ReviewForm:
    """What the citizen tapped: a grade, solved or not, for a bad one a reason, and their own words."""

    grade: str
    solved: str
    reason_code: str = ""
    words: str = ""


def invite(ticket: Ticket) -> Invitation | None:
    """Invite the requester to review this round; a ticket nobody can be reached for closes with that reason. Whoever
    followed a master is invited to review its answer, which is no step.

    The token itself is sealed until it is sent; only its hash finds it. Does nothing when already invited.
    """
    ticket = lock(ticket)
    if ticket.state not in (State.ANSWERED, State.TO_EVALUATE, State.MERGED) or open_invitation(ticket) is not None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ring = file_ring(session().get_one(Requester, ticket.ticket_no))
    days = rules().settings["review_days"]
    invitation = Invitation(
        ticket_no=ticket.ticket_no,
        round=ticket.rectify_rounds,
        token_hash=token_hash(token),
        token_sealed=ring.seal(token),
        invited_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    ticket.review_until = invitation.expires_at
    session().add(invitation)
    session().flush()
    if ticket.state is not State.MERGED:
        take_step(ticket, Step.INVITE_REVIEW, SYSTEM, Detail(data={"invitation": invitation.id}))
    return invitation


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def invitation_by_token(token: str) -> Invitation:
    """The invitation behind a link. Raises `Gone` for a used or expired one, `NotFound` for none."""
    query = select(Invitation).where(Invitation.token_hash == token_hash(token)).limit(1)
    found = session().execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("评价链接不正确，请从短信中完整复制，或凭工单号查询后评价。")
    return _still_open(found)


def open_invitation(ticket: Ticket) -> Invitation | None:
    """The invitation the citizen may still use, also from the look-up page."""
    query = select(Invitation).where(Invitation.ticket_no == ticket.ticket_no, Invitation.used_at.is_(None))
    found = session().execute(query.order_by(Invitation.id.desc()).limit(1)).scalar_one_or_none()
    return found if found and found.expires_at > clock.now() else None


def give_review(invitation: Invitation, form: ReviewForm, channel: str) -> Review:
    """The requester's word: good closes the case, bad opens a rectification (at most two rounds, default).

    A follower's closes nothing, for the case is its master's; a bad one waits in the dispatcher's drawer.
    """
    ticket = lock(session().get_one(Ticket, invitation.ticket_no))
    session().refresh(invitation, with_for_update=True)
    _still_open(invitation)
    grade, solved = _check(form)
    if ticket.state not in (State.TO_EVALUATE, State.MERGED):
        raise IllegalStep("该工单现在不能评价。")
    invitation.used_at = clock.now()
    review = _keep(ticket, invitation, form, channel)
    alarm = is_dangerous(form.words)
    if ticket.state is State.MERGED:
        _by_follower(ticket, review, alarm)
    elif grade in BAD_GRADES or solved is Solved.NOT:
        _bad(ticket, review, alarm)
    else:
        _close(ticket, Step.GIVE_REVIEW, ClosingReason.REVIEWED, review, alarm)
    if alarm:  # only now: the word closes its case whatever it says besides, and the alarm stays for a person
        raise_alarm(ticket, form.words, "评价")
    return review


def verify_rectification(ticket: Ticket, person: Person, *, done: bool, note: str) -> None:
    """Somebody outside the department verifies a rectification: done → reviewed anew, else worked on
    again."""
    case = open_case(lock(ticket))
    step = Step.VERIFY_RECTIFICATION if done else Step.FAIL_RECTIFICATION
    actor = acting(person, step, ticket)
    if actor.department_id == case.department_id or case.department_id in person.unit_ids():
        raise IllegalStep("整改须由承办单位以外的人员核实。")
    if case.rectified_at is None:
        raise IllegalStep("承办单位尚未提交整改情况。")
    if not done and len(note.strip()) < 5:
        raise BadInput(note="请写明核实不通过的原因。")
    case.verdict = without_identity(ticket.ticket_no, note)
    if done:
        case.verified_at, case.verified_by = clock.now(), person.id
    else:
        case.rectified_at = None
    take_step(ticket, step, actor, Detail(data={"case": case.id}))


def close_expired(ticket: Ticket) -> None:
    """An invitation ran out: closed without a review and counted apart, never as satisfied.

    One that never reached anybody counts as no way of contact; one still waiting for the carrier stays open.
    """
    ticket = lock(ticket)
    query = select(Invitation).where(Invitation.ticket_no == ticket.ticket_no).order_by(Invitation.id.desc())
    last = session().execute(query.limit(1)).scalar_one_or_none()
    if ticket.state is not State.TO_EVALUATE or last is None or last.used_at or last.expires_at > clock.now():
        return
    reason = _why_no_review(ticket, last)
    if reason is not None:
        evidence = {"evidence": {"table": "invitation", "id": last.id}}
        take_step(ticket, Step.CLOSE, SYSTEM, Detail(ending=reason, data=evidence))


def _why_no_review(ticket: Ticket, last: Invitation) -> ClosingReason | None:
    if ticket.rectify_rounds:
        return ClosingReason.BAD_REVIEW_STANDING
    if last.delivered_at is not None:
        return ClosingReason.INVITATION_EXPIRED
    waiting = select(Message.id).where(
        Message.ticket_no == ticket.ticket_no,
        Message.template == "review_invitation",
        Message.state == "waiting",
    )
    return None if session().execute(waiting.limit(1)).first() else ClosingReason.NO_CONTACT


def _still_open(invitation: Invitation) -> Invitation:
    if invitation.used_at is not None:
        raise Gone(USED)
    if invitation.expires_at <= clock.now():
        raise Gone(EXPIRED)
    return invitation


def _check(form: ReviewForm) -> tuple[Grade, Solved]:
    problems: dict[str, str] = {}
    if form.grade not in set(Grade):
        problems["grade"] = "请选择满意度。"
    if form.solved not in set(Solved):
        problems["solved"] = "请选择问题是否解决。"
    bad = form.grade in set(BAD_GRADES) or form.solved == Solved.NOT
    if bad and not problems and form.reason_code not in set(BadReviewReason):
        problems["reason"] = "请选择不满意的原因。"
    if len(form.words) > 1000:
        problems["words"] = "最多填写1000字。"
    if problems:
        raise BadInput(**problems)
    return Grade(form.grade), Solved(form.solved)


def _keep(ticket: Ticket, invitation: Invitation, form: ReviewForm, channel: str) -> Review:
    requester = session().get_one(Requester, ticket.ticket_no)
    review = Review(
        ticket_no=ticket.ticket_no,
        invitation_id=invitation.id,
        round=invitation.round,
        channel=channel,
        department_id=ticket.department_id,
        grade=Grade(form.grade),
        solved=Solved(form.solved),
        reason_code=form.reason_code,
        words_sealed=seal_words(requester, form.words),
        given_at=clock.now(),
    )
    session().add(review)
    session().flush()
    return review


def _by_follower(ticket: Ticket, review: Review, alarm: bool) -> None:
    review.department_id = session().get_one(Ticket, ticket.master_no).department_id
    ticket.unhappy_follower = review.grade in BAD_GRADES or review.solved is Solved.NOT
    data = {"review": review.id, "master": ticket.master_no, "alarm": alarm, **_answers(review)}
    take_step(ticket, Step.REVIEW_AS_FOLLOWER, REQUESTER, Detail(data=data))
    note_topic("dispatch")


def stands(ticket: Ticket) -> bool:
    """Whether a bad review would be kept as it is: no round of rectification is left, or no unit to make it good."""
    return ticket.rectify_rounds >= rules().settings["rectify_rounds"] or ticket.department_id is None


def _bad(ticket: Ticket, review: Review, alarm: bool) -> None:
    if stands(ticket):
        _close(ticket, Step.KEEP_BAD_REVIEW, ClosingReason.BAD_REVIEW_STANDING, review, alarm)
        return
    ticket.rectify_rounds += 1
    case = BadReviewCase(
        ticket_no=ticket.ticket_no,
        review_id=review.id,
        round=ticket.rectify_rounds,
        department_id=ticket.department_id,
        opened_at=clock.now(),
    )
    session().add(case)
    session().flush()
    data = {"review": review.id, "case": case.id, "alarm": alarm, **_answers(review)}
    take_step(ticket, Step.GIVE_BAD_REVIEW, REQUESTER, Detail(data=data))


def _close(ticket: Ticket, step: Step, reason: ClosingReason, review: Review, alarm: bool) -> None:
    data = {
        "review": review.id,
        "alarm": alarm,
        **_answers(review),
        "evidence": {"table": "review", "id": review.id},
    }
    take_step(ticket, step, REQUESTER, Detail(ending=reason, data=data))


def _answers(review: Review) -> dict[str, str]:
    """What the journal keeps of a review: every rate is computed from it (domain.md §18, I12)."""
    return {"grade": review.grade.value, "solved": review.solved.value}
