"""The desk's own webhooks behind a real port, the pretend Twilio that rings them, and a worker that pumps."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.serving import make_server

from hotline.app import create_app
from hotline.config import Config
from hotline.telephone.pretend_delivery import Mischief
from hotline.telephone.pretend_twilio import PretendSettings, Quiet, serving
from tests.telephone.desk_stage import DeskStage, pumping
from tests.telephone.toy_desk import serving_on_loopback

PACE = 0.05


@pytest.fixture
def stage(desk: Flask, config: Config, request: pytest.FixtureRequest) -> Iterator[DeskStage]:
    """A whole telephone, twenty times as fast as life; a test's parameter is the mischief."""
    server = make_server("127.0.0.1", 0, Flask("nobody"), threaded=True, request_handler=Quiet)
    with ExitStack() as stack:
        base = stack.enter_context(serving_on_loopback(server))
        settings = PretendSettings(
            config.twilio_account, config.twilio_token, config.twilio_number,
            f"{base}/twilio/voice#rc=2&rp=ct,rt,5xx", f"{base}/twilio/status#rc=2&rp=ct,rt,5xx",
            fallback_url=f"{base}/twilio/fallback", pace=PACE,
            mischief=getattr(request, "param", Mischief()))  # fmt: skip
        twilio = stack.enter_context(serving_on_loopback(serving(settings, 0)))
        app = create_app(replace(config, public_base_url=base, twilio_api_url=twilio))
        app.extensions["hotline-messages"] = desk.extensions["hotline-messages"]
        server.app = app
        stack.enter_context(pumping(app))
        yield DeskStage(app, base, twilio)
