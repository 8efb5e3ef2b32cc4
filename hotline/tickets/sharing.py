"""Joint handling (联办): units are called in or given a part from above, hand their part in, or have it taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.models import Asked, Assignment, Department, Ticket
from hotline.models.words import AskKind, AssignmentState, Decision, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.extending import working_clocks
from hotline.tickets.find import HOTLINE_ROLES
from hotline.tickets.handle import helping_shares, lead_share, my_share
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, open_assignments, take_step
from hotline.tickets.requesting import MIN_WORDS, decided
from hotline.tickets.respondent import accuses
from hotline.tickets.rulebook import setting

ACCUSED = "该单位是被反映单位，须回避，其下属单位也须回避。"
PART_RULING = "协办已被退回过，本次须经会商，由督办员裁定。"
STILL_BELOW = "下派的单位尚未交回，请等其交回，或先收回。"


@dataclass(frozen=True)
class ShareForm:
    """Which unit is to help, with what, and until when where that is earlier than the limit of who asks."""

    department_id: int | None
    words: str
    until: datetime | None = None


@dataclass(frozen=True)
class Ruling:
    """What the hotline says to a helping unit's return, and which unit helps in its stead, if any."""

    grant: bool
    note: str
    department_id: int | None = None


def add_co_unit(ticket: Ticket, person: Person, form: ShareForm) -> Assignment:
    """加派协办 while the lead works: with clocks of its own, none of them later than the lead's limit."""
    lead = lead_share(lock(ticket))
    return _begin(ticket, Step.ADD_CO_UNIT, acting(person, Step.ADD_CO_UNIT, ticket), (lead, form))


def hand_down(ticket: Ticket, person: Person, form: ShareForm) -> Assignment:
    """下派: a unit below helps with this unit's share, which stays its own (domain.md §2, level-2 unit)."""
    share = my_share(ticket, person)
    actor = acting(person, Step.HAND_DOWN, ticket, share)
    if form.department_id not in {unit.id for unit in units_below(share.department_id)}:
        raise BadInput(department="请选择本单位的下级单位。")
    return _begin(ticket, Step.HAND_DOWN, actor, (share, form))


def hand_in(ticket: Ticket, person: Person) -> None:
    """交回: the part of a helping unit goes to whom it helps; the ticket stays where it is."""
    share = my_share(ticket, person)
    actor = acting(person, Step.HAND_IN, ticket, share)
    if share.is_lead:
        raise IllegalStep("主办单位请提交办结。")
    if shares_below(ticket, share):
        raise IllegalStep(STILL_BELOW)
    _overtake(share)
    take_step(ticket, Step.HAND_IN, actor, Detail(assignment=share))


def take_back(ticket: Ticket, person: Person, share_id: int, words: str) -> None:
    """撤回协办 by the hotline, 收回下派 by the unit that gave it; what was handed on from there goes too."""
    share = next((one for one in helping_shares(lock(ticket)) if one.id == share_id), None)
    if share is None:
        raise IllegalStep()
    above = session().get(Assignment, share.parent_id) if share.parent_id else None
    if above is None and not person.has(*HOTLINE_ROLES):
        raise Forbidden()
    actor = acting(person, Step.TAKE_BACK, ticket, above)
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明撤回的原因。")
    _end(ticket, share, actor, without_identity(ticket.ticket_no, words))


def units_below(department_id: int) -> list[Department]:
    """The units under this one, however deep, the nearest first."""
    line = select(Department.id).where(Department.parent_id == department_id).cte(recursive=True)
    line = line.union(select(Department.id).join(line, Department.parent_id == line.c.id))
    query = select(Department).where(Department.id.in_(select(line.c.id)), Department.valid_to.is_(None))
    return list(session().execute(query.order_by(Department.level, Department.id)).scalars())


def shares_below(ticket: Ticket, share: Assignment) -> list[Assignment]:
    """The open shares that were handed down from this one."""
    return [one for one in open_assignments(ticket.ticket_no) if one.parent_id == share.id]


def helpers_request(asked_id: int, kind: AskKind) -> Asked | None:
    """A helping unit's request of this kind, None for a lead's."""
    query = select(Asked).join(Assignment, Assignment.id == Asked.assignment_id)
    mine = query.where(Asked.id == asked_id, Asked.kind == kind, ~Assignment.is_lead)
    return session().execute(mine).scalar_one_or_none()


def decide_helpers_return(ticket: Ticket, person: Person, asked: Asked, ruling: Ruling) -> None:
    """同意: the unit is rid of its share, another may take its place. 驳回: it helps on. The lead works on either way.

    After the city's number of returns a meeting rules (`consulting.py`).
    """
    if asked.decision is Decision.PENDING and part_needs_ruling(lock(ticket)):
        raise IllegalStep(PART_RULING)
    settle_part(ticket, person, asked, ruling)


def settle_part(ticket: Ticket, person: Person, asked: Asked, ruling: Ruling, meeting: int | None = None) -> None:
    """Keep the decision on a returned part and take its step; whom a meeting named returns it no more."""
    share = session().get_one(Assignment, asked.assignment_id)
    step = Step.ACCEPT_RETURN if ruling.grant else Step.REJECT_RETURN
    actor = acting(person, step, lock(ticket))
    if asked.decision is not Decision.PENDING or share.ended_at is not None:
        raise IllegalStep()
    decided(asked, person, grant=ruling.grant, note=ruling.note)
    data = {"asked": asked.id, "note": asked.decision_note, **({"meeting": meeting} if meeting else {})}
    take_step(ticket, step, actor, Detail(assignment=share, data=data))
    holder = None if ruling.grant else share
    if ruling.grant and ruling.department_id is not None:
        until = share.until if share.until and share.until > clock.now() else None
        form = ShareForm(ruling.department_id, f"接替退单的协办单位。{share.reason}", until)
        holder = add_co_unit(ticket, person, form)
    if holder is not None:
        holder.by_ruling = meeting is not None


def part_needs_ruling(ticket: Ticket) -> bool:
    """Whether the return of a part is for a meeting to rule, as that of a whole ticket (default; domain.md §5.3)."""
    limit: int = setting("return_limit")
    return parts_returned(ticket) >= limit - 1


def parts_returned(ticket: Ticket) -> int:
    """How many returns of helping units were accepted in this round."""
    query = select(func.count()).select_from(Asked).join(Assignment, Assignment.id == Asked.assignment_id)
    granted = Asked.kind == AskKind.RETURN, Asked.decision == Decision.GRANTED
    mine = Assignment.ticket_no == ticket.ticket_no, Assignment.round == ticket.round, ~Assignment.is_lead
    return session().execute(query.where(Asked.ticket_no == ticket.ticket_no, *granted, *mine)).scalar_one()


def _begin(ticket: Ticket, step: Step, actor: Actor, what: tuple[Assignment, ShareForm]) -> Assignment:
    """A new share that helps the first of `what`, as the form says."""
    above, form = what
    unit = _check(ticket, form)
    words = without_identity(ticket.ticket_no, form.words)
    share = Assignment(
        ticket_no=ticket.ticket_no,
        round=ticket.round,
        department_id=unit,
        parent_id=above.id if step is Step.HAND_DOWN else None,
        is_lead=False,
        state=AssignmentState.TO_SIGN,
        reason=words,
        dispatched_at=clock.now(),
        until=_until(ticket, above, form.until),
    )
    session().add(share)
    session().flush()
    take_step(ticket, step, actor, Detail(assignment=share, data={"department": unit, "reason": words}))
    return share


def _check(ticket: Ticket, form: ShareForm) -> int:
    unit = session().get(Department, form.department_id) if form.department_id else None
    if unit is None or unit.valid_to is not None:
        raise BadInput(department="请选择有效的单位。")
    if accuses(ticket, (unit.id,)):
        raise BadInput(department=ACCUSED)
    if any(one.department_id == unit.id for one in open_assignments(ticket.ticket_no)):
        raise BadInput(department="该单位正在办理本工单。")
    if len(form.words.strip()) < MIN_WORDS:
        raise BadInput(words="请写明要该单位办什么。")
    return unit.id


def _until(ticket: Ticket, above: Assignment, asked: datetime | None) -> datetime | None:
    """The limit of a new share: as asked, else that of whom it helps; none where that one is late itself."""
    limits = (one.due_at for one in working_clocks(ticket) if one.assignment_id == above.id)
    last = next((due for due in limits if due > clock.now()), None)
    if asked is not None and asked <= clock.now():
        raise BadInput(until="请选择以后的时间。")
    if asked is not None and last is not None and asked > last:
        raise BadInput(until=f"不能晚于{clock.shown(last)}，那是所协助单位的时限。")
    return asked or last


def _end(ticket: Ticket, share: Assignment, actor: Actor, words: str) -> None:
    for one in shares_below(ticket, share):
        _end(ticket, one, actor, words)
    _overtake(share)
    take_step(ticket, Step.TAKE_BACK, actor, Detail(assignment=share, data={"reason": words}))


def _overtake(share: Assignment) -> None:
    """What was asked for the share and not decided is over with it."""
    for asked in session().execute(select(Asked).where(Asked.assignment_id == share.id)).scalars():
        asked.decision = Decision.OVERTAKEN if asked.decision is Decision.PENDING else asked.decision
