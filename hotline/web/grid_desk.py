"""The grid worker's pages, for a phone: own tasks, the report on one, and what was found on patrol."""

import secrets
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline.channels.uploads import keep_files
from hotline.database import transaction
from hotline.errors import BadInput, Conflict, IllegalStep
from hotline.models import GridTask
from hotline.tickets import grid
from hotline.tickets.find import shown_number
from hotline.tickets.rulebook import setting
from hotline.web.access import me
from hotline.web.answering import fragment, wants_fragment
from hotline.web.form_reading import form_again, typed, uploads, whole_number
from hotline.web.grid_shown import SIDE, report_form, worker_tasks

blueprint = Blueprint("grid_desk", __name__, url_prefix="/grid")


@blueprint.get("")
def task_list() -> str | Response:
    """What this worker's street has to do, oldest first; a fragment for the live page."""
    after = whole_number(request.args.get("after", ""))
    tasks, older = grid.open_tasks(me(), after)
    page = {
        "rows": worker_tasks(tasks), "older": url_for(".task_list", after=older) if older else None,
        "newer": url_for(".task_list") if after else None,
    }  # fmt: skip
    if wants_fragment():
        return fragment(render_template("grid/_rows.html", **page))
    topics = " ".join(f"grid:{street}" for street in sorted(grid.streets(me())))
    return render_template("grid/list.html", **page, topics=topics, refresh_url=url_for(".task_list", after=after))


@blueprint.get("/tasks/<int:task_id>")
def task_page(task_id: int) -> str:
    """One task with the form to report."""
    return task_drawn(grid.task_for(me(), task_id), {}, {})


@blueprint.post("/tasks/<int:task_id>")
def report(task_id: int) -> Response | tuple[str, int]:
    """The report with its photos."""
    try:
        with transaction():
            files, task = uploads(), grid.task_for(me(), task_id)
            form = grid.GridReport(typed("words", limit()), typed("result", 24), typed("gps", 60))
            grid.report_grid(task, me(), form)
            task.photos = [row.id for row in keep_files(task.ticket_no or 0, files, SIDE, me().id)]
    except (BadInput, IllegalStep) as problem:
        flash(problem.sentence, "bad")
        return task_drawn(grid.task_for(me(), task_id), form_again(), problem.fields), problem.status
    flash("反馈已提交。", "ok")
    return redirect(url_for(".task_list"), code=303)


@blueprint.get("/patrol")
def patrol_form() -> str:
    """The empty form."""
    return patrol_drawn({}, {}, secrets.token_urlsafe(16))


@blueprint.post("/patrol")
def report_patrol() -> Response | tuple[str, int]:
    """What was found becomes a ticket nobody complained of, or is only kept."""
    form_key = request.form.get("form_key", "")[:64] or secrets.token_urlsafe(16)
    try:
        with transaction():
            task = keep_patrol(form_key)
    except (BadInput, Conflict) as problem:
        flash(problem.sentence, "bad")
        return patrol_drawn(form_again(), problem.fields, form_key), problem.status
    number = shown_number(task.ticket_no) if task and task.ticket_no else ""
    flash(f"已登记未诉先办工单{number}，等待派单。" if number else "巡查情况已保存。", "ok")
    return redirect(url_for(".task_list"), code=303)


def keep_patrol(form_key: str) -> GridTask | None:
    """Read the form and keep what was found, with its photos where it became a ticket."""
    files = uploads()
    task = grid.report_patrol(me(), grid.Patrol(
        typed("words", limit()), typed("result", 24), typed("gps", 60), typed("cell", 32), typed("place"), form_key
    ))  # fmt: skip
    if task is not None and task.ticket_no is not None:
        task.photos = [row.id for row in keep_files(task.ticket_no, files, SIDE, me().id)]
    return task


def limit() -> int:
    """How many characters a report may have."""
    return int(setting("text_limit"))


def task_drawn(task: GridTask, form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """One task with what a refused form held."""
    shown = worker_tasks([task])[0]
    unsent = [("现场情况", form["words"])] if shown.result and form.get("words") else []
    return render_template(
        "grid/task.html", task=shown, report_url=shown.url, form=form, errors=errors, unsent=unsent, **report_form()
    )


def patrol_drawn(form: Mapping[str, str], errors: Mapping[str, str], form_key: str) -> str:
    """The patrol's form with what it held."""
    cells = [(cell.code, cell.name) for cell in grid.own_cells(me())]
    return render_template(
        "grid/patrol.html", cells=cells, form=form, errors=errors, form_key=form_key, **report_form()
    )
