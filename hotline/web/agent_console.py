"""The agent's console: the call, the form that saves itself, suggestions, registration, direct answer."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask import session as browser

from hotline import asking
from hotline.channels.uploads import storage
from hotline.config import Config
from hotline.database import session, transaction
from hotline.errors import BadInput, DeskError, NotFound
from hotline.gateways import desk_phone
from hotline.models import Call, Recording, Requester, Seat
from hotline.models.phone_words import SeatState
from hotline.models.words import State
from hotline.people.accounts import Person
from hotline.telephone import seats
from hotline.tickets import draft
from hotline.tickets.draft import DraftChanged, Form, HeldDraft
from hotline.tickets.ending import Citation
from hotline.tickets.find import ticket_for
from hotline.tickets.identity import file_ring
from hotline.tickets.reveal import log_look
from hotline.tickets.rulebook import setting
from hotline.web import agent_shown
from hotline.web.access import me
from hotline.web.agent_shown import CallerCard
from hotline.web.alarms_shown import open_alarms
from hotline.web.answering import fragment, wants_fragment
from hotline.web.form_reading import form_again, number, typed, whole_number
from hotline.web.template_filters import clock_time
from hotline.web.ticket_files import SHOWN, revealed

blueprint = Blueprint("agent_console", __name__, url_prefix="/agent")
BLANK = "0"
"""A console whose form belongs to no draft yet: the first saving opens one."""
SHORT_FIELDS = {"name": 40, "phone": 40}
FORM_CALLS = (SeatState.TALKING, SeatState.WRAP_UP)
"""A ringing call never moves the form; one that is answered does (ux 3)."""
NO_RECORDING = "没有找到这段录音，或正在取回，请稍后再试。"

Answer = Response | str | tuple[str, int]


@blueprint.get("")
def console() -> Answer:
    """The desk: `?draft=` a form to go on with, without it the call's, else the newest one of one's own."""
    wanted = whole_number(request.args.get("draft", ""))
    if not wanted:
        return page(likeliest_draft(me()) if wanted is None else None)
    try:
        held = draft.load_draft(wanted)
    except DeskError:
        ticket_for(me(), wanted)
        return redirect(url_for("agent_tickets.ticket_page", ticket_no=wanted), code=303)  # type: ignore[return-value]
    note_look_at_others(held)
    return page(held)


@blueprint.get("/recordings/<recording_id>")
def hear_recording(recording_id: str) -> Response:
    """A message or talk, sealed in the storage; every listening is logged."""
    kept = session().get(Recording, recording_id)
    if kept is None or kept.state != "kept" or kept.ticket_no is None:
        raise NotFound(NO_RECORDING)
    ticket_for(me(), kept.ticket_no)
    with transaction():
        log_look(me(), kept.ticket_no, "recording", "受理台收听")
    with storage().get(kept.storage_key) as file:
        sound = file_ring(session().get_one(Requester, kept.ticket_no)).open_bytes(file.read())
    return send_file(BytesIO(sound), mimetype="audio/wav", download_name=f"{kept.recording_id}.wav")


# ---- the form


@blueprint.post("/drafts")
def open_draft() -> Response:
    """A form of its own, without a call."""
    with transaction():
        ticket_no = draft.open_draft(me()).ticket_no
    return to_console(str(ticket_no))


@blueprint.post("/draft")
def save_draft() -> Response | tuple[Response, int]:
    """Keep what is typed; JSON for the page, with both sides when a colleague saved in between."""
    try:
        form = typed_form()
        with transaction():
            kept = draft.save_draft(ticket_no_or_new(), me(), form, number("version") or 0)
    except DraftChanged as problem:
        both = {"mine": problem.mine, "theirs": problem.theirs, "version": problem.version}
        return jsonify(sentence=problem.sentence, **both), problem.status
    except DeskError as problem:
        return jsonify(sentence=words_of(problem)), problem.status
    return jsonify(saved_at=clock_time(kept.saved_at), version=kept.version, ticket_no=str(kept.ticket_no))


@blueprint.post("/suggestions")
def suggestions() -> str:
    """Departments for the draft as saved, within 300 ms or not at all; danger is heard here either way."""
    form, ticket_no = form_again(), number("ticket_no") or 0
    told = bool(ticket_no and form.get("content"))
    found = asking.suggest(ticket_no) if told else None
    shown = agent_shown.suggestions(form, found, ticket_no)
    return render_template("agent/suggestions.html", **shown, errors={})


@blueprint.post("/knowledge")
def knowledge() -> str:
    """Entries for what is searched, else for the draft as saved."""
    words, ticket_no = request.form.get("q", "").strip()[:200], number("ticket_no") or 0
    about = words or ticket_no
    found = asking.knowledge(about) if about else None
    return render_template("agent/knowledge.html", **agent_shown.knowledge(found, asked=bool(about)))


@blueprint.post("/register")
def register() -> Answer:
    """派单: to the chosen department, or to the dispatchers."""

    def verb(form: Form) -> str:
        ticket = draft.register(ticket_no_or_new(), me(), form, number("version") or 0)
        if ticket.state is State.TO_SIGN:
            return f"已派至{agent_shown.unit_name(ticket.department_id)}，工单号 {ticket.ticket_no}。"
        return f"已登记，由审核组派单，工单号 {ticket.ticket_no}。"

    return finish_form(verb)


@blueprint.post("/answer")
def answer_directly() -> Answer:
    """直接答复, citing entry and version."""

    def verb(form: Form) -> str:
        entry, version = number("entry_id") or 0, number("entry_version") or 0
        cited = Citation(entry, version) if entry or version else None
        answer = draft.Answer(typed("public_reply", 5000), cited)
        ticket = draft.answer_draft(ticket_no_or_new(), me(), (form, number("version") or 0), answer)
        return f"已直接答复，将请诉求人评价，工单号 {ticket.ticket_no}。"

    return finish_form(verb, dialog="answer")


@blueprint.post("/transfer")
def transfer() -> Answer:
    """转110、119、120、122."""

    def verb(form: Form) -> str:
        line = typed("line", 3)
        ticket = draft.transfer_draft(ticket_no_or_new(), me(), form, line)
        return f"已转{line}，工单号 {ticket.ticket_no}。"

    return finish_form(verb, dialog="transfer")


# ---- seat and call


@blueprint.get("/call-bar")
def call_bar() -> Response:
    """The call bar, live."""
    return fragment(bar(""))


@blueprint.get("/queue")
def queue() -> Response:
    """The queue, live."""
    return fragment(render_template("agent/_queue.html", **agent_shown.queue(me())))


@blueprint.get("/history")
def history() -> Response:
    """The caller: while it rings, of the call that rings; else of the form's own ticket."""
    seat = seats.seat_of(me().id)
    ringing = seats.current_call(me()) if seat.state is SeatState.RINGING else None
    ticket_no = ringing.ticket_no if ringing else whole_number(request.args.get("draft", "")) or 0
    card = card_of(ticket_no)
    return fragment(render_template("agent/history.html", **agent_shown.history(card, me())))


@blueprint.get("/state")
def seat_state() -> Response:
    """The seat, live."""
    return fragment(render_template("agent/_state.html", **agent_shown.seat_state(seats.seat_of(me().id))))


@blueprint.post("/heartbeat")
def heartbeat() -> Response:
    """The console is open: presence is judged by this."""
    with transaction():
        seat = seats.beat(me())
    away = seat.state is SeatState.OFFLINE
    return jsonify(state=seat.state.value, call=seat.call_id or "", phone="offline" if away else "online")


@blueprint.post("/state")
def set_state() -> Answer:
    """示闲 or 示忙."""
    return seat_answer(lambda: seats.set_state(me(), typed("state", 12)), whole_seat)


@blueprint.post("/calls/<call_id>/answer")
def answer_call(call_id: str) -> Answer:
    """Pick up the simulated desk phone; a real one is picked up by hand."""
    config: Config = current_app.extensions["hotline-config"]
    return seat_answer(lambda: seats.ringing_phone(me(), call_id), bar,
                       lambda address: desk_phone.pick_up(config.twilio_api_url, address))  # fmt: skip


@blueprint.post("/calls/<call_id>/hang-up")
def hang_up(call_id: str) -> Answer:
    """End the talk."""
    return seat_answer(lambda: seats.hang_up(me(), call_id), bar)


@blueprint.post("/calls/<call_id>/pass-on")
def pass_on(call_id: str) -> Answer:
    """转专席: the caller waits for a special desk, the draft goes along."""
    return seat_answer(lambda: seats.pass_on(me(), call_id, typed("desk", 24)), bar)


@blueprint.post("/wrap-up/extend")
def extend_wrap_up() -> Answer:
    """Thirty seconds more."""
    return seat_answer(lambda: seats.extend_wrap_up(me()), bar)


@blueprint.post("/wrap-up/finish")
def finish_wrap_up() -> Answer:
    """Done writing."""
    return seat_answer(lambda: seats.finish_wrap_up(me(), typed("next_state", 12)), bar)


# ---- how they answer


def finish_form(verb: Callable[[Form], str], dialog: str = "") -> Answer:
    """Run what ends a draft, then a blank form; refused, the page again with everything that was typed."""
    try:
        form = typed_form()
        with transaction():
            done = verb(form)
    except (DraftChanged, BadInput) as problem:
        flash(problem.sentence, "bad")
        opened = dialog if {"public_reply", "line", "entry"} & set(problem.fields) else ""
        ticket_no = number("ticket_no")
        held = draft.load_draft(ticket_no) if ticket_no else None
        errors = problem.fields or {"version": problem.sentence}
        return page(held, form_again(), errors, opened), problem.status
    flash(done, "ok")
    return to_console(BLANK)


def seat_answer(
    verb: Callable[[], Any], draw: Callable[[str], str], after: Callable[[Any], object] = lambda _: None
) -> Answer:
    """Run a verb of the seat, then what must not happen inside a transaction; a refusal is a sentence."""
    notice = ""
    try:
        with transaction():
            made = verb()
        after(made)
    except DeskError as problem:
        notice = words_of(problem)
    if wants_fragment():
        return draw(notice)
    if notice:
        flash(notice, "warn")
    return to_console("")


def bar(notice: str) -> str:
    """The call bar, with a sentence."""
    seat, call, card = seat_call_card(me())
    return render_template("agent/call_bar.html", **agent_shown.call_bar(seat, call, card, notice))


def whole_seat(notice: str) -> str:
    """The seat's menu; a refusal is shown in it."""
    return render_template("agent/_state.html", **agent_shown.seat_state(seats.seat_of(me().id), notice))


def page(
    held: HeldDraft | None, form: Form | None = None, errors: Form | None = None, dialog: str = ""
) -> str:  # fmt: skip
    """The whole console."""
    person, errors = me(), errors or {}
    form = (held.form if held else {}) if form is None else form
    ticket_no = held.ticket.ticket_no if held else 0
    seat = seats.seat_of(person.id)
    call = seats.current_call(person)
    card = agent_shown.caller_card(held.ticket, held.requester, reveal=revealed(ticket_no)) if held else None
    calling = None if call is None else card if call.ticket_no == ticket_no else card_of(call.ticket_no)
    shown = calling if seat.state is SeatState.RINGING else card
    variables = {
        **agent_shown.console(held, form, errors), **agent_shown.call_bar(seat, call, calling),
        **agent_shown.history(shown, person), **agent_shown.queue(person), **agent_shown.seat_state(seat),
        **agent_shown.suggestions(form, None, ticket_no), **agent_shown.knowledge(None, asked=False),
    }  # fmt: skip
    return render_template(
        "agent/console.html", **variables, open_dialog=dialog, topic=f"seat:{person.id}",
        history_url=url_for(".history", draft=ticket_no), alarms=open_alarms(),
    )  # fmt: skip


def seat_call_card(person: Person) -> tuple[Seat, Call | None, CallerCard | None]:
    """A person's seat, the call on it, and who calls."""
    seat, call = seats.seat_of(person.id), seats.current_call(person)
    return seat, call, card_of(call.ticket_no) if call else None


def card_of(ticket_no: int | None) -> CallerCard | None:
    """Who is behind a ticket, masked."""
    if not ticket_no:
        return None
    ticket = ticket_for(me(), ticket_no)
    return agent_shown.caller_card(ticket, session().get_one(Requester, ticket_no))


def likeliest_draft(person: Person) -> HeldDraft | None:
    """The form somebody just gave a reason to see, the call's, or the newest one of one's own."""
    seat, call = seats.seat_of(person.id), seats.current_call(person)
    own = [row.ticket_no for row in draft.waiting_drafts(person) if row.state is State.DRAFT]
    on_call = call.ticket_no if call and seat.state in FORM_CALLS else None
    for ticket_no in (int(browser.get(SHOWN) or 0), on_call, *own[:1]):
        try:
            if ticket_no:
                return draft.load_draft(ticket_no)
        except DeskError:
            continue
    return None


def note_look_at_others(held: HeldDraft) -> None:
    """A colleague's draft shows what was typed, name and number too: that is a look at identity."""
    if held.row is not None and held.row.staff_id != me().id:
        with transaction():
            log_look(me(), held.ticket.ticket_no, "identity", "打开同事的草稿")


def typed_form() -> dict[str, str]:
    """The fields of a draft and the danger that was seen. Raises `BadInput` for one that is too long."""
    limits = {name: 200 for name in draft.FIELDS} | SHORT_FIELDS | {"content": setting("text_limit")}
    return {name: typed(name, limit) for name, limit in limits.items()} | {
        "emergency_seen": typed("emergency_seen", 8)
    }


def ticket_no_or_new() -> int:
    """The draft's number; a blank form gets its draft now, in the same transaction."""
    ticket_no = number("ticket_no")
    return ticket_no if ticket_no else draft.open_draft(me()).ticket_no


def words_of(problem: DeskError) -> str:
    """The sentence of the field that is wrong, else the whole's."""
    return next(iter(problem.fields.values()), problem.sentence)


def to_console(ticket_no: str) -> Response:
    """Back to the console, on this draft."""
    return cast(Response, redirect(url_for(".console", draft=ticket_no or None), code=303))
