"""A browser whose every request has an application context of its own, as on a server.

The fixture `desk` holds one context open; requests that share it would share the signed-in person too, and the
last one who signed in would speak for all.
"""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "demo-password"


class FreshBrowser(FlaskClient):
    """A test client that shares nothing with the test's own context."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


def stranger(app: Flask) -> FreshBrowser:
    """A browser signed in to nothing."""
    return FreshBrowser(app, app.response_class, use_cookies=True)


def signed_in_as(app: Flask, username: str) -> FreshBrowser:
    """A browser in which this member of staff is signed in."""
    browser = stranger(app)
    answer = browser.post("/login", data={"login": username, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser
