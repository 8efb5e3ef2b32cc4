"""An agent registers what nobody complained of yet (未诉先办)."""

import secrets
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline.database import transaction
from hotline.errors import DeskError
from hotline.tickets.find import shown_number
from hotline.tickets.proactive import register_proactive
from hotline.tickets.rulebook import setting
from hotline.web.access import me
from hotline.web.form_reading import form_again, typed

blueprint = Blueprint("proactive_pages", __name__, url_prefix="/proactive")


@blueprint.get("")
def written() -> str:
    """The empty form."""
    return page({}, {}, secrets.token_urlsafe(16))


@blueprint.post("")
def register() -> Response | tuple[str, int]:
    """The ticket waits for dispatch like any other."""
    form_key = request.form.get("form_key", "")[:64] or secrets.token_urlsafe(16)
    try:
        with transaction():
            receipt = register_proactive(me(), typed("content", setting("text_limit")), typed("place"), form_key)
    except DeskError as problem:
        return page(form_again(), problem.fields or {"content": problem.sentence}, form_key), problem.status
    flash(f"已登记未诉先办工单{shown_number(receipt.ticket_no)}，等待派单。")
    return redirect(url_for("proactive_pages.written"), code=303)


def page(form: Mapping[str, str], errors: Mapping[str, str], form_key: str) -> str:
    """The form with what it held."""
    limit = setting("text_limit")
    return render_template("agent/proactive.html", form=form, errors=errors, form_key=form_key, text_limit=limit)
