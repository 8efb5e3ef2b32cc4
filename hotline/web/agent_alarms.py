"""Alarms at the agents' desks: the open ones on top of the console, and the answer to one."""

from flask import Blueprint, Response, render_template

from hotline.tickets.alarming import answer_alarm
from hotline.web.agent_tickets import desk
from hotline.web.alarms_shown import open_alarms
from hotline.web.answering import Answer, fragment
from hotline.web.form_reading import typed

blueprint = Blueprint("agent_alarms", __name__, url_prefix="/agent")


@blueprint.get("/alarms")
def top() -> Response:
    """The open alarms, live."""
    return fragment(render_template("agent/_alarms.html", alarms=open_alarms()))


@blueprint.post("/tickets/<int:ticket_no>/alarm")
def answer(ticket_no: int) -> Answer:
    """A person saw the words of danger, and what was done."""
    return desk.act(
        ticket_no, lambda t, p: answer_alarm(t, p, typed("answer", 32), typed("words", 200)), "警示已处置。", "alarm"
    )
