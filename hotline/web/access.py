"""Deny by default: every route has an audience, and nobody outside it gets further than here."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Response, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from hotline.errors import Forbidden, NotSignedIn
from hotline.people.accounts import Person, load_person
from hotline.people.permissions import admits

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()
manager = LoginManager()
BEFORE_A_NEW_PASSWORD = frozenset(
    {"password_page.password_form", "password_page.set_password", "login.sign_out"}
)
"""All that somebody may open whose password was set by an administrator."""


class SignedIn(UserMixin):
    """The signed-in person as flask-login wants it; the id holds the session's epoch, so that it can be
    ended."""

    def __init__(self, person: Person, epoch: int) -> None:
        self.person = person
        self.id = f"{person.id}.{epoch}"


@manager.user_loader
def load_user(identifier: str) -> SignedIn | None:
    """The person of a session cookie, in one statement; None when the account or session has ended."""
    staff_id, _, epoch = identifier.partition(".")
    if not (staff_id.isdigit() and epoch.isdigit()):
        return None
    person = load_person(int(staff_id), int(epoch))
    return SignedIn(person, int(epoch)) if person else None


def me() -> Person:
    """The signed-in person. Raises `NotSignedIn`."""
    if not current_user.is_authenticated:
        raise NotSignedIn()
    return cast(Person, current_user.person)


def open_to(audience: str) -> Callable[[View], View]:
    """A route for another audience than its blueprint's."""

    def mark(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        return view

    return mark


def register(app: Flask, blueprint: Blueprint, audience: str) -> None:
    """Register a blueprint with its audience; machines' doors are free of CSRF and guarded by signatures."""
    app.register_blueprint(blueprint)
    audiences: dict[str, str] = app.extensions.setdefault("hotline-audiences", {})
    if audience == "machines":
        csrf.exempt(blueprint)
        audience = "public"
    audiences[blueprint.name] = audience


def audience_of(app: Flask, endpoint: str) -> str | None:
    """The audience of a route, None when nobody gave it one."""
    view = app.view_functions[endpoint]
    marked = getattr(view, "audience", None)
    if marked is None and endpoint == "static":
        return "public"
    audiences: dict[str, str] = app.extensions.get("hotline-audiences", {})
    return marked or audiences.get(endpoint.rpartition(".")[0].split(".")[0])


class Sessions(SecureCookieSessionInterface):
    """The session in a cookie, which a page that refreshes a part of itself never writes.

    Such a request may have left before a form was sent or somebody signed out, and come back after: its cookie
    would take back the message, or the signing out.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie unless the request came from the page itself."""
        if request.method != "GET" or request.headers.get("HX-Request") != "true":
            super().save_session(app, session, response)


def guard_everything(app: Flask) -> None:
    """Install sign-in, CSRF and the guard on the application."""
    app.session_interface = Sessions()
    manager.init_app(app)
    csrf.init_app(app)
    app.before_request(lambda: check_audience(app))


def check_audience(app: Flask) -> Response | None:
    """Refuse whoever is not in the route's audience; a route without one is closed to all."""
    if request.endpoint is None:
        return None
    audience = audience_of(app, request.endpoint)
    if audience is None:
        raise Forbidden()
    if audience == "public":
        return None
    person = me()
    g.person = person
    session.permanent = True
    if person.must_change_password and request.endpoint not in BEFORE_A_NEW_PASSWORD:
        return redirect(url_for("password_page.password_form"), code=303)  # type: ignore[return-value]
    if not admits(audience, person.roles()):
        raise Forbidden()
    return None
