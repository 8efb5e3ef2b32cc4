"""The acts beside the main line: the grid, a unit that is accused, units below, meetings moved, emergency lines."""

# ruff: noqa: ARG001 - every verb of the table is called alike

from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import Forbidden, IllegalStep
from hotline.models import Asked, GridTask, Ticket
from hotline.models.emergency_words import AgreedOwner, Party
from hotline.models.words import AskKind, AssignmentState, Decision, Role, State, Step
from hotline.people.accounts import Person
from hotline.simulation.acts import ASK, UNITS, WORDS, act, unit
from hotline.simulation.joint_acts import helper
from hotline.tickets import emergency, extending, grid, reconvening, recusal, sharing
from hotline.tickets.acting import acting
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.handle import helping_shares
from hotline.tickets.rulebook import rules

CELL, DISTRICT = "hb-01", "whq"
"""A cell of the made-up city that has a worker, and a district that has streets."""


@act(Role.HANDLER, 0.5, 4)
def ask_grid(ticket: Ticket, who: Person, n: int) -> None:
    """请网格核实."""
    grid.ask_grid(ticket, who, grid.GridForm(CELL, "verify", WORDS))


@act(Role.GRID_WORKER, 0.5, 8)
def report_grid(ticket: Ticket, who: Person, n: int) -> None:
    """网格反馈, by a worker of that street."""
    cell = grid.find_cell(CELL)
    if cell is None or cell.department_id not in grid.streets(who):
        raise Forbidden()
    query = select(GridTask.id).where(GridTask.ticket_no == ticket.ticket_no, GridTask.done_at.is_(None))
    task = grid.task_for(who, session().execute(query).scalar() or 0)
    grid.report_grid(task, who, grid.GridReport(WORDS, "confirmed"))


@act(Role.DISPATCHER, 0.2, 2, office=False)
def accuse_holder(ticket: Ticket, who: Person, n: int) -> None:
    """标明被反映单位: the unit that holds the ticket, which loses it."""
    recusal.name_accused(ticket, who, ticket.department_id, WORDS)


@act(Role.DISPATCHER, 0.2, 1.5, office=False)
def route_elsewhere(ticket: Ticket, who: Person, n: int) -> None:
    """Dispatch to a unit that is not the accused one, where none above took it over at once."""
    if ticket.state is not State.TO_DISPATCH:
        return
    chosen = next(one for one in map(unit, range(n, n + len(UNITS))) if one != ticket.respondent_department_id)
    dispatch(ticket, Order(chosen), acting(who, Step.DISPATCH, ticket))


@act(Role.DISPATCHER, 0.2, 1.5, office=False)
def send_to_district(ticket: Ticket, who: Person, n: int) -> None:
    """Dispatch to a district, which has streets below it."""
    dispatch(ticket, Order(rules().departments[DISTRICT]), acting(who, Step.DISPATCH, ticket))


@act(Role.HANDLER, 0.2, 2)
def hand_down(ticket: Ticket, who: Person, n: int) -> None:
    """下派, to one of the units below."""
    below = sharing.units_below(rules().departments[DISTRICT])
    sharing.hand_down(ticket, who, sharing.ShareForm(below[n % len(below)].id, WORDS))


@act(Role.DISPATCHER, 0.3, 2)
def take_back_part(ticket: Ticket, who: Person, n: int) -> None:
    """撤回 of a part."""
    sharing.take_back(ticket, who, next((one.id for one in helping_shares(ticket)), 0), WORDS)


@act(Role.HANDLER, 0.5, 3, unit=helper(AssignmentState.HANDLING))
def ask_part_extension(ticket: Ticket, who: Person, n: int) -> None:
    """申请延期 of a helping unit, for its own part."""
    extending.ask_extension(ticket, who, extending.ExtensionForm(ASK.reason, ASK.basis, 1))


@act(Role.DISPATCHER, 0.5, 3)
def grant_part_extension(ticket: Ticket, who: Person, n: int) -> None:
    """同意协办延期."""
    waiting = select(Asked).where(Asked.ticket_no == ticket.ticket_no, Asked.decision == Decision.PENDING)
    asked = session().execute(waiting.where(Asked.kind == AskKind.EXTENSION)).scalar_one_or_none()
    if asked is None:
        raise IllegalStep()
    extending.decide_helpers_extension(ticket, who, asked, grant=True, note=WORDS)


@act(Role.SUPERVISOR, 0.2, 1)
def move_meeting(ticket: Ticket, who: Person, n: int) -> None:
    """会商改期."""
    reconvening.move_meeting(ticket, who, clock.now() + timedelta(hours=2), WORDS)


@act(Role.SUPERVISOR, 0.2, 1)
def cancel_meeting(ticket: Ticket, who: Person, n: int) -> None:
    """取消会商."""
    reconvening.cancel_meeting(ticket, who, WORDS)


@act(Role.AGENT, 0.1, 0.4, office=False)
def call_three_ways(ticket: Ticket, who: Person, n: int) -> None:
    """三方通话."""
    form = emergency.CallForm(dict.fromkeys(Party, ("10:01", "10:09")), AgreedOwner.POLICE.value, WORDS)
    emergency.record_call(ticket, who, form)


@act(Role.AGENT, 1, 6, office=False)
def note_result(ticket: Ticket, who: Person, n: int) -> None:
    """记录紧急热线结果."""
    emergency.note_result(ticket, who, WORDS)
