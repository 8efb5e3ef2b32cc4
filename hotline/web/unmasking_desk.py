"""Unmasking: a unit's person asks to see who is behind a confidential ticket; the supervisor grants, and takes back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from hotline.clock import CITY_ZONE
from hotline.database import transaction
from hotline.errors import BadInput, IllegalStep
from hotline.tickets import unmasking
from hotline.web.access import me, open_to
from hotline.web.answering import Answer
from hotline.web.department_desk import desk
from hotline.web.form_reading import form_again, number, typed
from hotline.web.unmasking_shown import grants_page

blueprint = Blueprint("unmasking_desk", __name__)


@blueprint.post("/department/<int:ticket_no>/unmask")
@open_to("departments")
def ask(ticket_no: int) -> Answer:
    """申请查看身份."""
    return desk.act(
        ticket_no, lambda t, p: unmasking.ask_unmasking(t, p, typed("words", 1000)), "申请已提交，待督办员审批。", "unmask"
    )


@blueprint.get("/board/unmasking")
def grant_list() -> str:
    """What waits, then what was decided, newest first."""
    return page({}, {})


@blueprint.post("/board/unmasking/<int:grant_id>")
def decide(grant_id: int) -> Answer:
    """同意, from when until when and how often, or 驳回."""

    def decided() -> None:
        terms = read_terms() if typed("decision", 16) == "granted" else None
        unmasking.decide_unmasking(grant_id, me(), terms, typed("words", 1000))

    return done(grant_id, decided, "申请已处理。")


@blueprint.post("/board/unmasking/<int:grant_id>/withdraw")
def withdraw(grant_id: int) -> Answer:
    """收回: the grant ends at once."""
    return done(grant_id, lambda: unmasking.withdraw_grant(grant_id), "已收回，承办人不能再查看。")


def done(grant_id: int, deed: Callable[[], None], sentence: str) -> Answer:
    """Back to the list, or the list again with what was typed."""
    try:
        with transaction():
            deed()
    except (BadInput, IllegalStep) as problem:
        flash(problem.sentence, "bad")
        return page(form_again() | {"grant": str(grant_id)}, problem.fields), problem.status
    flash(sentence, "ok")
    return cast(Response, redirect(url_for(".grant_list"), code=303))


def page(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list with the forms."""
    before = request.args.get("before", type=int)
    return render_template("supervisor/unmasking.html", form=form, errors=errors, **grants_page(before))


def read_terms() -> unmasking.Terms:
    """From when until when, as typed in the city's time, and how often."""
    return unmasking.Terms(read_moment("valid_from"), read_moment("valid_to"), number("looks") or 0)


def read_moment(name: str) -> datetime | None:
    """A moment of the city, None when it is none."""
    try:
        return datetime.fromisoformat(typed(name, 32)).replace(tzinfo=CITY_ZONE)
    except ValueError:
        return None
