"""The marks of disturbing numbers at the supervisor's desk: what is asked for, what is in force, until when."""

from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from hotline.database import transaction
from hotline.errors import DeskError
from hotline.tickets.flagging import decide_flag, open_flags
from hotline.web.access import me
from hotline.web.form_reading import typed

blueprint = Blueprint("caller_flags", __name__, url_prefix="/board/flags")


@blueprint.get("")
def flags() -> str:
    """All that wait or are in force."""
    return render_template("supervisor/flags.html", flags=open_flags(), own=me().id)


@blueprint.post("/<int:flag_id>")
def decide(flag_id: int) -> Response:
    """同意、驳回或解除."""
    grant = typed("decision", 16) == "granted"
    try:
        with transaction():
            decide_flag(flag_id, me(), grant=grant)
    except DeskError as problem:
        flash(problem.sentence, "bad")
    else:
        flash("骚扰标记已生效，到期自动失效。" if grant else "骚扰标记未生效或已解除。", "ok")
    return cast(Response, redirect(url_for(".flags"), code=303))
