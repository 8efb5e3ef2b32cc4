"""How a desk answers: a verb in its transaction and back, or the page again with what was typed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from hotline.database import transaction
from hotline.errors import BadInput, DeskError, IllegalStep, NotFound
from hotline.models import Ticket
from hotline.people.accounts import Person
from hotline.tickets.find import read_number, ticket_for
from hotline.tickets.looking import is_work
from hotline.tickets.reveal import log_view
from hotline.web.access import me
from hotline.web.form_reading import form_again
from hotline.web.kept_back import journal_for

Verb = Callable[[Ticket, Person], object]
Answer = Response | tuple[str, int]
PLACES = {"note": ("words",), "reason": ("words", "question"), "entry": ("entry_id",)}
"""Where a form shows what a verb says of a field that the form calls otherwise."""
LONG_FIELDS = {
    "words": "意见", "question": "要求补充", "reason": "理由", "basis": "依据", "public_reply": "公开答复",
    "facts": "事实", "handling": "处理情况", "contact_note": "联系情况", "note": "记录", "plan": "办理计划",
    "answer": "回复", "commitments": "承诺", "persons": "参加人员", "outcome": "落实情况",
    "without": "先行提交的原因",
    "minutes": "会商纪要",
    "extract": "摘录",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What a refused form held: fields, a sentence for each wrong one, and the dialog to open again."""

    form: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    open_dialog: str = ""
    lost: tuple[tuple[str, str], ...] = ()
    """Label and words of what was typed for a form that the page no longer offers."""

    def variables(self) -> dict[str, object]:
        """The templates' variables."""
        return {
            "form": self.form, "errors": self.errors, "open_dialog": self.open_dialog, "unsent": self.lost,
        }  # fmt: skip


NOTHING = Typed()


@dataclass(frozen=True)
class Desk:
    """A desk's way back: `page` draws the ticket again, `address` is where a done verb leads."""

    page: Callable[[Ticket, Typed], str]
    address: Callable[[int], str]

    def show(self, ticket_no: int) -> str | Response:
        """One ticket with what can be done; its journal alone for the live page."""
        ticket = ticket_for(me(), ticket_no)
        if wants_fragment():
            return fragment(render_template("ticket/_timeline.html", journal=journal_for(ticket, me())))
        page = self.page(ticket, NOTHING)
        note_view(ticket)
        return page

    def find(self, otherwise: str) -> Response:
        """The search box of the top bar holds a whole ticket number: to its page, or to the list `otherwise`."""
        try:
            where = self.address(ticket_for(me(), read_number(request.args.get("q", ""))).ticket_no)
        except NotFound as problem:
            flash(problem.sentence, "warn")
            where = url_for(otherwise)
        return cast(Response, redirect(where, code=303))

    def act(self, ticket_no: int, verb: Verb, done: str, dialog: str = "") -> Answer:
        """Run one verb on a ticket this person may see: 303 with `done`, else 422 or 409 and all that was
        typed."""
        try:
            with transaction():
                verb(ticket_for(me(), ticket_no), me())
        except (BadInput, IllegalStep) as problem:
            flash(problem.sentence, "bad")
            return self.page(ticket_for(me(), ticket_no), typed_again(problem, dialog)), problem.status
        flash(done, "ok")
        return cast(Response, redirect(self.address(ticket_no), code=303))


def note_view(ticket: Ticket) -> None:
    """Log that a ticket was opened by somebody whose work in progress it is not."""
    if not is_work(me(), ticket):
        with transaction():
            log_view(me(), ticket)


def typed_again(problem: DeskError, dialog: str) -> Typed:
    """What the refused form held, with each sentence at the field it is about."""
    form = form_again()
    errors = {place_of(name, form): sentence for name, sentence in problem.fields.items()}
    moved_on = isinstance(problem, IllegalStep)
    lost = tuple((label, form[name]) for name, label in LONG_FIELDS.items() if moved_on and form.get(name))
    return Typed(form, errors, dialog, lost)


def place_of(name: str, form: Mapping[str, str]) -> str:
    """The form's own name of a field."""
    if name in form:
        return name
    return next((place for place in PLACES.get(name, ()) if place in form), name)


def wants_fragment() -> bool:
    """The live page asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def fragment(html: str) -> Response:
    """A part of a page with its ETag; 304 when the browser has just that."""
    answer = make_response(html)
    answer.set_etag(hashlib.sha256(html.encode()).hexdigest()[:32])
    return cast(Response, answer.make_conditional(request))
