"""延期: a department asks for longer, and the hotline decides."""

from dataclasses import dataclass

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Clock, Ticket
from hotline.models.words import AskKind, ClockKind, Decision, Step
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting
from hotline.tickets.handle import lead_share
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
    """申请延期, before expiry, at most once, by at most the original limit (default; domain.md §5.3, §6.2)."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_EXTENSION, ticket, share)
    due = proposed_extension(ticket, form.days)
    check_reasons(form, "延期")
    asked = ask(AskKind.EXTENSION, share, person, form, days=form.days, new_due_at=due.at)
    data = {"asked": asked.id, "new_due_at": due.at.isoformat()}
    take_step(ticket, Step.ASK_EXTENSION, actor, Detail(assignment=share, data=data))
    return asked


def proposed_extension(ticket: Ticket, days: int) -> Due:
    """The date an extension would give, shown before it is sent. Raises `IllegalStep` when none is possible,
    `BadInput` for too many days."""
    running = working_clock(ticket)
    if running is None:
        raise IllegalStep("该工单没有可以延期的办理时限。")
    if running.due_at <= clock.now():
        raise IllegalStep("已超过办理时限，不能再申请延期。")
    if _extensions(ticket) >= rules().settings["extension_times"]:
        raise IllegalStep("该工单已延期或正在申请延期，不能再次申请。")
    longest = deadlines.longest_extension(ticket, running)
    if not longest:
        raise IllegalStep(NO_EXTENSION)
    if not 1 <= days <= longest:
        raise BadInput(days=f"最多延长{longest}个工作日。")
    return deadlines.extended(running, days)


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


def working_clock(ticket: Ticket) -> Clock | None:
    """The running limit of the work itself."""
    return next(iter(working_clocks(ticket)), None)


def working_clocks(ticket: Ticket) -> list[Clock]:
    """The running limits of the work itself, the lead's first, for its share was made first."""
    kinds = (ClockKind.HANDLE, ClockKind.REHANDLE)
    return [one for one in deadlines.running_clocks(ticket) if one.kind in kinds]


def _extensions(ticket: Ticket) -> int:
    counted = (
        select(func.count())
        .select_from(Asked)
        .where(
            Asked.ticket_no == ticket.ticket_no,
            Asked.kind == AskKind.EXTENSION,
            Asked.decision.not_in((Decision.REFUSED, Decision.OVERTAKEN)),
        )
    )
    return session().execute(counted).scalar_one()
