"""Files and identity of a ticket, for whoever may see them: every look at identity needs a reason and is
logged."""

from io import BytesIO
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, send_file, session, url_for

from hotline.channels.uploads import open_file
from hotline.database import session as database_session
from hotline.database import transaction
from hotline.errors import BadInput, NotFound
from hotline.models import Attachment, Ticket
from hotline.models.words import Confidentiality
from hotline.people.accounts import Person
from hotline.tickets.find import may_see, ticket_for
from hotline.tickets.reveal import log_look, may_reveal
from hotline.web.access import me, open_to
from hotline.web.form_reading import typed
from hotline.web.shown import is_hotline

blueprint = Blueprint("ticket_files", __name__)
SHOWN, GRANTED = "identity_shown", "identity_granted"
NO_FILE = "没有找到这个文件，或正在处理，请稍后再试。"


@blueprint.post("/tickets/<int:ticket_no>/identity")
@open_to("ticket_readers")
def reveal_identity(ticket_no: int) -> Response:
    """Show name, number and original words once, after a reason that is kept in the access log."""
    ticket = ticket_for(me(), ticket_no)
    reason = typed("reason", 200)
    if len(reason) < 4:
        raise BadInput(reason="请写明查看的理由，至少4个字。")
    with transaction():
        grant = may_reveal(me(), ticket)
        log_look(me(), ticket_no, "unmasked" if grant else "identity", reason)
        session[GRANTED] = bool(grant)
    session[SHOWN] = str(ticket_no)
    return redirect(back_path(), code=303)  # type: ignore[return-value]


@blueprint.get("/tickets/<int:ticket_no>/files/<int:attachment_id>")
@open_to("ticket_readers")
def show_file(ticket_no: int, attachment_id: int) -> Response:
    """The copy without camera data; never the citizen's photo of a confidential case for a department."""
    ticket = ticket_for(me(), ticket_no)
    row = database_session().get(Attachment, attachment_id)
    if row is None or row.ticket_no != ticket_no or not row.clean_key or not may_open(me(), ticket, row):
        raise NotFound(NO_FILE)
    return send_file(
        BytesIO(open_file(row, clean=True)), mimetype=row.content_type, download_name=f"{row.id}", as_attachment=False
    )


def may_open(person: Person, ticket: Ticket, row: Attachment) -> bool:
    """A department sees its own files, and a citizen's only of open cases."""
    if not may_see(person, ticket):
        return False
    return is_hotline(person) or row.side != "citizen" or ticket.confidentiality is Confidentiality.OPEN


def revealed(ticket_no: int) -> bool:
    """Whether this page view is the one that a logged reason opened; it counts once."""
    if session.get(SHOWN) != str(ticket_no):
        return False
    session.pop(SHOWN)
    return True


def by_grant() -> bool:
    """Whether the look of this page view was one that a supervisor granted; it counts once."""
    return bool(session.pop(GRANTED, False))


def back_path() -> str:
    """The page the reason was given on."""
    path = urlsplit(request.referrer or "").path
    return path if path.startswith("/") and path[1:2] != "/" else url_for("login.sign_in_page")
