"""A desk of one file for the pretend Twilio to ring: real call flow and signatures, inbox in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from hotline.telephone import call_flow
from hotline.telephone.call_flow import FlowSettings, Why

TOKEN = "12345678901234567890123456789012"


@dataclass
class Seen:
    """What arrived as (step, token, values), the answer to each token, how to spoil the next answers."""

    arrived: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    breaks: list[int | str] = field(default_factory=list)
    flow: FlowSettings = field(default_factory=lambda: FlowSettings(""))

    def told(self, step: str) -> list[dict[str, str]]:
        """What came to a step, in order of arrival."""
        return [values for name, _, values in self.arrived if name == step]


def toy_desk(seen: Seen) -> Flask:
    """`seen.breaks` spoils the coming answers: a number is an HTTP status, a text the TwiML sent instead."""
    app = Flask("toy_desk")

    @app.post("/twilio/<step>")
    def webhook(step: str) -> Response:
        address = seen.flow.public_base_url + request.full_path.rstrip("?")
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(TOKEN).validate(address, request.form, signature):
            abort(403)
        token = request.headers["I-Twilio-Idempotency-Token"]
        seen.arrived.append((step, token, request.form.to_dict()))
        if token not in seen.answers:
            seen.answers[token] = answer(seen, step)
        if seen.breaks:
            spoiled = seen.breaks.pop(0)
            if isinstance(spoiled, int):
                abort(spoiled)
            return Response(spoiled, mimetype="text/xml")
        return Response(seen.answers[token], mimetype="text/xml")

    return app


def answer(seen: Seen, step: str) -> str:
    """What the desk says at a step."""
    flow, values = seen.flow, request.form
    if step in {"voicemail", "enqueue"}:
        seen.tickets.add(values["CallSid"])
    steps = {
        "voice": lambda: call_flow.greeting(flow),
        "enqueue": lambda: call_flow.enqueue(flow),
        "wait": lambda: call_flow.leave_queue() if values.get("Digits") == "1"
        else call_flow.wait(flow, int(values["QueuePosition"])),
        "left": lambda: call_flow.left(flow, values["QueueResult"]),
        "agent": lambda: call_flow.agent_leg(flow, "有来电", call_flow.conference_name(request.args["call"])),
        "bridge": lambda: call_flow.bridge(flow, call_flow.conference_name(values["CallSid"])),
        "after": lambda: call_flow.after(flow),
        "score": lambda: call_flow.score(flow),
        "voicemail": lambda: call_flow.voicemail(flow, Why.CLOSED),
        "voicemail-done": lambda: call_flow.voicemail_done(flow),
        "fallback": lambda: call_flow.fallback(flow),
    }
    return steps[step]() if step in steps else call_flow.nothing()


@contextmanager
def serving_on_loopback(server: object) -> Iterator[str]:
    """Run a werkzeug server in a thread; its base address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def running_desk(seen: Seen) -> Iterator[str]:
    """The toy desk behind a real port; its base address, which is also its public one."""
    with serving_on_loopback(make_server("127.0.0.1", 0, toy_desk(seen), threaded=True)) as base:
        seen.flow = FlowSettings(base, wait_round=5)
        yield base
