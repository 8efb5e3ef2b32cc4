"""Unusual looking: supervisors and auditors see whose looking must be explained, and say what they found out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased

from hotline.database import session, transaction
from hotline.errors import BadInput, IllegalStep
from hotline.models import LookAlarm, Staff
from hotline.tickets.looking import answer_alarm
from hotline.web.access import me
from hotline.web.answering import Answer
from hotline.web.form_reading import form_again, typed

blueprint = Blueprint("look_alarms", __name__)
PAGE = 50


@dataclass(frozen=True)
class AlarmLine:
    """One alarm; `answer` is empty while it waits, `own` when this person must not answer it."""

    id: int
    who: str
    day: date
    words: str
    counted: str
    ticket_no: int
    at: datetime
    answer: str
    answered_by: str
    own: bool


@blueprint.get("/looks")
def alarm_list() -> str:
    """The newest first, by key; what waits stands out."""
    return page({}, {})


@blueprint.post("/looks/<int:alarm_id>")
def answer(alarm_id: int) -> Answer:
    """What was found out about it."""
    try:
        with transaction():
            answer_alarm(alarm_id, me(), typed("words", 500))
    except (BadInput, IllegalStep) as problem:
        flash(problem.sentence, "bad")
        return page(form_again() | {"id": str(alarm_id)}, problem.fields), problem.status
    flash("核实结果已保存。", "ok")
    return cast(Response, redirect(url_for(".alarm_list"), code=303))


def page(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list with a form for each that waits."""
    before = request.args.get("before", type=int)
    lines = read_lines(before)
    older = url_for(".alarm_list", before=lines[PAGE - 1].id) if len(lines) > PAGE else None
    newer = url_for(".alarm_list") if before else None
    return render_template(
        "admin/look_alarms.html", lines=lines[:PAGE], newer=newer, older=older, form=form, errors=errors
    )


def read_lines(before: int | None) -> list[AlarmLine]:
    """Alarms below this id."""
    other = aliased(Staff)
    query = (
        select(LookAlarm, Staff.name, other.name).join(Staff, Staff.id == LookAlarm.staff_id)
        .outerjoin(other, other.id == LookAlarm.answered_by).order_by(LookAlarm.id.desc()).limit(PAGE + 1)
    )  # fmt: skip
    found = session().execute(query.where(LookAlarm.id < before) if before else query)
    return [
        AlarmLine(
            row.id, who, row.day, row.kind.label, f"{row.count}{row.kind.counted}", row.ticket_no, row.raised_at,
            row.answer, by or "", row.staff_id == me().id,
        )
        for row, who, by in found
    ]  # fmt: skip
