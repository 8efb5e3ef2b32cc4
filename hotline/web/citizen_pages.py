"""What a citizen sees without signing in: write a demand, look it up, add, urge, withdraw, review."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user

from hotline.channels.uploads import keep_files
from hotline.channels.web_form import read_demand, receive_web_form, supplement_ticket, to_send_again, told_before
from hotline.database import transaction
from hotline.errors import BadInput, Forbidden, Gone, NotFound
from hotline.models.caller_words import CallerLabel
from hotline.models.requester_words import RequesterKind
from hotline.models.words import NO_DEMAND, BadReviewReason, RequestType
from hotline.tickets import ending, find, pressing, rate, refusing, reopening
from hotline.tickets.cannot_get_done import REFUSED_FIELDS
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.phone_number import read_phone
from hotline.tickets.rulebook import setting
from hotline.tickets.told_besides import FIELDS as BESIDES
from hotline.web import tracked
from hotline.web.error_pages import unsent
from hotline.web.form_reading import form_again, ticked, typed, uploads
from hotline.web.limits import LOOK_UP, SEND, limiter, typed_ticket
from hotline.web.shown import options
from routing.urgency import urgency_of

blueprint = Blueprint("citizen_pages", __name__)
MINE = "my_tickets"
KEPT_TICKETS = 20
CARRIED = (
    "repeat_seen", "caller_label", "place", "phone", "name", "request_type", "confidential", "anonymous", *BESIDES,
)  # fmt: skip


@blueprint.get("/")
def write_demand() -> str:
    """The form, with a hidden key that lets it be sent twice."""
    return demand_form({}, {}, secrets.token_urlsafe(16))


@blueprint.post("/demands")
@limiter.limit(SEND)
def send_demand() -> Response | str | tuple[str, int]:
    """Receive a web message. Words of danger are answered with the emergency numbers first, the same told again with
    how the first one stands."""
    form_key = request.form.get("form_key", "")[:64] or secrets.token_urlsafe(16)
    try:
        demand, files = read_demand(typed, ticked), uploads()
        danger = urgency_of(demand.text, demand.title, demand.place)
        if danger.grade == "emergency" and not ticked("emergency_seen"):
            return render_template(
                "public/emergency.html", form=form_again(), form_key=form_key, line=danger.line, had_photos=bool(files),
                carried=CARRIED,
            )
        again = None if ticked("repeat_seen") else told_before(demand, form_key, session.get(MINE, []))
        if again is not None:
            return render_template(
                "public/repeated.html", **tracked.repeat(again), form=form_again(), form_key=form_key,
                had_photos=bool(files),
            )  # fmt: skip
        with transaction():
            receipt = receive_web_form(demand, form_key, files)
    except BadInput as problem:
        return demand_form(form_again(), problem.fields, form_key), problem.status
    remember(receipt.ticket_no)
    session["receipt"] = str(receipt.ticket_no)
    return redirect(url_for(".show_receipt"), code=303)  # type: ignore[return-value]


@blueprint.get("/receipt")
def show_receipt() -> str | Response:
    """The number and the query code of the message just sent."""
    ticket_no = session.get("receipt")
    if not ticket_no:
        return redirect(url_for(".write_demand"), code=303)  # type: ignore[return-value]
    return render_template("public/receipt.html", **tracked.receipt(int(ticket_no)))


@blueprint.get("/track")
def look_up() -> str:
    """Number and phone, or number and query code."""
    return render_template("public/lookup.html", form={}, error="")


@blueprint.post("/track")
@limiter.limit(LOOK_UP, key_func=typed_ticket, deduct_when=lambda answer: answer.status_code != 303)
def find_ticket() -> Response | tuple[str, int]:
    """A wrong pair gets one neutral sentence, whatever of it was wrong."""
    try:
        ticket_no = proven_number(typed("ticket_no", 40), typed("proof", 40))
    except (NotFound, BadInput):
        return render_template("public/lookup.html", form=form_again(), error=find.WRONG_PAIR), 404
    remember(ticket_no)
    return redirect(url_for(".track", ticket_no=ticket_no), code=303)  # type: ignore[return-value]


@blueprint.get("/track/<int:ticket_no>")
def track(ticket_no: int) -> str:
    """Where the demand is, for whoever proved that it is theirs."""
    return tracked_page(mine(ticket_no), {}, {})


@blueprint.post("/track/<int:ticket_no>/supplement")
@limiter.limit(SEND)
def supplement(ticket_no: int) -> Response | tuple[str, int]:
    """More words or photos from the requester."""
    mine(ticket_no)
    try:
        words, files = typed("words", setting("text_limit")), uploads()
        with transaction():
            supplement_ticket(ticket_no, words)
            keep_files(ticket_no, files, "citizen")
    except BadInput as problem:
        return tracked_page(ticket_no, form_again(), problem.fields), problem.status
    return back_to(ticket_no, "补充已收到。")


@blueprint.post("/track/<int:ticket_no>/urge")
@limiter.limit("3 per hour")
def urge(ticket_no: int) -> Response:
    """催办."""
    mine(ticket_no)
    with transaction():
        pressing.urge(find.by_number(ticket_no))
    return back_to(ticket_no, "催办已收到，会转给经办的人。")


@blueprint.post("/track/<int:ticket_no>/withdraw")
def withdraw(ticket_no: int) -> Response | tuple[str, int]:
    """撤单."""
    mine(ticket_no)
    try:
        with transaction():
            ending.withdraw(find.by_number(ticket_no), note=typed("words", 1000))
    except BadInput as problem:
        return tracked_page(ticket_no, form_again(), problem.fields), problem.status
    return back_to(ticket_no, "已撤回。")


@blueprint.post("/track/<int:ticket_no>/contest")
@limiter.limit(SEND)
def contest(ticket_no: int) -> Response | tuple[str, int]:
    """对不予受理有异议."""
    mine(ticket_no)
    try:
        with transaction():
            refusing.contest(find.by_number(ticket_no), REQUESTER, typed("words", 1000))
    except BadInput as problem:
        return tracked_page(ticket_no, form_again(), problem.fields), problem.status
    return back_to(ticket_no, "异议已收到，由另一名工作人员决定。")


@blueprint.post("/track/<int:ticket_no>/reopen")
@limiter.limit(SEND)
def reopen(ticket_no: int) -> Response | tuple[str, int]:
    """重新受理 by new facts."""
    mine(ticket_no)
    try:
        with transaction():
            reopening.reopen(find.by_number(ticket_no), REQUESTER, typed("words", setting("text_limit")))
    except BadInput as problem:
        return tracked_page(ticket_no, form_again(), problem.fields), problem.status
    return back_to(ticket_no, "已收到，将重新办理。")


@blueprint.post("/track/<int:ticket_no>/review")
def review_tracked(ticket_no: int) -> str | tuple[str, int]:
    """The review from the look-up page: the same invitation as behind the link."""
    refuse_staff()
    mine(ticket_no)
    invitation = rate.open_invitation(find.by_number(ticket_no))
    if invitation is None:
        raise Gone(rate.USED)
    try:
        with transaction():
            review = rate.give_review(invitation, review_form(), "track")
    except BadInput as problem:
        return tracked_page(ticket_no, form_again(), problem.fields), problem.status
    return done_page(review.ticket_no)


@blueprint.get("/r/<token>")
def review_page(token: str) -> str | tuple[str, int]:
    """The invitation's page. Opening it, or a preview of it, spends nothing."""
    return token_page(token, {}, {})


@blueprint.post("/r/<token>")
@limiter.limit(SEND)
def give_review(token: str) -> str | tuple[str, int]:
    """The review behind a link; a used one gets 410 and a sentence."""
    refuse_staff()
    try:
        with transaction():
            review = rate.give_review(rate.invitation_by_token(token), review_form(), "link")
    except Gone:
        return gone_page()
    except BadInput as problem:
        page = token_page(token, form_again(), problem.fields)
        return page if isinstance(page, tuple) else (page, problem.status)
    return done_page(review.ticket_no)


@blueprint.post("/elder")
def set_elder() -> Response:
    """长辈版, kept over visits."""
    back = urlsplit(request.form.get("back", "/"))
    target = back.path if not back.netloc and back.path.startswith("/") and back.path[1:2] not in ("/", "\\") else "/"
    answer = make_response(redirect(target, code=303))
    answer.set_cookie("elder", "1" if ticked("elder") else "0", max_age=365 * 86400, samesite="Lax", httponly=True)
    return answer


def demand_form(form: Mapping[str, str], errors: Mapping[str, str], form_key: str) -> str:
    """The form with what was typed."""
    kinds = [kind for kind in RequestType if kind not in (RequestType.OTHER, RequestType.GUIDANCE, *NO_DEMAND)]
    return render_template(
        "public/write.html", form=form, errors=errors, form_key=form_key, request_types=options(kinds),
        caller_labels=options(CallerLabel),
        kinds=options(RequesterKind), refused_fields=REFUSED_FIELDS,
        max_photos=setting("photo_limit"), asked_back=to_send_again(form, errors),
        had_photos=any(one.filename for one in request.files.getlist("photos")),
    )  # fmt: skip


def tracked_page(ticket_no: int, form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The ticket's public page."""
    return render_template("public/track.html", **tracked.page(ticket_no), form=form, errors=errors)


def token_page(token: str, form: Mapping[str, str], errors: Mapping[str, str]) -> str | tuple[str, int]:
    """The review form behind a link."""
    try:
        invitation = rate.invitation_by_token(token)
    except Gone:
        return gone_page()
    context = tracked.invitation(invitation)
    return render_template("public/review.html", **context, token=token, form=form, errors=errors)


def gone_page() -> tuple[str, int]:
    """A link that serves no longer, with the words somebody still typed for it."""
    return render_template("public/gone.html", unsent=unsent()), 410


def back_to(ticket_no: int, sentence: str) -> Response:
    """The ticket's public page again, which says what was received; the browser forgets what it kept of the form."""
    flash(sentence, "ok")
    return redirect(url_for(".track", ticket_no=ticket_no), code=303)  # type: ignore[return-value]


def done_page(ticket_no: int) -> str:
    """Thanks, and for a bad review who calls and when."""
    return render_template("public/review_done.html", **tracked.after_review(ticket_no))


def review_form() -> rate.ReviewForm:
    """What was tapped."""
    reason = typed("reason", 24)
    return rate.ReviewForm(
        typed("grade", 1), typed("solved", 8), reason if reason in set(BadReviewReason) else "", typed("words", 1000)
    )


def refuse_staff() -> None:
    """Only the requester's side reviews (domain.md §18, I11): never from a desk's session."""
    if current_user.is_authenticated:
        raise Forbidden("工作人员不能代为评价，请退出登录后由诉求人本人评价。")


def proven_number(written: str, proof: str) -> int:
    """The number, once the phone or the query code proved that it is theirs. Raises `NotFound`."""
    ticket_no = find.read_number(written)
    if len(proof) == 8 and not proof.isdigit():
        return find.by_code(ticket_no, proof).ticket_no
    return find.by_phone(ticket_no, read_phone(proof, needed=True)).ticket_no


def remember(ticket_no: int) -> None:
    """This browser proved that the ticket is its person's."""
    known = [one for one in session.get(MINE, []) if one != str(ticket_no)]
    session[MINE] = [*known, str(ticket_no)][-KEPT_TICKETS:]


def mine(ticket_no: int) -> int:
    """The number, if this browser proved it. Raises `NotFound`."""
    if str(ticket_no) not in session.get(MINE, []):
        raise NotFound(find.NO_SUCH)
    return ticket_no
