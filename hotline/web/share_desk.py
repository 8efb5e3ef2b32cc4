"""The dispatcher's forms of a ticket in several hands: call in one more unit, withdraw one."""

from flask import Blueprint

from hotline.tickets import sharing
from hotline.web.answering import Answer
from hotline.web.dispatch_desk import desk
from hotline.web.form_reading import typed
from hotline.web.share_forms import read_share

blueprint = Blueprint("share_desk", __name__)


@blueprint.post("/dispatch/<int:ticket_no>/shares")
def add_co_unit(ticket_no: int) -> Answer:
    """加派协办."""
    return desk.act(
        ticket_no, lambda t, p: sharing.add_co_unit(t, p, read_share()), "已加派协办，该单位会收到通知。", "add-co-unit"
    )  # fmt: skip


@blueprint.post("/dispatch/<int:ticket_no>/shares/<int:share_id>/take-back")
def take_back(ticket_no: int, share_id: int) -> Answer:
    """撤回协办."""
    return desk.act(
        ticket_no, lambda t, p: sharing.take_back(t, p, share_id, typed("words", 500)), "已撤回，该单位会收到通知。",
        f"take-back-{share_id}",
    )  # fmt: skip
