"""12345热线+网格: who works on a ticket asks a street's grid to look or to help, and its worker reports.

A grid worker checks, takes photos and reports up; nothing else of a ticket is theirs (domain.md §14). What they find on
patrol becomes a ticket that nobody complained of, counted apart (`proactive.py`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select

from hotline import clock
from hotline.database import note_topic, session
from hotline.errors import BadInput, Forbidden, IllegalStep, NotFound
from hotline.models import GridCell, GridTask, Ticket
from hotline.models.grid_words import GridKind, GridResult
from hotline.models.words import ClockKind, Role, Step
from hotline.people.accounts import Person
from hotline.tickets import deadlines
from hotline.tickets.acting import acting, share_of
from hotline.tickets.alarming import hear_danger
from hotline.tickets.find import by_number
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Actor, Detail, lock, take_step
from hotline.tickets.proactive import receive_proactive
from hotline.tickets.respondent import accuses, not_accusing
from hotline.tickets.rulebook import rules
from routing.outlines import holds
from routing.places import Place

MIN_WORDS = 5
PAGE = 50
NEAR = 5
ASKED_FOR = (GridKind.VERIFY, GridKind.ASSIST)
FOUND = tuple(one for one in GridResult if one is not GridResult.OVERTAKEN)
IN_USE = GridCell.valid_to.is_(None)
WHYS = HOLDS_IT, SAME_COMMUNITY, SAME_STREET = "地点在该网格内", "同一社区", "同一街道"
NO_SUCH_TASK = "没有找到这项网格任务。"


@dataclass(frozen=True)
class GridForm:
    """What is asked of a cell, named by its code or name."""

    cell: str
    kind: str
    words: str


@dataclass(frozen=True)
class GridReport:
    """What was found on the spot; `gps` as typed: latitude, longitude."""

    words: str
    result: str
    gps: str = ""


@dataclass(frozen=True)
class Patrol(GridReport):
    """What was found on patrol, in which of one's cells and where; the same `form_key` makes one ticket."""

    cell: str = ""
    place: str = ""
    form_key: str = ""


@dataclass(frozen=True)
class NearCell:
    """A cell that may be asked about a place, and why."""

    cell: GridCell
    why: str


def ask_grid(ticket: Ticket, person: Person, form: GridForm) -> GridTask:
    """请网格核实或协助, within the city's limit for the grid (default: one working day). Raises `BadInput`."""
    ticket = lock(ticket)
    share = share_of(person, ticket)
    actor = acting(person, Step.ASK_GRID, ticket, share)
    cell = find_cell(form.cell)
    problems = {} if len(form.words.strip()) >= MIN_WORDS else {"words": "请写明要网格员核实或协助什么。"}
    if form.kind not in ASKED_FOR:
        problems["kind"] = "请选择核实或协助。"
    if cell is None or accuses(ticket, [cell.department_id]):
        problems["cell"] = "没有可以办理此事的这个网格，请核对网格代码或名称。"
    elif _waits(ticket, cell):
        problems["cell"] = "该网格还有任务没有反馈，请等反馈后再请。"
    if problems or cell is None:
        raise BadInput(**problems)
    task = GridTask(
        ticket_no=ticket.ticket_no, assignment_id=share.id if share else None, cell_id=cell.id,
        kind=GridKind(form.kind), words=without_identity(ticket.ticket_no, form.words), asked_by=person.id,
        asked_at=clock.now(), due_at=_due(ticket),
    )  # fmt: skip
    session().add(task)
    session().flush()
    data = {"grid_task": task.id, "note": f"{cell.name}：{task.words}"}
    take_step(ticket, Step.ASK_GRID, actor, Detail(assignment=share, data=data))
    note_topic(f"grid:{cell.department_id}")
    return task


def report_grid(task: GridTask, person: Person, form: GridReport) -> GridTask:
    """网格反馈, once and while the ticket is open. Raises `BadInput`, or `IllegalStep` for a task that is over."""
    ticket = lock(by_number(task.ticket_no))
    session().refresh(task)
    if task.done_at is not None:
        raise IllegalStep("这项任务已经反馈或不必再办。")
    cell = session().get_one(GridCell, task.cell_id)
    actor = _worker(person, cell)
    _keep_report(task, person, form)
    hear_danger(ticket, form.words, "网格反馈")
    task.report = without_identity(ticket.ticket_no, form.words)
    data = {"grid_task": task.id, "note": f"{GridResult(form.result).label}：{task.report}"}
    take_step(ticket, Step.REPORT_GRID, actor, Detail(data=data))
    note_topic(f"grid:{cell.department_id}")
    return task


def report_patrol(person: Person, form: Patrol) -> GridTask | None:
    """巡查上报: what needs somebody becomes a ticket of its own, the rest is only kept. None for a form sent twice.

    The ticket is the system's to receive: a grid worker takes no step of a ticket but the report.
    """
    cell = next((one for one in own_cells(person) if one.code == form.cell), None)
    if cell is None:
        raise BadInput(cell="请选择自己的网格。")
    _worker(person, cell)
    task = GridTask(cell_id=cell.id, kind=GridKind.PATROL, words="", asked_at=clock.now())
    _keep_report(task, person, form)
    if task.result in (GridResult.CONFIRMED, GridResult.BEYOND):
        told = {"grid_cell": cell.code, "found_by": person.id}
        receipt = receive_proactive(form.words.strip(), form.place, form.form_key, told=told)
        if receipt.repeated:
            return None
        task.ticket_no = receipt.ticket_no
        task.report = without_identity(receipt.ticket_no, form.words)
    session().add(task)
    session().flush()
    return task


def find_cell(written: str) -> GridCell | None:
    """The cell of this code, or of this name when no other has it."""
    named = or_(GridCell.code == written.strip(), GridCell.name == written.strip())
    found = session().execute(select(GridCell).where(IN_USE, named).limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def near_cells(place: str) -> list[NearCell]:
    """The cells whose outline holds a place, the finest first; then those of its community and those of its street."""
    found = rules().gazetteer.find(place)
    if found is None or not found.area:
        return []
    here = or_(GridCell.area == "", GridCell.area.startswith(found.area))
    same = (GridCell.community == found.community) & (GridCell.community != "") & here
    query = select(GridCell).where(IN_USE, or_(same, GridCell.area == found.area)).order_by(GridCell.code)
    near = [NearCell(cell, _why_near(cell, found)) for cell in session().execute(query).scalars()]
    divided = {one.cell.parent_id for one in near if one.why == HOLDS_IT}
    return sorted(near, key=lambda one: (WHYS.index(one.why), one.cell.id in divided))[:NEAR]


def _why_near(cell: GridCell, place: Place) -> str:
    if cell.polygon and place.point and holds(cell.polygon, place.point):
        return HOLDS_IT
    return SAME_COMMUNITY if cell.community and cell.community == place.community else SAME_STREET


def own_cells(person: Person) -> list[GridCell]:
    """The cells in use of the streets this grid worker belongs to."""
    query = select(GridCell).where(IN_USE, GridCell.department_id.in_(streets(person))).order_by(GridCell.code)
    return list(session().execute(query).scalars())


def open_tasks(person: Person, after: int | None = None) -> tuple[list[GridTask], int | None]:
    """A page of what this worker's street has to do, oldest first; the key of the next page."""
    query = _own(person).where(GridTask.done_at.is_(None), GridTask.id > (after or 0))
    found = list(session().execute(query.order_by(GridTask.id).limit(PAGE + 1)).scalars())
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def task_for(person: Person, task_id: int) -> GridTask:
    """The task, if it is this worker's street's; else the same `NotFound` as for a number that never was."""
    found = session().execute(_own(person).where(GridTask.id == task_id)).scalar_one_or_none()
    if found is None:
        raise NotFound(NO_SUCH_TASK)
    return found


def streets(person: Person) -> frozenset[int]:
    """The departments whose grid this person walks."""
    return frozenset(post.department_id for post in person.posts if post.role is Role.GRID_WORKER)


def _own(person: Person) -> Select[tuple[GridTask]]:
    own = streets(person)
    cells = select(GridCell.id).where(GridCell.department_id.in_(own))
    return (
        select(GridTask).join(Ticket, Ticket.ticket_no == GridTask.ticket_no)
        .where(GridTask.cell_id.in_(cells), GridTask.kind != GridKind.PATROL, not_accusing(own))
    )  # fmt: skip


def _waits(ticket: Ticket, cell: GridCell) -> bool:
    query = select(GridTask.id).where(
        GridTask.ticket_no == ticket.ticket_no, GridTask.cell_id == cell.id, GridTask.done_at.is_(None)
    )
    return session().execute(query.limit(1)).first() is not None


def _worker(person: Person, cell: GridCell) -> Actor:
    post = person.post_with(frozenset({Role.GRID_WORKER}), frozenset({cell.department_id}))
    if post is None:
        raise Forbidden()
    return Actor("staff", post.role, person.id, post.department_id)


def _keep_report(task: GridTask, person: Person, form: GridReport) -> None:
    problems = {} if len(form.words.strip()) >= MIN_WORDS else {"words": "请写明现场情况。"}
    if form.result not in FOUND:
        problems["result"] = "请选择结果。"
    gps = read_gps(form.gps)
    if form.gps and gps is None:
        problems["gps"] = "坐标请写作“24.1021，118.1033”，纬度在前；也可不填。"
    if problems:
        raise BadInput(**problems)
    task.staff_id, task.done_at, task.result = person.id, clock.now(), GridResult(form.result)
    task.gps, task.report = gps, form.words.strip()


def read_gps(written: str) -> dict[str, float] | None:
    """Latitude and longitude as a map shows them, None for anything else."""
    try:
        latitude, longitude = (float(one) for one in written.replace("，", ",").split(","))
    except ValueError:
        return None
    on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return {"lat": latitude, "lng": longitude} if on_earth else None


def _due(ticket: Ticket) -> datetime | None:
    book, moment = rules(), clock.now()
    limits = deadlines.find_limits(ticket, ClockKind.GRID, book, moment)
    return deadlines.strictest(moment, limits, book, None)[0].at if limits else None
