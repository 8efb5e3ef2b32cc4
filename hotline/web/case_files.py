"""The supervisor takes a ticket's whole file away as a zip, for a reason that is kept in the access log."""

import tempfile

from flask import Blueprint, Response, send_file

from hotline.channels.uploads import storage
from hotline.database import transaction
from hotline.errors import BadInput
from hotline.supervision.case_file import read_case_file, write_zip
from hotline.tickets.find import ticket_for
from hotline.tickets.reveal import log_look, may_reveal
from hotline.web.access import me
from hotline.web.form_reading import ticked, typed

blueprint = Blueprint("case_files", __name__, url_prefix="/board")
MIN_REASON = 4


@blueprint.post("/tickets/<int:ticket_no>/case-file")
def export(ticket_no: int) -> Response:
    """案卷: identity masked, unless it is asked for by somebody who may see it."""
    ticket = ticket_for(me(), ticket_no)
    reason, shown = typed("reason", 200), ticked("identity")
    if len(reason) < MIN_REASON:
        raise BadInput(reason="请写明导出的理由，至少4个字。")
    with transaction():
        if shown:
            may_reveal(me(), ticket)
        log_look(me(), ticket_no, "case_identity" if shown else "case_file", reason)
        case = read_case_file(ticket, me(), identity_shown=shown)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response when it is sent
    write_zip(case, stored, file)
    file.seek(0)
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=f"案卷-{ticket_no}.zip")


def stored(key: str) -> bytes:
    """The sealed bytes of a stored file. Raises `NoSuchFile`."""
    with storage().get(key) as file:
        return file.read()
