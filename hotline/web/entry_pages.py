"""The knowledge base on screen: read and look up, write, approve by a second person, unpublish."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from hotline import clock
from hotline.database import transaction
from hotline.errors import BadInput
from hotline.models import EntryVersion
from hotline.models.words import EntryState
from hotline.tickets import entries
from hotline.tickets.entries import APPROVERS, WRITERS, EntryForm
from hotline.tickets.find_entries import (
    EXPIRED,
    EntryQuery,
    entry_version,
    find_entries,
    how_many_wait,
    newest_version,
    search_terms,
    times_cited,
    versions_of,
    waiting,
)
from hotline.tickets.rulebook import rules
from hotline.web.access import me, open_to
from hotline.web.answering import NOTHING, Typed, typed_again
from hotline.web.entries_shown import entries_shown, form_of, versions_shown, waiting_shown
from hotline.web.form_reading import form_again, number, typed
from hotline.web.shown import unit_options

blueprint = Blueprint("entry_pages", __name__)
READER_STATES = (EntryState.PUBLISHED, EntryState.UNPUBLISHED)
WRITER_STATES = (*READER_STATES, EntryState.DRAFT, EntryState.TO_APPROVE, EntryState.REJECTED)
LONGEST_QUERY = 100
SEVERAL = re.compile(r"[；;|\n]+")


@blueprint.get("/entries")
def entry_list() -> str:
    """What may be quoted, best or newest first; what has expired or is a draft only when asked for."""
    person, asked = me(), request.args
    states = WRITER_STATES if person.has(*WRITERS) else READER_STATES
    choices = [(EXPIRED, "已过期"), *((one.value, one.label) for one in states)]
    words = asked.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    state = asked.get("state", "") if asked.get("state") in dict(choices) else ""
    found, older = find_entries(EntryQuery(person, words, state, asked.get("after", type=int)))
    return render_template(
        "entries/list.html", q=words, state=state, states=choices, entries=entries_shown(found, search_terms(words)),
        newer=url_for(".entry_list", q=words, state=state) if asked.get("after") else None,
        older=url_for(".entry_list", q=words, state=state, after=older) if older else None,
        may_edit=person.has(*WRITERS), may_approve=person.has(*APPROVERS), approvals=how_many_wait(),
    )  # fmt: skip


@blueprint.get("/entries/new")
@open_to("knowledge_editors")
def new_entry() -> str:
    """An empty form."""
    return form_page(None, {"valid_from": clock.city_day(clock.now()).isoformat()}, {})


@blueprint.post("/entries")
@open_to("knowledge_editors")
def create_entry() -> Response | tuple[str, int]:
    """A new draft."""
    try:
        form = read_form(None)
        with transaction():
            row = entries.write_entry(form, me())
    except BadInput as problem:
        return form_page(None, form_again(), problem.fields), problem.status
    return to_entry(row.entry_id, row.version)


@blueprint.get("/entries/approvals")
@open_to("knowledge_editors")
def approval_list() -> str:
    """What waits for a second person."""
    return render_template("entries/approvals.html", waiting=waiting_shown(waiting(), me()))


@blueprint.get("/entries/<int:entry_id>")
def entry_page(entry_id: int) -> str:
    """One entry; `version` shows an older wording, so that a past answer can be explained."""
    return show_entry(entry_id, request.args.get("version", type=int), NOTHING)


def show_entry(entry_id: int, version: int | None, again: Typed) -> str:
    """The page of an entry, a refused dialog open again."""
    row = entry_version(entry_id, version, me())
    return render_template(
        "entries/entry.html", entry=entries_shown([row])[0], versions=versions_shown(versions_of(entry_id, me())),
        cited=times_cited(entry_id), may=entries.offered(row, me()), **again.variables(),
    )  # fmt: skip


@blueprint.get("/entries/<int:entry_id>/edit")
@open_to("knowledge_editors")
def edit_entry(entry_id: int) -> str:
    """The newest version to go on from."""
    return form_page(entry_id, form_of(newest_version(entry_id, me())), {})


@blueprint.post("/entries/<int:entry_id>")
@open_to("knowledge_editors")
def save_entry(entry_id: int) -> Response | tuple[str, int]:
    """The next version, a draft."""
    try:
        form = read_form(newest_version(entry_id, me()))
        with transaction():
            row = entries.change_entry(entry_id, form, me())
    except BadInput as problem:
        return form_page(entry_id, form_again(), problem.fields), problem.status
    return to_entry(entry_id, row.version)


@blueprint.post("/entries/<int:entry_id>/submit")
@open_to("knowledge_editors")
def ask_approval(entry_id: int) -> Response:
    """Put it before a second person."""
    with transaction():
        row = entries.ask_approval(entry_id, number("version") or 0, me())
    flash("已提交，等待另一人审核。", "ok")
    return to_entry(entry_id, row.version)


@blueprint.post("/entries/<int:entry_id>/approve")
@open_to("knowledge_editors")
def approve(entry_id: int) -> Response:
    """Publish it."""
    with transaction():
        row = entries.approve(entry_id, number("version") or 0, me())
    flash(f"第 {row.version} 版已发布。", "ok")
    return to_entry(entry_id, row.version)


@blueprint.post("/entries/<int:entry_id>/reject")
@open_to("knowledge_editors")
def reject(entry_id: int) -> Response | tuple[str, int]:
    """Send it back with what is to be changed."""
    try:
        with transaction():
            row = entries.reject(entry_id, number("version") or 0, me(), typed("words", 500))
    except BadInput as problem:
        return show_entry(entry_id, number("version"), typed_again(problem, "reject")), problem.status
    return to_entry(entry_id, row.version)


@blueprint.post("/entries/<int:entry_id>/unpublish")
@open_to("knowledge_editors")
def unpublish(entry_id: int) -> Response | tuple[str, int]:
    """Take it off; it stays readable with a mark."""
    try:
        with transaction():
            row = entries.unpublish(entry_id, me(), typed("words", 500))
    except BadInput as problem:
        return show_entry(entry_id, None, typed_again(problem, "unpublish")), problem.status
    return to_entry(entry_id, row.version)


def read_form(former: EntryVersion | None) -> EntryForm:
    """What was typed; what the form doesn't ask stays as in the former version. Raises `BadInput`."""
    questions = (one.strip() for one in SEVERAL.split(typed("question", 2000)))
    values = {
        "title": typed("title"), "similar_questions": tuple(filter(None, questions)),
        "answer_short": typed("answer", 1000), "answer_full": typed("details", 5000), "basis": typed("source"),
        "keywords": tuple(typed("keywords").split()), "owner_id": rules().departments.get(typed("department")),
        "valid_from": typed_day("valid_from") or clock.city_day(clock.now()), "valid_to": typed_day("valid_to"),
    }  # fmt: skip
    if former is None:
        return EntryForm(**values)
    kept = {name: getattr(former, name) for name in ("matter_code", "region", "audience", "visibility")}
    return replace(EntryForm(**values), **kept)


def typed_day(field: str) -> date | None:
    """A date as browsers send it, None when empty. Raises `BadInput`."""
    text = typed(field, 10)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(**{field: "日期请写作2026-11-21这样的形式。"}) from None


def form_page(entry_id: int | None, form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The form with what was typed."""
    return render_template(
        "entries/edit.html", entry_id=entry_id, form=form, errors=errors, departments=unit_options()
    )


def to_entry(entry_id: int, version: int) -> Response:
    """Back to the page of this version."""
    return redirect(url_for(".entry_page", entry_id=entry_id, version=version), code=303)  # type: ignore[return-value]
