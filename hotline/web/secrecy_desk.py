"""At the dispatcher's ticket: of whom it complains once dispatched, how confidential it is, what companies read."""

from flask import Blueprint

from hotline.tickets import extract, recusal, secrecy
from hotline.web.answering import Answer
from hotline.web.dispatch_desk import desk
from hotline.web.dispatch_form import read_unit
from hotline.web.form_reading import typed

blueprint = Blueprint("secrecy_desk", __name__, url_prefix="/dispatch")


@blueprint.post("/<int:ticket_no>/respondent")
def name_respondent(ticket_no: int) -> Answer:
    """标明被反映单位 after dispatch; a unit that holds the ticket and is accused loses it."""
    return desk.act(
        ticket_no, lambda t, p: recusal.name_accused(t, p, read_unit("respondent"), typed("words", 1000)),
        "已标明被反映单位，须回避的单位不能再查看本件。", "accused",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>/confidentiality")
def set_level(ticket_no: int) -> Answer:
    """变更保密级别."""
    return desk.act(
        ticket_no, lambda t, p: secrecy.set_level(t, p, typed("level", 32), typed("words", 1000)),
        "保密级别已变更。", "confidentiality",
    )  # fmt: skip


@blueprint.post("/<int:ticket_no>/extract")
def write_extract(ticket_no: int) -> Answer:
    """撰写摘录."""
    return desk.act(
        ticket_no, lambda t, p: extract.write_extract(t, p, typed("extract", 2000)),
        "摘录已保存，企业只能看到摘录。", "extract",
    )  # fmt: skip
