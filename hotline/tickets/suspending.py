"""Suspension (挂起): a department waits, with the hotline's approval, a plan and a next date (domain.md §5.2, §6.3).

The clocks of all units stand still from the approval until the work goes on; each granted suspension is one row
of `asked`, from which the due dates are reckoned. At the next date the system resumes the work itself.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, Ticket
from hotline.models.words import AskKind, AssignmentState, Decision, State, Step, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets import deadlines, reckon
from hotline.tickets.acting import acting
from hotline.tickets.extending import working_clock
from hotline.tickets.handle import lead_share
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import SYSTEM, Detail, lock, take_step
from hotline.tickets.requesting import MIN_WORDS, AskForm, ask, check_reasons, decided, pending
from hotline.tickets.rulebook import rules
from routing.pause import Pause, due_after
from routing.time_limits import Due

UNDER_WAY = (
    Asked.kind == AskKind.SUSPENSION, Asked.decision == Decision.GRANTED, Asked.resumed_at.is_(None),
)  # fmt: skip
PATIENT = (UrgencyGrade.URGENT, UrgencyGrade.NORMAL)
NO_SUSPENSION = "特急和紧急警情件不能挂起。"
TOO_LATE = "已超过办理时限，不能再申请挂起。"
PASSED = "下次办理日期已到，请驳回，由承办单位按期办理或重新申请。"


@dataclass(frozen=True)
class SuspensionForm(AskForm):
    """Why a department must wait, what it plans, and the day on which it goes on."""

    plan: str
    next_on: date


def ask_suspension(ticket: Ticket, person: Person, form: SuspensionForm) -> Asked:
    """申请挂起, before expiry, not for what is most urgent, for at most the city's number of days (default)."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.ASK_SUSPENSION, ticket, share)
    due, next_at = proposed(ticket, form.next_on), _begin_of(form.next_on)
    short = len(form.plan.strip()) < MIN_WORDS
    check_reasons(form, "挂起", **({"plan": "请写明挂起期间的办理计划。"} if short else {}))
    plan = without_identity(ticket.ticket_no, form.plan)
    asked = ask(AskKind.SUSPENSION, share, person, form, plan=plan, new_due_at=next_at)
    data = {"asked": asked.id, "next_at": next_at.isoformat(), "new_due_at": due.at.isoformat()}
    take_step(ticket, Step.ASK_SUSPENSION, actor, Detail(assignment=share, data=data))
    return asked


def proposed(ticket: Ticket, next_on: date) -> Due:
    """The handling limit if the suspension began now, shown before it is sent. Raises `IllegalStep` when none is
    possible, `BadInput` for a day that is none."""
    running, book, today = working_clock(ticket), rules(), clock.city_day(clock.now())
    limit = deadlines.limit_behind(running) if running else None
    if running is None or limit is None:
        raise IllegalStep("该工单没有可以挂起的办理时限。")
    if ticket.urgency not in PATIENT:
        raise IllegalStep(NO_SUSPENSION)
    if running.due_at <= clock.now():
        raise IllegalStep(TOO_LATE)
    longest = book.settings["suspension_days"]
    if not today < next_on <= today + timedelta(days=longest):
        raise BadInput(next_on=f"请选择明天起{longest}天内的日期。")
    pause = Pause(clock.now(), _begin_of(next_on))
    return due_after(running.due_at, pause, limit, book.calendar, book.counting)


def decide_suspension(ticket: Ticket, person: Person, *, grant: bool, note: str) -> None:
    """同意: the clocks of all shares stand still until the next date, original dates are kept. 驳回 changes none."""
    share = lead_share(lock(ticket))
    step = Step.SUSPEND if grant else Step.REFUSE_SUSPENSION
    actor = acting(person, step, ticket)
    asked = pending(ticket, AskKind.SUSPENSION)
    decided(asked, person, grant=grant, note=note)
    data: dict[str, Any] = {"asked": asked.id, "note": asked.decision_note}
    if grant and asked.new_due_at is not None:
        if asked.new_due_at <= clock.now():
            raise IllegalStep(PASSED)
        share.state_before = share.state
        data |= {"next_at": asked.new_due_at.isoformat(), **_move_clocks(ticket)}
    take_step(ticket, step, actor, Detail(assignment=share, data=data))


def resume(ticket: Ticket, person: Person | None = None) -> None:
    """恢复办理: before the next date by the department's lead or the supervisor, on it by the system."""
    share = lead_share(lock(ticket))
    actor = acting(person, Step.RESUME, ticket, share) if person else SYSTEM
    asked = under_way(ticket)
    if asked is None or asked.new_due_at is None or (person is None and asked.new_due_at > clock.now()):
        raise IllegalStep()
    asked.resumed_at = min(clock.now(), asked.new_due_at)
    data = {"asked": asked.id, **_move_clocks(ticket)}
    worked_on = State((share.state_before or AssignmentState.HANDLING).value)
    take_step(ticket, Step.RESUME, actor, Detail(to=worked_on, assignment=share, data=data))


def under_way(ticket: Ticket) -> Asked | None:
    """The suspension a ticket is in now."""
    if ticket.state is not State.SUSPENDED:
        return None
    query = select(Asked).where(Asked.ticket_no == ticket.ticket_no, *UNDER_WAY)
    return session().execute(query.order_by(Asked.id.desc()).limit(1)).scalar_one_or_none()


def to_resume(most: int) -> list[int]:
    """The tickets whose next date has come."""
    query = select(Asked.ticket_no).join(Ticket, Ticket.ticket_no == Asked.ticket_no)
    waiting = query.where(*UNDER_WAY, Asked.new_due_at <= clock.now(), Ticket.state == State.SUSPENDED)
    return list(session().execute(waiting.limit(most)).scalars())


def day_words(moment: datetime) -> str:
    """The day a suspension ends on, which begins with this midnight."""
    day = clock.city_day(moment)
    return f"{day.month}月{day.day}日"


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.CITY_ZONE).astimezone(UTC)


def _move_clocks(ticket: Ticket) -> dict[str, Any]:
    """Reckon the running clocks of the lead and who helps; the journal's words, the lead's handling limit beside
    all."""
    book, granted = rules(), reckon.granted_to(ticket)
    shared = [one for one in deadlines.running_clocks(ticket) if one.assignment_id]
    changes = [reckon.reckon(one, granted, book) for one in shared]
    work = next((one for one in changes if one["kind"] in reckon.WORK), {})
    return {"clocks": changes, **{name: work[name] for name in ("old_due_at", "new_due_at") if name in work}}
