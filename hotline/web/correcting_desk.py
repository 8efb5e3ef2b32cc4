"""At the dispatcher's ticket: what was read of it is put right: its place, and several demands taken for one."""

from flask import Blueprint

from hotline.tickets.placing import correct_place
from hotline.tickets.splitting import split_off
from hotline.web.answering import Answer
from hotline.web.dispatch_desk import desk
from hotline.web.form_reading import typed

blueprint = Blueprint("correcting_desk", __name__, url_prefix="/dispatch")


@blueprint.post("/<int:ticket_no>/split")
def split(ticket_no: int) -> Answer:
    """拆单."""
    said = "已另立工单，单号见本件的流转记录。"
    return desk.act(ticket_no, lambda t, p: split_off(t, p, typed("words", 5000)), said, "split")


@blueprint.post("/<int:ticket_no>/place")
def place(ticket_no: int) -> Answer:
    """更正地点."""
    return desk.act(ticket_no, lambda t, p: correct_place(t, p, typed("place", 200)), "地点已更正。", "place")
