"""The forms of a unit that works with others: hand in, hand down, take back, and what is only copied to it."""

from flask import Blueprint, render_template, request

from hotline.tickets import sharing
from hotline.web.access import me
from hotline.web.answering import Answer
from hotline.web.department_desk import desk
from hotline.web.form_reading import typed
from hotline.web.share_forms import read_share
from hotline.web.shares_shown import copies_page

blueprint = Blueprint("department_shares", __name__)


@blueprint.get("/department/copies")
def copy_list() -> str:
    """抄送: what went straight to a unit below, to read."""
    return render_template("department/copies.html", **vars(copies_page(me(), request.args.get("after"))))


@blueprint.post("/department/<int:ticket_no>/hand-in")
def hand_in(ticket_no: int) -> Answer:
    """交回, by the lead of the unit that helps."""
    return desk.act(ticket_no, sharing.hand_in, "已交回，由所协助的单位汇总答复。")


@blueprint.post("/department/<int:ticket_no>/hand-down")
def hand_down(ticket_no: int) -> Answer:
    """下派."""
    return desk.act(
        ticket_no, lambda t, p: sharing.hand_down(t, p, read_share()), "已下派，该单位会收到通知。", "hand-down"
    )


@blueprint.post("/department/<int:ticket_no>/shares/<int:share_id>/take-back")
def take_back(ticket_no: int, share_id: int) -> Answer:
    """收回下派."""
    return desk.act(
        ticket_no, lambda t, p: sharing.take_back(t, p, share_id, typed("words", 500)), "已收回，该单位会收到通知。",
        f"take-back-{share_id}",
    )  # fmt: skip
