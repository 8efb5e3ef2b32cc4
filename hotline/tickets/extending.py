"""延期: a department asks for longer, and the hotline decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Assignment, Clock, Ticket
from hotline.models.words import AskKind, ClockKind, Decision, Step
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting
from hotline.tickets.handle import lead_share, my_share
from hotline.tickets.lifecycle import Detail, lock, take_step
from hotline.tickets.requesting import AskForm, ask, check_reasons, decided, pending
from hotline.tickets.rulebook import rules
from routing.time_limits import Due

NO_EXTENSION = "特急和紧急警情件不能延期。"


@dataclass(frozen=True)
class ExtensionForm(AskForm):
    """Why a department needs longer, on what basis, and how many working days."""

    days: int


def ask_extension(ticket: Ticket, person: Person, form: ExtensionForm) -> Asked:
    """申请延期, before expiry, at most once, by at most the original limit (default; domain.md §5.3, §6.2); a helping
    unit asks for its own limit alone."""
    share = my_share(ticket, person)
    actor = acting(person, Step.ASK_EXTENSION, ticket, share)
    due = proposed_extension(ticket, share, form.days)
    check_reasons(form, "延期")
    asked = ask(AskKind.EXTENSION, share, person, form, days=form.days, new_due_at=due.at)
    data = {"asked": asked.id, "new_due_at": due.at.isoformat()}
    take_step(ticket, Step.ASK_EXTENSION, actor, Detail(assignment=share, data=data))
    return asked


def proposed_extension(ticket: Ticket, share: Assignment, days: int) -> Due:
    """The date an extension would give, shown before it is sent; none is later than the limit of whom the unit helps.
    Raises `IllegalStep` when none is possible, `BadInput` for too many days."""
    work = working_clocks(ticket)
    running = next((one for one in work if one.assignment_id == share.id), None)
    if running is None:
        raise IllegalStep("该工单没有可以延期的办理时限。")
    if running.due_at <= clock.now():
        raise IllegalStep("已超过办理时限，不能再申请延期。")
    if _extensions(share) >= rules().settings["extension_times"]:
        raise IllegalStep("该工单已延期或正在申请延期，不能再次申请。")
    longest = deadlines.longest_extension(ticket, running)
    if not longest:
        raise IllegalStep(NO_EXTENSION)
    if not 1 <= days <= longest:
        raise BadInput(days=f"最多延长{longest}个工作日。")
    due, last = deadlines.extended(running, days), limit_above(share, work)
    if last and due.at > last:
        raise BadInput(days=f"不能晚于{clock.shown(last)}，那是所协助单位的时限。")
    return due


def decide_extension(ticket: Ticket, person: Person, *, grant: bool, note: str) -> None:
    """同意延期 moves the due date for all units, never to an earlier one, and keeps the original beside it; both are
    journal rows (I4)."""
    share = lead_share(lock(ticket))
    step = Step.GRANT_EXTENSION if grant else Step.REFUSE_EXTENSION
    actor = acting(person, step, ticket)
    asked = pending(ticket, AskKind.EXTENSION)
    running = working_clock(ticket)
    decided(asked, person, grant=grant, note=note)
    data = {"asked": asked.id, "note": asked.decision_note}
    if grant and running is not None and asked.new_due_at is not None:
        data |= {"old_due_at": running.due_at.isoformat(), "new_due_at": asked.new_due_at.isoformat()}
        later = deadlines.extended(running, asked.days or 0)
        for one in working_clocks(ticket):
            one.due_at = max(one.due_at, asked.new_due_at)
            one.provisional = one.provisional or later.provisional
            deadlines.place_rung(one, ticket.urgency, rules())
    take_step(ticket, step, actor, Detail(assignment=share, data=data))


def decide_helpers_extension(ticket: Ticket, person: Person, asked: Asked, *, grant: bool, note: str) -> None:
    """同意协办延期 moves the helping unit's own limit alone, and the original stays beside it; 驳回 moves nothing."""
    share = session().get_one(Assignment, asked.assignment_id)
    step = Step.GRANT_SHARE_EXTENSION if grant else Step.REFUSE_SHARE_EXTENSION
    actor = acting(person, step, lock(ticket))
    if asked.decision is not Decision.PENDING or share.ended_at is not None:
        raise IllegalStep()
    decided(asked, person, grant=grant, note=note)
    data = {"asked": asked.id, "note": asked.decision_note}
    work = working_clocks(ticket)
    running = next((one for one in work if one.assignment_id == share.id), None)
    if grant and running is not None and asked.new_due_at is not None:
        last, before = limit_above(share, work), running.due_at
        asked.new_due_at = max(before, min(asked.new_due_at, last or asked.new_due_at))
        running.provisional = deadlines.extended(running, asked.days or 0).provisional or running.provisional
        running.due_at = asked.new_due_at
        deadlines.place_rung(running, ticket.urgency, rules())
        data |= {"old_due_at": before.isoformat(), "new_due_at": running.due_at.isoformat()}
    take_step(ticket, step, actor, Detail(assignment=share, data=data))


def limit_above(share: Assignment, work: Sequence[Clock]) -> datetime | None:
    """Until when the unit has to be done that this one helps; None for the lead, and where that unit is late itself."""
    if share.is_lead:
        return None
    helped = [one for one in work if one.assignment_id == share.parent_id] if share.parent_id else work[:1]
    return next((one.due_at for one in helped if one.due_at > clock.now()), None)


def working_clock(ticket: Ticket) -> Clock | None:
    """The running limit of the work itself."""
    return next(iter(working_clocks(ticket)), None)


def working_clocks(ticket: Ticket) -> list[Clock]:
    """The running limits of the work itself, the lead's first, for its share was made first."""
    kinds = (ClockKind.HANDLE, ClockKind.REHANDLE)
    return [one for one in deadlines.running_clocks(ticket) if one.kind in kinds]


def _extensions(share: Assignment) -> int:
    """How many the lead had on this ticket, or a helping unit for its share."""
    counted = select(func.count()).select_from(Asked).join(Assignment, Assignment.id == Asked.assignment_id)
    counted = counted.where(
        Asked.ticket_no == share.ticket_no, Assignment.is_lead if share.is_lead else Assignment.id == share.id,
        Asked.kind == AskKind.EXTENSION, Asked.decision.not_in((Decision.REFUSED, Decision.OVERTAKEN)),
    )  # fmt: skip
    return session().execute(counted).scalar_one()
