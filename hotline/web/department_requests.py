"""What a department asks about a case besides its work: another type, matter or urgency, and not to be counted."""

from flask import Blueprint

from hotline.channels.uploads import keep_files
from hotline.models import Ticket
from hotline.people.accounts import Person
from hotline.tickets import changing, exempting
from hotline.web.answering import Answer
from hotline.web.department_desk import desk
from hotline.web.form_reading import typed, uploads

blueprint = Blueprint("department_requests", __name__)


@blueprint.post("/department/<int:ticket_no>/change")
def ask_change(ticket_no: int) -> Answer:
    """申请变更."""
    return desk.act(
        ticket_no, lambda t, p: changing.ask_change(t, p, read_change()), "变更申请已提交，待督办员审批。", "change"
    )


@blueprint.post("/department/<int:ticket_no>/exemption")
def ask_exemption(ticket_no: int) -> Answer:
    """申请不计考核 or 考核申诉, with its evidence."""

    def asked(ticket: Ticket, person: Person) -> None:
        files = uploads()
        form = exempting.ExemptionForm(typed("reason", 1000), typed("basis", 1000), typed("reason_code", 24))
        exempting.ask_exemption(ticket, person, form)
        for row in keep_files(ticket_no, files, "department", person.id):
            row.department_id = ticket.department_id

    return desk.act(ticket_no, asked, "申请已提交，待督办员审核。", "exemption")


def read_change() -> changing.ChangeForm:
    """The change as typed."""
    wanted = {name: typed(name, 24) for name in changing.NAMES}
    return changing.ChangeForm(typed("reason", 1000), typed("basis", 1000), wanted)
