"""Dispatch: from what the classifier read to the department that gets the ticket, and why."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import floor
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import (
    Asked,
    Assignment,
    Consultation,
    Department,
    DispatchThreshold,
    DutyRowRecord,
    MachineGuess,
    Ticket,
)
from hotline.models.consultation_words import Outcome
from hotline.models.words import (
    NO_DEMAND,
    AssignmentState,
    Confidentiality,
    RequestType,
    Role,
    State,
    Step,
    UrgencyGrade,
)
from hotline.tickets import cannot_get_done
from hotline.tickets.acting import ANOTHER_DECIDES, is_contested
from hotline.tickets.copying import copy_upwards
from hotline.tickets.deadlines import keep_called
from hotline.tickets.extract import MISSING, reads_extract
from hotline.tickets.lifecycle import SYSTEM, Actor, Detail, lock, take_step
from hotline.tickets.placing import case_of, place_ticket
from hotline.tickets.receive import ALARMING, SENSITIVE, grade_ticket, guess_type, mark_tiers
from hotline.tickets.respondent import accuses
from hotline.tickets.rulebook import rules
from routing.case import MatterGuess, Route
from routing.choose import choose_department, sureness
from routing.empty_text import says_nothing
from routing.sensitive import sensitive_in
from routing.several_demands import Demanded, ReadPart, several_demands

OPEN_MATTERS = (Confidentiality.OPEN, Confidentiality.ANONYMOUS)
ASK_FIRST = "看不出诉求内容，请先联系市民补充。"
SEVERAL = "文中似有不止一件事，由不同单位主办，请人工分办。"
READS_AS_REPORT = "内容读作举报，与所选诉求类型不同，须人工确认后派单。"
DISPATCHED_BEFORE = "该工单已派过单，诉求类型和紧急程度由督办员变更。"
VILLAGE, ONLY_HELPS = 5, "村（居）民委员会只协助办理，请改派街道、乡镇，由村（社区）协办。"
"""Their level, and why they never lead (domain.md §14; Beijing 2021 art.17)."""
BARRED = "barred"
"""The decision on a reading whose ticket a rule keeps from being dispatched alone, however sure it is."""
NEVER = 100
"""The threshold, in percent, of a department to which the machine dispatches nothing: no guess is certain."""
PROPOSED = "proposed"
"""Tag of a ticket for which an agent proposed a department that the duty list did not confirm."""


@dataclass(frozen=True)
class Reading:
    """What one model made of a ticket's text; `content_version` says of which, None of the present one."""

    model_version: str
    guesses: tuple[MatterGuess, ...]
    parts: tuple[ReadPart, ...] = ()
    content_version: int | None = None


@dataclass(frozen=True)
class Order:
    """A dispatch as decided: to whom, with whom, by which row of the duty list, with which words; and the
    type and urgency where the dispatcher read them otherwise than the machine."""

    department_id: int
    duty_row_id: int | None = None
    matter_code: str = ""
    advice: str = ""
    by_ruling: bool = False
    co_unit_ids: tuple[int, ...] = ()
    request_type: RequestType | None = None
    urgency: UrgencyGrade | None = None


def classify(ticket_no: int, reading: Reading) -> None:
    """Keep the guesses and routes, and dispatch at once where the decision rule allows it.

    Does nothing when the ticket is no longer to be dispatched, a colleague was quicker; nor when more was said since it
    was read: that is read by a follow-up of its own.
    """
    ticket = lock(session().get_one(Ticket, ticket_no))
    if ticket.state is not State.TO_DISPATCH or reading.content_version not in (None, ticket.content_version):
        return
    if says_nothing(ticket.text):
        reading = Reading(reading.model_version, ())
    _heed_matters(ticket, reading.guesses)
    routes, demands = find_routes(ticket, reading.guesses), find_demands(ticket, reading.parts)
    if cannot_get_done.TAG in ticket.tags:
        routes = cannot_get_done.proposed_first(find_routes(ticket, (cannot_get_done.GUESS,)), routes)
        decision, why = BARRED, cannot_get_done.CONFIRM
    else:
        decision, why = (BARRED, SEVERAL) if demands else decision_on(ticket, routes)
    guess = keep_guess(ticket, reading, routes, (decision, why))
    guess.parts = [part_words(one) for one in demands]
    _note_place(ticket, routes)
    data = {"model": reading.model_version, "decision": decision, "why": why}
    take_step(ticket, Step.CLASSIFY, SYSTEM, Detail(data=data))
    if decision == "automatic":
        dispatch(ticket, order_of(routes[0]), SYSTEM)


def _heed_matters(ticket: Ticket, guesses: Sequence[MatterGuess]) -> None:
    """Mark what the likely matters alone tell to be sensitive, once: an answered alarm stays answered."""
    tiers = [heard.tier for heard in sensitive_in("", guesses)]
    mark_tiers(ticket, [tier for tier in tiers if SENSITIVE + tier.code not in ticket.tags])


def find_routes(ticket: Ticket, guesses: tuple[MatterGuess, ...]) -> tuple[Route, ...]:
    """Up to three departments by the duty list and the place."""
    book = rules()
    routes = choose_department(case_of(ticket, guesses), book.duty_list, book.gazetteer)
    return tuple(route for route in routes if route.lead in book.departments)


def find_demands(ticket: Ticket, parts: Sequence[ReadPart]) -> tuple[Demanded, ...]:
    """The demands of a text that holds several for different departments, () for one."""
    book = rules()
    found = several_demands(case_of(ticket, ()), parts, book.duty_list, book.gazetteer) if parts else ()
    return found if all(one.unit in book.departments for one in found) else ()


def order_of(route: Route) -> Order:
    """The dispatch a route stands for, with the units its row names to help."""
    return Order(
        rules().departments[route.lead], route.row.id, route.matter_code, route.reason, co_unit_ids=helpers_of(route)
    )


def helpers_of(route: Route) -> tuple[int, ...]:
    """The units a route's row names to help."""
    units = rules().departments
    return tuple(units[code] for code in dict.fromkeys(route.co_units) if code in units and code != route.lead)


def may_dispatch_alone(ticket: Ticket, routes: Sequence[Route]) -> bool:
    """Whether the first of these routes needs no dispatcher."""
    return decision_on(ticket, routes)[0] == "automatic"


def decision_on(ticket: Ticket, routes: Sequence[Route]) -> tuple[str, str]:
    """`automatic`, `to_dispatcher` or `barred`, and the sentence that says why (spine.md, (a))."""
    barred = _bar(ticket, routes) or _refused(ticket, order_of(routes[0]))
    if barred:
        return BARRED, barred
    best = routes[0]
    threshold, words = threshold_for(rules().departments[best.lead])
    if best.probability < threshold:
        return "to_dispatcher", f"把握{less_sure(best.probability, threshold)}，低于自动派单所需的{words}。"
    return "automatic", f"{best.reason}把握{sureness(best.probability)}，达到自动派单所需的{words}。"


def less_sure(probability: float, threshold: float) -> str:
    """A probability below a threshold, with a decimal where whole percents would not tell them apart."""
    near = round(probability, 2) >= threshold
    return f"{floor(probability * 1000) / 10}%" if near else sureness(probability)


def threshold_for(department_id: int) -> tuple[float, str]:
    """How sure the machine must be to dispatch alone to this department, with the words that name it.

    The department's own where one was learned; a city that says 1 wants everything dispatched by people.
    """
    threshold: float = rules().settings["auto_dispatch_at"]
    own = session().get(DispatchThreshold, department_id)
    if own is None or threshold >= 1:
        return threshold, f"{round(threshold * 100, 2):g}%（全市门槛）"
    return own.sure / 100, f"{own.sure}%（该单位门槛）"


def _bar(ticket: Ticket, routes: Sequence[Route]) -> str:
    """The rule that wants a person, whatever the machine believes; empty when there is none."""
    if says_nothing(ticket.text):
        return ASK_FIRST
    if not routes:
        return "确责清单中没有对应的条目，请人工派单。"
    if any(tag.startswith(SENSITIVE) for tag in ticket.tags):
        return "内容须由人工研判后派单。"
    if ticket.alarm_open or ticket.urgency in ALARMING:
        return "内容含危险或紧急信息，须人工处置。"
    if ticket.request_type is RequestType.REPORT or ticket.confidentiality not in OPEN_MATTERS:
        return "举报或保密件须人工派单。"
    if ticket.agent_id is None and guess_type(ticket.text) is RequestType.REPORT:
        return READS_AS_REPORT
    if ticket.request_type in NO_DEMAND:
        return f"读作“{ticket.request_type.label}”，须人工核实后处理。"
    if ticket.reopens:
        return "结案后重新受理，须人工派单。"
    if ticket.returns:
        return "曾被退单，须人工派单。"
    if is_contested(ticket):
        return ANOTHER_DECIDES
    if PROPOSED in ticket.tags:
        return "话务员已建议承办单位，请人工确认后派单。"
    if accuses(ticket, (rules().departments[routes[0].lead], *helpers_of(routes[0]))):
        return "建议单位即被反映单位或其下属，须回避，请人工派单。"
    return ""


def _refused(ticket: Ticket, order: Order) -> str:
    """Why a unit of this dispatch may not have the ticket, whoever would send it; empty when all may."""
    try:
        _check_units(ticket, order)
    except BadInput as problem:
        return next(iter(problem.fields.values()))
    return ""


def keep_guess(ticket: Ticket, reading: Reading, routes: Sequence[Route], decision: tuple[str, str]) -> MachineGuess:
    """Keep what the machine said, for the dispatcher's screen and for training."""
    kept = MachineGuess(
        ticket_no=ticket.ticket_no,
        model_version=reading.model_version,
        content_version=ticket.content_version,
        guesses=[asdict(guess) for guess in reading.guesses],
        routes=[route_words(route) for route in routes],
        decision=decision[0],
        why=decision[1],
        guessed_at=clock.now(),
    )
    session().add(kept)
    return kept


def part_words(one: Demanded) -> dict[str, Any]:
    """One of several demands as stored; `department` is the id."""
    return {
        "text": one.text,
        "matter": one.matter_code,
        "department": rules().departments[one.unit],
        "probability": round(one.probability, 4),
    }


def route_words(route: Route) -> dict[str, Any]:
    """A route as stored: `department` is the id, `row` the duty row's id, by which it may only help."""
    return {
        "department": rules().departments[route.lead],
        "co_units": list(route.co_units),
        "helps": route.row.lead != route.lead,
        "row": route.row.id,
        "area": route.area,
        "matter": route.matter_code,
        "probability": round(route.probability, 4),
        "evidence": list(route.evidence),
        "reason": route.reason,
        "basis": route.row.basis,
    }


def dispatch(ticket: Ticket, order: Order, actor: Actor) -> Assignment:
    """Give the ticket to one lead department; its clocks start now (domain.md §6.3: receipt = dispatch)."""
    ticket = lock(ticket)
    if ticket.state is not State.TO_DISPATCH:
        raise IllegalStep()
    _check_units(ticket, order)
    changed = _read_otherwise(ticket, order, actor)
    ticket.round += 1
    ticket.department_id = order.department_id
    ticket.matter_code = order.matter_code or ticket.matter_code
    ticket.dispatcher_id = actor.id
    share = new_share(ticket, order, order.department_id)
    _note_choice(ticket, order, actor)
    data: dict[str, Any] = {
        "duty_row": order.duty_row_id,
        "department": order.department_id,
        "matter": ticket.matter_code,
    }
    data |= {"changed": changed} if changed else {}
    data |= {"why": order.advice} if actor.id and order.advice and not order.by_ruling else {}
    take_step(ticket, Step.DISPATCH, actor, Detail(assignment=share, data=data))
    for unit in order.co_unit_ids:
        helping = Detail(assignment=new_share(ticket, order, unit), data={"department": unit})
        take_step(ticket, Step.ADD_CO_UNIT, actor, helping)
    row = session().get(DutyRowRecord, order.duty_row_id) if order.duty_row_id else None
    copy_upwards(ticket, (order.department_id, *order.co_unit_ids), direct=row is not None and row.direct)
    return share


def latest_guess(ticket_no: int) -> MachineGuess | None:
    """The newest reading of a ticket."""
    query = select(MachineGuess).where(MachineGuess.ticket_no == ticket_no).order_by(MachineGuess.id.desc())
    return session().execute(query.limit(1)).scalar_one_or_none()


def _check_units(ticket: Ticket, order: Order) -> None:
    chosen = (("department", order.department_id), *(("co_departments", one) for one in order.co_unit_ids))
    for field, number in chosen:
        unit = session().get(Department, number)
        if unit is None or unit.valid_to is not None:
            raise BadInput(**{field: "请选择有效的单位。"})
        if accuses(ticket, (unit.id,)):
            raise BadInput(**{field: "该单位是被反映单位，须回避，其下属单位也须回避；请改派其上级或其他单位。"})
        if reads_extract(ticket, (unit.id,)) and not ticket.extract:
            raise BadInput(**{field: MISSING})
    if session().get_one(Department, order.department_id).level >= VILLAGE:
        raise BadInput(department=ONLY_HELPS)
    if order.department_id in order.co_unit_ids:
        raise BadInput(co_departments="协办单位不能与主办单位相同。")


def _read_otherwise(ticket: Ticket, order: Order, actor: Actor) -> dict[str, list[str]]:
    """Type and urgency as the dispatcher set them, old and new; a report is protected from then on.

    Once dispatched, only the supervisor changes them (domain.md §18, I22); another matter, for which a return was
    accepted, is named with the old one. Raises `BadInput`.
    """
    changed: dict[str, list[str]] = {}
    if ticket.round:
        keep_called(ticket)
    if ticket.round and actor.role is not Role.SUPERVISOR:
        both = ("request_type", "urgency")
        names = [name for name in both if getattr(order, name) not in (None, getattr(ticket, name))]
        if names:
            raise BadInput(**dict.fromkeys(names, DISPATCHED_BEFORE))
    if order.request_type is not None and order.request_type is not ticket.request_type:
        changed["request_type"] = [ticket.request_type.value, order.request_type.value]
        ticket.request_type = order.request_type
        if order.request_type is RequestType.REPORT and ticket.confidentiality is Confidentiality.OPEN:
            ticket.confidentiality = Confidentiality.REPORT_PROTECTED
    if order.urgency is not None and order.urgency is not ticket.urgency:
        changed["urgency"] = [ticket.urgency.value, order.urgency.value]
        grade_ticket(ticket, order.urgency)
    if ticket.round and order.matter_code not in ("", ticket.matter_code):
        changed["matter_code"] = [ticket.matter_code, order.matter_code]
    return changed


def new_share(ticket: Ticket, order: Order, unit: int) -> Assignment:
    """The share of one of an order's units, the lead's or a helping one."""
    lead = unit == order.department_id
    share = Assignment(
        ticket_no=ticket.ticket_no,
        round=ticket.round,
        department_id=unit,
        is_lead=lead,
        state=AssignmentState.TO_SIGN,
        duty_row_id=order.duty_row_id if lead else None,
        reason=order.advice,
        dispatched_at=clock.now(),
        by_ruling=(lead and order.by_ruling) or _bound_before(ticket, unit, lead=lead),
    )
    session().add(share)
    session().flush()
    return share


def _bound_before(ticket: Ticket, unit: int, *, lead: bool) -> bool:
    """A ruling binds the unit it named for ever, to lead or to help; a second one, or one that went up, binds whoever
    gets the case."""
    if ticket.round < 2:
        return False
    about = select(Consultation).join(Asked, Asked.id == Consultation.asked_id)
    about = about.join(Assignment, Assignment.id == Asked.assignment_id).where(Assignment.is_lead.is_(lead))
    ruled = Consultation.ticket_no == ticket.ticket_no, Consultation.ruled_at.is_not(None)
    meetings = session().execute(about.where(*ruled)).scalars().all()
    named = any(one.ruled_department_id == unit or one.outcome is Outcome.ESCALATED for one in meetings)
    return named or len(meetings) > 1


def _note_choice(ticket: Ticket, order: Order, actor: Actor) -> None:
    guess = latest_guess(ticket.ticket_no)
    if guess is not None:
        guess.chosen_department_id, guess.chosen_by = order.department_id, actor.id
        guess.chosen_at = clock.now()


def _note_place(ticket: Ticket, routes: Sequence[Route]) -> None:
    place_ticket(ticket, ticket.area_code)
    if routes and not ticket.round:
        ticket.matter_code = routes[0].matter_code
