"""The demo's telephone: a newcomer plays a caller; the pretend Twilio then rings the desk's own webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from hotline.config import Config
from hotline.errors import BadInput, DeskError, NotFound
from hotline.tickets.phone_number import read_phone
from hotline.web.form_reading import form_again, typed

blueprint = Blueprint("demo_phone", __name__, url_prefix="/demo/phone")
TIMEOUT = 3.0
"""Seconds; default."""
NUMBERS = (("13900000001", "手机"), ("021 6888 1234", "座机"), ("+85223456789", "境外号码"))
STATES = {
    "ringing": "正在拨号", "listening": "正在收听", "asked": "请按键或说话", "queued": "正在排队",
    "recording": "正在留言", "talking": "正在通话", "ended": "通话已结束",
}  # fmt: skip
UNHEARD = {"play": "（音乐）", "beep": "（嘀声）"}


class LineDown(DeskError):
    """The pretend Twilio does not answer."""

    status = 503
    sentence = "模拟电话线路没有启动，请稍后再试。"


@dataclass(frozen=True)
class Heard:
    """One line of what the caller heard, or said themselves."""

    words: str
    mine: bool


@dataclass(frozen=True)
class CallerPhone:
    """The call as the template shows it."""

    id: str
    from_number: str
    state_label: str
    live: bool
    started_at: datetime
    heard: list[Heard]


@blueprint.get("")
def phone() -> str:
    """The phone, with `?call=` the call it is on."""
    call_id = request.args.get("call", "")
    return page(call=fetch(call_id) if call_id else None)


@blueprint.post("/calls")
def dial() -> AnyResponse | tuple[str, int]:
    """Dial 12345."""
    try:
        number = read_phone(typed("from_number", 40), needed=True)
    except BadInput as problem:
        wrong = {"from_number": next(iter(problem.fields.values()), problem.sentence)}
        return page(errors=wrong), 422
    call = ask("POST", "/calls", {"from": number})["call"]
    return redirect(url_for("demo_phone.phone", call=call), code=303)


@blueprint.get("/calls/<call_id>")
def hear(call_id: str) -> str:
    """What has been heard so far."""
    return fragment(call_id)


@blueprint.post("/calls/<call_id>/press")
def press(call_id: str) -> str | AnyResponse:
    """Press keys."""
    return act(call_id, "keys", {"digits": typed("digits", 20)})


@blueprint.post("/calls/<call_id>/speak")
def speak(call_id: str) -> str | AnyResponse:
    """Say something."""
    return act(call_id, "speak", {"text": typed("words", 500)})


@blueprint.post("/calls/<call_id>/hang-up")
def hang_up(call_id: str) -> str | AnyResponse:
    """Put the phone down."""
    return act(call_id, "hang-up", {})


def act(call_id: str, verb: str, body: dict[str, str]) -> str | AnyResponse:
    """Do it, and show what is heard then; a call that has just ended is only shown."""
    try:
        ask("POST", f"/calls/{call_id}/{verb}", body)
    except NotFound:
        fetch(call_id)
    if request.headers.get("HX-Request") == "true":
        return fragment(call_id)
    return redirect(url_for("demo_phone.phone", call=call_id), code=303)


def page(call: CallerPhone | None = None, errors: dict[str, str] | None = None) -> str:
    """The whole page."""
    return render_template("demo/phone.html", numbers=NUMBERS, form=form_again(), errors=errors or {}, call=call)


def fragment(call_id: str) -> str:
    """The part that asks for itself again."""
    return render_template("demo/_call.html", call=fetch(call_id))


def fetch(call_id: str) -> CallerPhone:
    """The call as it is. Raises `NotFound`."""
    told = ask("GET", f"/calls/{call_id}")
    heard = [Heard(UNHEARD.get(line["kind"], line["text"]), line["kind"] == "own") for line in told["lines"]]
    return CallerPhone(told["call"], told["from"], STATES.get(told["state"], ""), told["state"] != "ended",
                       datetime.fromisoformat(told["started"]), heard)  # fmt: skip


def ask(method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    """The pretend Twilio's answer. Raises `LineDown`, and `NotFound` for a call that is not or is over."""
    import requests  # only the demo calls

    config: Config = current_app.extensions["hotline-config"]
    try:
        answer = requests.request(method, f"{config.twilio_api_url}/caller{path}", json=body, timeout=TIMEOUT)
    except requests.RequestException as silence:
        raise LineDown from silence
    if answer.status_code == 404:
        raise NotFound("没有这通电话，或通话已经结束。")
    if not answer.ok:
        raise LineDown
    told: dict[str, Any] = answer.json()
    return told
