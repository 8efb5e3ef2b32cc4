"""The hotline's side of changes and exemptions: a dispatcher asks for a change, the supervisor decides both."""

from flask import Blueprint

from hotline.database import session
from hotline.errors import IllegalStep
from hotline.models import Asked, Ticket
from hotline.models.words import AskKind
from hotline.people.accounts import Person
from hotline.tickets import changing, exempting
from hotline.web.answering import Answer
from hotline.web.department_requests import read_change
from hotline.web.dispatch_desk import desk, granted
from hotline.web.form_reading import typed
from hotline.web.requests_shown import OTHERS

blueprint = Blueprint("dispatch_requests", __name__)


@blueprint.post("/dispatch/<int:ticket_no>/change")
def ask_change(ticket_no: int) -> Answer:
    """申请变更."""
    return desk.act(
        ticket_no, lambda t, p: changing.ask_change(t, p, read_change()), "变更申请已提交，待督办员审批。", "change"
    )


@blueprint.post("/dispatch/<int:ticket_no>/requests/<int:asked_id>")
def decide(ticket_no: int, asked_id: int) -> Answer:
    """同意或驳回变更、不计考核和考核申诉."""

    def decided(ticket: Ticket, person: Person) -> None:
        asked = session().get(Asked, asked_id)
        if asked is None or asked.kind not in OTHERS:
            raise IllegalStep()
        grant, note = granted(ticket, asked.kind, asked_id), typed("words", 1000)
        if asked.kind is AskKind.CHANGE:
            changing.decide_change(ticket, person, grant=grant, note=note)
        else:
            exempting.decide_exemption(ticket, person, asked, grant=grant, note=note)

    return desk.act(ticket_no, decided, "申请已处理。")
