"""The desk's own webhooks behind a real port, the pretend Twilio that rings them, and a worker that pumps."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.serving import make_server

from hotline import clock
from hotline.app import create_app
from hotline.config import Config
from hotline.database import db, transaction
from hotline.models import Setting
from hotline.telephone.pretend_twilio import PretendSettings, Quiet, serving
from hotline.tickets.rulebook import forget
from tests.telephone.desk_stage import RING_SECONDS, DeskStage, pumping
from tests.telephone.toy_desk import serving_on_loopback

PACE = 0.02


@pytest.fixture
def stage(desk: Flask, config: Config, request: pytest.FixtureRequest) -> Iterator[DeskStage]:
    """A whole telephone, fifty times as fast as life; a test's parameter changes the pretend settings."""
    with transaction() as current:
        patient = {"value": RING_SECONDS}
        current.add(Setting(key="ring_seconds", value=patient, valid_from=clock.now(), why="test"))
    forget()
    server = make_server("127.0.0.1", 0, Flask("nobody"), threaded=True, request_handler=Quiet)
    with ExitStack() as stack:
        base = stack.enter_context(serving_on_loopback(server))
        settings = PretendSettings(
            config.twilio_account, config.twilio_token, config.twilio_number,
            f"{base}/twilio/voice#rc=2&rp=ct,rt,5xx", f"{base}/twilio/status#rc=2&rp=ct,rt,5xx",
            fallback_url=f"{base}/twilio/fallback", **{"pace": PACE, **getattr(request, "param", {})})
        twilio = stack.enter_context(serving_on_loopback(serving(settings, 0)))
        app = create_app(replace(config, public_base_url=base, twilio_api_url=twilio))
        app.config["WTF_CSRF_ENABLED"] = False
        app.extensions["hotline-messages"] = desk.extensions["hotline-messages"]
        server.app = app
        stack.enter_context(pumping(app))
        yield DeskStage(app, base, twilio)
    with app.app_context():
        db.engine.dispose()
