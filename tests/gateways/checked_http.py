"""An HTTP client for Twilio's library that checks both sides against Twilio's OpenAPI document."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from twilio.http.response import Response

from hotline.gateways.twilio_account import RedirectedHttp

SPEC = Path(__file__).parent.parent / "telephone" / "twilio_openapi.json"


@cache
def spec() -> OpenAPI:
    """Loaded once: it takes a second."""
    return OpenAPI.from_dict(json.loads(SPEC.read_text(encoding="utf-8")))


class CheckedHttp(RedirectedHttp):
    """Raises what openapi-core raises when our request, or the answer, is not as Twilio describes it."""

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        """As the parent's, checked on both sides."""
        asked = MockRequest(
            "https://api.twilio.com", method.lower(), url.removeprefix("https://api.twilio.com"),
            args={name: str(value) for name, value in (kwargs.get("params") or {}).items()},
            data=urlencode(kwargs.get("data") or {}, doseq=True).encode(),
            content_type="application/x-www-form-urlencoded")
        spec().validate_request(asked)
        answer = super().request(method, url, *args, **kwargs)
        if answer.status_code < 400:
            told = MockResponse(answer.text.encode(), status_code=answer.status_code)
            spec().validate_response(asked, told)
        return answer
