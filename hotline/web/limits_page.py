"""The administrator's page of time limits: the rows in force, what is planned, the history, and a new row."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, flash, redirect, request, url_for

from hotline.database import transaction
from hotline.errors import BadInput
from hotline.tickets.limit_rows import LimitForm, add_limit
from hotline.web.access import me
from hotline.web.administration import page
from hotline.web.form_reading import form_again, number, typed
from hotline.web.limits_shown import limits_page

blueprint = Blueprint("limits_page", __name__, url_prefix="/admin/limits")


@blueprint.get("")
def limit_list() -> str:
    """The time limits of the city."""
    return drawn({}, {})


@blueprint.post("")
def new_limit() -> Response | tuple[str, int]:
    """One more row, in force from a day on; running clocks keep theirs."""
    try:
        with transaction():
            add_limit(read_form(), me())
    except BadInput as problem:
        return drawn(form_again(), problem.fields), problem.status
    flash("新时限已保存，自生效之日起对新开始的计时有效；已在计时的不变。", "ok")
    return redirect(url_for(".limit_list"), code=303)  # type: ignore[return-value]


def read_form() -> LimitForm:
    """The row as typed."""
    try:
        day = date.fromisoformat(typed("valid_from", 10))
    except ValueError:
        day = None
    cap = typed("cap", 10)
    if cap and number("cap") is None:
        raise BadInput(cap="上限须为整数。")
    return LimitForm(
        typed("step", 24), typed("request_type", 24), typed("urgency", 24), (number("value"), typed("unit", 24)),
        (number("cap") if cap else None, typed("cap_unit", 24)), day, typed("why", 200),
    )  # fmt: skip


def drawn(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The page with what a refused form held."""
    return page("limits", **limits_page(request.args.get("before", type=int)), form=form, errors=errors)
