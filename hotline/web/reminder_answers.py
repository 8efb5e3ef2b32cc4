"""The department answers an urging or a supervision."""

from flask import Blueprint

from hotline.tickets import pressing
from hotline.web.answering import Answer
from hotline.web.department_desk import desk
from hotline.web.form_reading import typed

blueprint = Blueprint("reminder_answers", __name__, url_prefix="/department")


@blueprint.post("/<int:ticket_no>/reminders/<int:reminder_id>")
def answer(ticket_no: int, reminder_id: int) -> Answer:
    """回复催办、督办."""
    return desk.act(
        ticket_no, lambda t, p: pressing.answer(t, p, reminder_id, typed("answer", 2000)), "已回复。",
        f"reminder-{reminder_id}",
    )  # fmt: skip
