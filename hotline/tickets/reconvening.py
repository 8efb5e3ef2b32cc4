"""A consultation meeting is moved to another time (改期) or cancelled (取消), with a reason, by whoever called it."""

from datetime import datetime

from hotline import clock
from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.models import Assignment, Consultation, Ticket
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.consulting import meeting_about, waiting_return
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.requesting import MIN_WORDS

NONE_CALLED = "现在没有等待裁定的会商。"
NOT_YOURS = "会商由召集人改期或取消；需要时可以直接作出裁定。"


def move_meeting(ticket: Ticket, person: Person, meets_at: datetime, words: str) -> None:
    """会商改期: the units invited stay; until when the ruling is due stays too."""
    meeting, actor, part = _own_meeting(ticket, person, Step.MOVE_MEETING)
    if meets_at <= clock.now() or meets_at == meeting.meets_at:
        raise BadInput(meets_at="请选择以后的另一个时间。")
    reason = _reason(ticket, words, "改期")
    told = f"由{clock.shown(meeting.meets_at)}改至{clock.shown(meets_at)}：{reason}"
    meeting.meets_at = meets_at
    data = {"meeting": meeting.id, "reason": told}
    take_step(ticket, Step.MOVE_MEETING, actor, Detail(assignment=part, data=data))


def cancel_meeting(ticket: Ticket, person: Person, words: str) -> None:
    """取消会商: the return waits for its decision again, with a new limit, and another meeting may be called."""
    meeting, actor, part = _own_meeting(ticket, person, Step.CANCEL_MEETING)
    meeting.cancelled_why, meeting.cancelled_at = _reason(ticket, words, "取消"), clock.now()
    data = {"meeting": meeting.id, "reason": meeting.cancelled_why}
    take_step(ticket, Step.CANCEL_MEETING, actor, Detail(assignment=part, data=data))


def _own_meeting(ticket: Ticket, person: Person, step: Step) -> tuple[Consultation, Actor, Assignment | None]:
    actor = acting(person, step, lock(ticket))
    returned = waiting_return(ticket)
    meeting = meeting_about(returned) if returned else None
    if returned is None or meeting is None:
        raise IllegalStep(NONE_CALLED)
    if meeting.called_by != person.id:
        raise Forbidden(NOT_YOURS)
    return meeting, actor, returned.part


def _reason(ticket: Ticket, words: str, what: str) -> str:
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words=f"请写明{what}的原因。")
    return without_identity(ticket.ticket_no, words)
