"""A Twilio to play with: on loopback, in memory, driving the desk's own webhooks as signed HTTP.

The desk talks to it through the same carrier as to the real one; people talk to it through `/caller/…`, which
is what the phones of the demo page do. It stands in for the carrier and knows nothing of the desk's tables.
"""

from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from hotline.telephone.pretend_caller import Play, Step
from hotline.telephone.pretend_delivery import Mischief, Webhooks
from hotline.telephone.pretend_line import HungUp, Leg, Network, new_sid
from hotline.telephone.pretend_rest import network, rest

caller = Blueprint("caller", __name__, url_prefix="/caller")
Answer = Response | tuple[Response, int]


@dataclass(frozen=True)
class PretendSettings:
    """The desk's account, where its webhooks are, and how fast time passes (1 = as in life)."""

    account_sid: str
    token: str
    number: str
    voice_url: str
    status_url: str = ""
    fallback_url: str = ""
    pace: float = 1.0
    mischief: Mischief = field(default_factory=Mischief)


class NoSuchCall(Exception):
    """There is no such call, or it is over."""


def create_pretend_twilio(settings: PretendSettings) -> Flask:
    """The WSGI program, with its network in `extensions["network"]`."""
    app = Flask("pretend_twilio", static_folder=None)
    webhooks = Webhooks(settings.account_sid, settings.token, settings.fallback_url, settings.mischief)
    app.extensions |= {"settings": settings, "network": Network(webhooks, settings.pace)}
    app.register_blueprint(rest)
    app.register_blueprint(caller)
    return app


class Quiet(WSGIRequestHandler):
    """No request log: its lines would hold telephone numbers."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def serving(settings: PretendSettings, port: int) -> BaseWSGIServer:
    """A server on loopback; call `serve_forever()` on it. Port 0 takes a free one, see `server_port`."""
    app = create_pretend_twilio(settings)
    return make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)


@caller.errorhandler(NoSuchCall)
def no_such_call(_: NoSuchCall) -> Answer:
    """One sentence."""
    return jsonify(error="没有这通电话，或通话已经结束。"), 404


@caller.post("/calls")
def dial_the_desk() -> Answer:
    """{from} → {call}: somebody dials the hotline."""
    settings: PretendSettings = current_app.extensions["settings"]
    leg = Leg(new_sid("CA"), _given("from"), settings.number, "inbound", settings.status_url)
    network().legs[leg.sid] = leg
    Play(network(), leg, Step(settings.voice_url)).start()
    return jsonify(call=leg.sid), 201


@caller.get("/calls")
def list_calls() -> Answer:
    """Calls that are not over, `?to=` for those at one phone: how an agent's phone learns that it rings."""
    to = request.args.get("to")
    living = [leg for leg in list(network().legs.values()) if not leg.ended and (not to or leg.to == to)]
    return jsonify(calls=[_told(leg) for leg in living])


@caller.get("/calls/<sid>")
def show_call(sid: str) -> Answer:
    """What was heard and said on this call, and what it does now."""
    return jsonify(_told(network().legs.get(sid) or _missing()))


@caller.get("/messages")
def list_messages() -> Answer:
    """Text messages a phone got, `?to=` its number."""
    to = request.args.get("to")
    return jsonify(messages=[each for each in network().messages if not to or each["to"] == to])


@caller.post("/calls/<sid>/keys")
def press(sid: str) -> Answer:
    """{digits}: keys pressed."""
    leg = _living(sid)
    network().press(leg, "".join(key for key in _given("digits") if key in "0123456789*#"))
    return jsonify(_told(leg))


@caller.post("/calls/<sid>/speak")
def speak(sid: str) -> Answer:
    """{text}: something said."""
    leg = _living(sid)
    network().speak(leg, _given("text"))
    return jsonify(_told(leg))


@caller.post("/calls/<sid>/answer")
def answer(sid: str) -> Answer:
    """Pick up a phone that rings."""
    leg = _living(sid)
    with network().changed:
        leg.picked_up = True
        network().changed.notify_all()
    return jsonify(_told(leg))


@caller.post("/calls/<sid>/hang-up")
def hang_up(sid: str) -> Answer:
    """Put the phone down, or decline one that rings."""
    leg = _living(sid)
    declined = leg.direction != "inbound" and not leg.picked_up
    network().give_order(leg, HungUp("busy" if declined else "completed"))
    return jsonify(_told(leg))


def _given(name: str) -> str:
    value = request.get_json().get(name)
    if not isinstance(value, str):
        abort(400, f"{name} is wanted")
    return value


def _told(leg: Leg) -> dict[str, object]:
    return {"call": leg.sid, "from": leg.from_, "to": leg.to, "direction": leg.direction,
            "status": leg.status, "state": "queued" if leg.queued_since else leg.doing,
            "started": leg.started.isoformat(),
            "lines": [{"kind": line.kind, "text": line.text} for line in leg.lines]}


def _living(sid: str) -> Leg:
    leg = network().legs.get(sid)
    return leg if leg and not leg.ended else _missing()


def _missing() -> Leg:
    raise NoSuchCall
