"""The JSON interface against its own OpenAPI document: many odd requests, and no answer it does not promise."""

from io import BytesIO

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema

from hotline import clock
from hotline.channels.partners import load_demo_partners
from hotline.database import transaction
from hotline.signing import sign
from hotline.web.limits import limiter
from tests.police110.desk_and_police import SECRET, know_police

SIGN_THIS = "to be signed by the test"
LONGEST_SECONDS = 50

phones = st.sampled_from(["13812345678", "0551-62671234", "+85223456789", ""])
moments = st.datetimes().map(lambda moment: f"{moment.replace(year=2026):%Y-%m-%d %H:%M:%S}")
schemathesis.openapi.format("phone", phones)
schemathesis.openapi.format("beijing-time", moments)


class Signing:
    """Signs what asks for it, over the body as it goes over the wire; all else passes untouched."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ.get("HTTP_X_SIGNATURE") == SIGN_THIS:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            stamp = str(int(clock.now().timestamp()))
            signed = sign(SECRET, stamp, environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
            environ |= {"HTTP_X_TIMESTAMP": stamp, "HTTP_X_SIGNATURE": signed, "wsgi.input": BytesIO(body)}
        return self.app(environ, start_response)


@pytest.fixture
def engine(desk):
    """Schemathesis with our keys, asking the desk in this very process."""
    know_police()
    with transaction():
        key = load_demo_partners(desk.extensions["hotline-config"])["demo-api"]
    keys = {"X-API-Key": key, "X-Signature": SIGN_THIS, "X-Timestamp": "0"}
    settings = {
        "headers": keys,
        "max-time": LONGEST_SECONDS,
        "seed": 12345,
        "continue-on-failure": True,
        "generation": {"max-examples": 60, "database": "none"},
    }
    config = schemathesis.Config.from_dict(settings)
    limiter.enabled = False
    yield from_schema(schemathesis.openapi.from_wsgi("/api/v1/openapi.json", Signing(desk), config=config))
    limiter.enabled = True


@pytest.mark.api
def test_every_answer_is_one_the_document_promises(engine):
    asked, problems = set(), []
    for event in engine.execute():
        if isinstance(event, events.FatalError | events.NonFatalError):
            problems.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            asked |= {case.value.operation.label for case in event.recorder.cases.values()}
            found = [check for checks in event.recorder.checks.values() for check in checks if check.failure_info]
            problems += [f"{event.recorder.label} {one.name}: {one.failure_info.failure}" for one in found]
    assert problems == []
    assert len(asked) == 5
