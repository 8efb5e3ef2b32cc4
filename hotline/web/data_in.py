"""The administrator's page 数据导入: tables out as files and in again, with a look at what changes, a trial of a changed
duty list, all of it or nothing, and an undoing."""

import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, send_file, url_for

from hotline.city_rules import data_uploads, duty_list_trial
from hotline.city_rules.data_uploads import Preview, counts_words, kind_of
from hotline.city_rules.sheet_files import LONGEST_NAME, csv_file, read_file, xlsx_file
from hotline.city_rules.table_lines import TableKind, today
from hotline.database import transaction
from hotline.errors import BadInput, Conflict, DeskError
from hotline.tickets.reveal import log_look
from hotline.web.access import me
from hotline.web.administration import page
from hotline.web.data_in_shown import faults_shown, overview_page, preview_page
from hotline.web.form_reading import NO_NULS, TOGETHER, typed
from hotline.web.supervisor_board import XLSX
from routing.csv_table import BadTable, Fault

blueprint = Blueprint("data_in", __name__, url_prefix="/admin/data")
MEGABYTES = 5
"""The largest file (default): ten thousand lines of a duty list are one."""
Page = str | tuple[str, int]


@blueprint.get("")
def overview() -> str:
    """All kinds of tables, the files that wait, and the history."""
    return show_overview()


@blueprint.get("/<kind>/file")
def download(kind: str) -> Response:
    """The present table, or an empty one, in the very format that is read; who took it is kept in the access log."""
    table, form, empty = kind_of(kind), request.args.get("format", "csv"), bool(request.args.get("empty"))
    if form not in ("csv", "xlsx"):
        raise BadInput("请选择下载csv或xlsx。")
    headings = [table.headings[name] for name in table.columns]
    rows = [] if empty else [[cells[name] for name in table.columns] for cells in table.present()]
    if not empty:
        with transaction():
            log_look(me(), None, "export", f"{table.label}（{form}）")
    content = csv_file(headings, rows) if form == "csv" else xlsx_file(table.label, headings, rows)
    name = f"{table.label}-{'模板' if empty else f'{today():%Y%m%d}'}.{form}"
    kinds = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
    return send_file(io.BytesIO(content), mimetype=kinds[form], as_attachment=True, download_name=name)


@blueprint.post("/<kind>")
def upload(kind: str) -> Response | Page:
    """Read a file and keep it, if nothing in it is wrong."""
    table = kind_of(kind)
    try:
        source, content = sent_file()
        with transaction():
            row = data_uploads.keep_upload(table, source, read_file(content, table), me())
            upload_id = row.id
    except BadTable as problem:
        return show_overview(table, problem), 422
    return to(".look", upload_id=upload_id)


@blueprint.get("/uploads/<int:upload_id>")
def look(upload_id: int) -> Page:
    """What a kept file would change."""
    try:
        return show_preview(data_uploads.preview(upload_id))
    except BadTable as problem:
        return show_overview(kind_of(data_uploads.upload_of(upload_id).kind), problem), 409


@blueprint.post("/uploads/<int:upload_id>/apply")
def apply(upload_id: int) -> Response | Page:
    """Put it into force, as it was seen."""
    try:
        with transaction():
            version = data_uploads.apply_upload(upload_id, typed("seen", 64), me())
            done = f"已导入“{version.source}”：{counts_words(version)}。"
    except Conflict as problem:
        return show_preview(data_uploads.preview(upload_id), problem.sentence), problem.status
    except BadTable as problem:
        return show_overview(kind_of(data_uploads.upload_of(upload_id).kind), problem), 409
    flash(done, "ok")
    return to(".overview")


@blueprint.post("/uploads/<int:upload_id>/drop")
def drop(upload_id: int) -> Response:
    """Give it up."""
    with transaction():
        data_uploads.drop_upload(upload_id)
    flash("已放弃，现行数据没有变化。", "ok")
    return to(".overview")


@blueprint.post("/uploads/<int:upload_id>/trial")
def try_list(upload_id: int) -> Response:
    """Have a worker try a changed duty list on the last month's tickets."""
    with transaction():
        duty_list_trial.ask_for_trial(upload_id)
    return to(".look", upload_id=upload_id, _anchor="trial")


@blueprint.post("/versions/<int:version_id>/undo")
def undo(version_id: int) -> Response:
    """Bring back what was before the last import of a kind."""
    try:
        with transaction():
            version = data_uploads.undo_import(version_id, me())
            done = f"已撤销“{version.source}”的导入，恢复到导入之前。"
    except DeskError as problem:
        flash(problem.sentence, "bad")
    else:
        flash(done, "ok")
    return to(".overview")


def sent_file() -> tuple[str, bytes]:
    """The name and the bytes of the file that was sent. Raises BadTable."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadTable([Fault(0, "", "请选择要导入的文件")])
    with TOGETHER:
        content = file.stream.read(MEGABYTES * 1024 * 1024 + 1)
    if len(content) > MEGABYTES * 1024 * 1024:
        raise BadTable([Fault(0, "", f"文件不能超过{MEGABYTES}MB")])
    return file.filename.translate(NO_NULS)[:LONGEST_NAME], content


def show_overview(kind: TableKind | None = None, problem: BadTable | None = None) -> str:
    """The page, with what is wrong in a file of a kind."""
    faults: dict[str, Any] = faults_shown(kind, problem) if kind and problem else {"faulty": "", "faults": []}
    return page("data_in", **overview_page(request.args.get("before", type=int)), **faults)


def show_preview(found: Preview, warning: str = "") -> str:
    """The page of one kept file."""
    return page("data_preview", warning=warning, **preview_page(found, request.args.get("after", 0, type=int)))


def to(endpoint: str, **values: Any) -> Response:
    """On to a page."""
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[return-value]
