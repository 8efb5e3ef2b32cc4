"""The JSON interface against its own OpenAPI document: many odd requests, and no answer it does not promise."""

from collections import Counter
from io import BytesIO
from itertools import count

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema

from hotline import clock
from hotline.channels.partners import load_demo_partners
from hotline.database import transaction
from hotline.signing import sign
from tests.journeys.served_desk import served
from tests.police110.desk_and_police import SECRET, know_police

SIGN_THIS = "to be signed by the test"
LONGEST_SECONDS = 30

phones = st.sampled_from(["13812345678", "0551-62671234", "+85223456789", ""])
moments = st.datetimes().map(lambda moment: f"{moment.replace(year=2026):%Y-%m-%d %H:%M:%S}")
schemathesis.openapi.format("phone", phones)
schemathesis.openapi.format("beijing-time", moments)


class Signing:
    """Signs what asks for it, over the body as it goes over the wire, and tells equal idempotency keys apart."""

    def __init__(self, app):
        self.app, self.requests = app, count()

    def __call__(self, environ, start_response):
        if 0 < len(environ.get("HTTP_IDEMPOTENCY_KEY", "")) < 90:
            environ["HTTP_IDEMPOTENCY_KEY"] += f"-{next(self.requests)}"
        if environ.get("HTTP_X_SIGNATURE") == SIGN_THIS and "HTTP_X_TIMESTAMP" in environ:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            stamp = str(int(clock.now().timestamp()))
            signed = sign(SECRET, stamp, environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
            environ |= {"HTTP_X_TIMESTAMP": stamp, "HTTP_X_SIGNATURE": signed, "wsgi.input": BytesIO(body)}
        return self.app(environ, start_response)


@pytest.fixture
def engine(desk):
    """Schemathesis with our keys, asking the desk over HTTP."""
    know_police()
    with transaction():
        key = load_demo_partners(desk.extensions["hotline-config"])["demo-api"]
    keys = {"X-API-Key": key, "X-Signature": SIGN_THIS, "X-Timestamp": "0"}
    settings = {
        "headers": keys,
        "max-time": LONGEST_SECONDS,
        "seed": 12345,
        "continue-on-failure": True,
        "generation": {"max-examples": 30, "database": "none"},
    }
    config = schemathesis.Config.from_dict(settings)
    with served(Signing(desk)) as address:
        yield from_schema(schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config))


@pytest.mark.api
def test_every_answer_is_one_the_document_promises(engine):
    answers, problems = Counter(), []
    for event in engine.execute():
        if isinstance(event, events.FatalError | events.NonFatalError):
            problems.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            found = [check for checks in event.recorder.checks.values() for check in checks if check.failure_info]
            problems += [f"{event.recorder.label} {one.name}: {one.failure_info.failure}" for one in found]
            for key, asked in event.recorder.interactions.items():
                label = event.recorder.cases[key].value.operation.label
                answers[label, asked.response.status_code if asked.response else None] += 1
    assert problems == []
    assert len({label for label, _ in answers}) == 5
    assert answers["POST /api/v1/demands", 201] > 2
    assert answers["POST /api/v1/police110/transfers", 200] > 2
