"""What the pages show of the grid: tasks and reports to whoever works on a ticket, what is needed to its workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased

from hotline.database import session
from hotline.models import Attachment, GridCell, GridTask, Staff, Ticket
from hotline.models.words import Confidentiality
from hotline.people.accounts import Person
from hotline.tickets.grid import ASKED_FOR, FOUND, NearCell, near_cells
from hotline.tickets.rulebook import setting
from hotline.web.shown import Photo, TimeLeft, is_hotline, photo_of, row_of, time_left

SIDE = "grid"
"""Whose photos these are."""


@dataclass(frozen=True)
class TaskShown:
    """One task with its report; `result` is empty while it waits."""

    kind: str
    cell: str
    words: str
    who: str
    at: datetime
    left: TimeLeft | None
    result: str
    report: str
    gps: str
    worker: str
    done_at: datetime | None
    photos: Sequence[Photo]


@dataclass(frozen=True)
class WorkerTask:
    """A task as its worker sees it: where, what for, and of an open case the words without identity."""

    url: str
    kind: str
    cell: str
    words: str
    place: str
    content: str
    left: TimeLeft | None
    result: str
    report: str
    done_at: datetime | None


def grid_page(ticket: Ticket, person: Person, *, may_ask: bool) -> dict[str, Any]:
    """What the grid did for a ticket, and what the form to ask it offers; a company learns no place from it."""
    row = row_of(ticket, frozenset() if is_hotline(person) else person.unit_ids())
    return {
        "number": ticket.ticket_no, "title": row.title, "tasks": tasks_shown(ticket), "may_ask": may_ask,
        "near": [near_words(one) for one in near_cells(row.place)] if may_ask else [],
        "kinds": [(one.value, one.label) for one in ASKED_FOR],
    }  # fmt: skip


def near_words(near: NearCell) -> tuple[str, str]:
    """A cell's code, and why it is proposed."""
    return near.cell.code, f"{near.cell.code} {near.cell.name}（{near.why}）"


def tasks_shown(ticket: Ticket) -> list[TaskShown]:
    """All tasks of a ticket, oldest first, in one statement and one for photos where there are any."""
    asker, worker = aliased(Staff), aliased(Staff)
    query = (
        select(GridTask, GridCell.name, asker.name, worker.name)
        .join(GridCell, GridCell.id == GridTask.cell_id)
        .outerjoin(asker, asker.id == GridTask.asked_by).outerjoin(worker, worker.id == GridTask.staff_id)
        .where(GridTask.ticket_no == ticket.ticket_no).order_by(GridTask.id)
    )  # fmt: skip
    rows = session().execute(query).all()
    photos = photos_of(ticket) if any(task.photos for task, *_ in rows) else {}
    return [
        TaskShown(
            task.kind.label, cell, task.words, asked_by or "", task.asked_at, left_of(task), result_of(task),
            task.report, gps_words(task), reported_by or "", task.done_at,
            [photos[one] for one in task.photos if one in photos],
        )
        for task, cell, asked_by, reported_by in rows
    ]  # fmt: skip


def photos_of(ticket: Ticket) -> dict[int, Photo]:
    """The grid's photos of a ticket by number."""
    query = select(Attachment).where(Attachment.ticket_no == ticket.ticket_no, Attachment.side == SIDE)
    return {one.id: photo_of(one) for one in session().execute(query).scalars()}


def worker_tasks(tasks: Sequence[GridTask]) -> list[WorkerTask]:
    """Tasks as their worker sees them, in two statements."""
    cells = named(GridCell, GridCell.id.in_({task.cell_id for task in tasks}))
    tickets = named(Ticket, Ticket.ticket_no.in_({task.ticket_no for task in tasks}))
    return [worker_task(task, cells[task.cell_id], tickets[task.ticket_no]) for task in tasks]


def named(kind: type[Any], which: Any) -> dict[Any, Any]:
    """Rows by their key."""
    rows = session().execute(select(kind).where(which)).scalars()
    return {row.id if kind is GridCell else row.ticket_no: row for row in rows}


def worker_task(task: GridTask, cell: GridCell, ticket: Ticket) -> WorkerTask:
    """One task; of a confidential case no more than the place and the asker's words."""
    open_case = ticket.confidentiality is Confidentiality.OPEN
    return WorkerTask(
        url_for("grid_desk.task_page", task_id=task.id), task.kind.label, cell.name, task.words, ticket.place,
        ticket.text if open_case else "", left_of(task), result_of(task), task.report, task.done_at,
    )  # fmt: skip


def report_form() -> dict[str, Any]:
    """What every form of a worker offers."""
    return {"results": [(one.value, one.label) for one in FOUND], "text_limit": setting("text_limit")}


def left_of(task: GridTask) -> TimeLeft | None:
    """How long the task may still take, None when it is done or has no limit."""
    return time_left(task.asked_at, task.due_at) if task.due_at and task.done_at is None else None


def result_of(task: GridTask) -> str:
    """The result in Chinese."""
    return task.result.label if task.result else ""


def gps_words(task: GridTask) -> str:
    """Latitude and longitude."""
    return f"{task.gps['lat']}，{task.gps['lng']}" if task.gps else ""
