"""An invited unit's page of a consultation meeting: the case without identity, and its opinion."""

from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from hotline.database import transaction
from hotline.errors import BadInput, IllegalStep
from hotline.tickets.consulting import give_opinion, meeting_for
from hotline.web.access import me
from hotline.web.answering import NOTHING, Answer, Typed, typed_again
from hotline.web.form_reading import typed
from hotline.web.meeting_shown import invitation_page

blueprint = Blueprint("meeting_pages", __name__, url_prefix="/meetings")


@blueprint.get("/<int:meeting_id>")
def meeting_page(meeting_id: int) -> str:
    """The invitation, and the ruling when there is one."""
    return page(meeting_id, NOTHING)


@blueprint.post("/<int:meeting_id>/opinion")
def write_opinion(meeting_id: int) -> Answer:
    """会商意见; a refused one keeps what was typed."""
    try:
        with transaction():
            give_opinion(meeting_for(me(), meeting_id)[0], me(), typed("words", 3000))
    except (BadInput, IllegalStep) as problem:
        flash(problem.sentence, "bad")
        return page(meeting_id, typed_again(problem, "")), problem.status
    flash("意见已提交，裁定前可以修改。", "ok")
    return cast(Response, redirect(url_for(".meeting_page", meeting_id=meeting_id), code=303))


def page(meeting_id: int, again: Typed) -> str:
    """The page, with what a refused form held."""
    meeting, ticket = meeting_for(me(), meeting_id)
    return render_template("department/meeting.html", **invitation_page(meeting, ticket, me()), **again.variables())
