"""What every template gets: the city's name, who is signed in, the navigation, the live stream's address."""

from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, current_app, request, url_for
from flask_login import current_user
from jinja2 import StrictUndefined

from hotline import clock
from hotline.config import Config
from hotline.people.accounts import Person
from hotline.people.permissions import MENU, admits
from hotline.stream_token import make_token
from hotline.tickets.identity import keys
from hotline.tickets.rulebook import rules
from hotline.web.sign_in import topics_for

FIND_PAGES = (
    ("dispatchers", "dispatch_desk.find_ticket"),
    ("departments", "department_desk.find_ticket"),
)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self'; connect-src 'self' {live}; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def install_page_context(app: Flask) -> None:
    """Strict templates, the common variables, and the headers every answer carries."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(common_variables)
    app.after_request(safe_headers)


def common_variables() -> dict[str, Any]:
    """The variables of the templates' contract."""
    config: Config = current_app.extensions["hotline-config"]
    person: Person | None = current_user.person if current_user.is_authenticated else None
    return {
        "city_name": city_name(), "now": clock.now(), "elder": request.cookies.get("elder") == "1",
        "me": whoever(person), "nav": menu(person), "find_url": find_url(person),
        "live_url": f"{config.stream_url}/stream" if person else "",
        "live_token": make_token(keys().stream, topics_for(person), clock.now()) if person else "",
    }  # fmt: skip


def city_name() -> str:
    """The city's name; a page that says the database is away must not ask it."""
    shelf = current_app.extensions.get("hotline-rules")
    if shelf is not None and shelf.rules is not None:
        return str(shelf.rules.city)
    try:
        return rules().city
    except Exception as problem:
        current_app.logger.warning("no city name: %s", type(problem).__name__)
        return ""


def whoever(person: Person | None) -> Any:
    """The signed-in person as the top bar shows them."""
    if person is None:
        return None
    post = person.posts[0]
    return SimpleNamespace(
        name=person.name, login=person.username, role_label=post.role.label, department_name=post.department_name
    )


def menu(person: Person | None) -> list[tuple[str, str, bool]]:
    """The pages this person may open."""
    if person is None:
        return []
    pages = [
        (label, url_for(endpoint), endpoint)
        for label, endpoint, audience in MENU
        if endpoint in current_app.view_functions and admits(audience, person.roles())
    ]
    here = current_page([(url, endpoint) for _, url, endpoint in pages])
    return [(label, url, endpoint == here) for label, url, endpoint in pages]


def current_page(pages: list[tuple[str, str]]) -> str:
    """The page of the menu this one belongs to: of the same blueprint, else the first under the same first folder."""
    blueprint, folder = (request.endpoint or "").partition(".")[0], request.path.split("/")[1]
    same = [endpoint for _, endpoint in pages if endpoint.partition(".")[0] == blueprint]
    near = [endpoint for url, endpoint in pages if url.split("/")[1] == folder]
    return (same + near + [""])[0]


def find_url(person: Person | None) -> str | None:
    """Where the search box of the top bar leads."""
    if person is None:
        return None
    roles = person.roles()
    for audience, endpoint in FIND_PAGES:
        if endpoint in current_app.view_functions and admits(audience, roles):
            return url_for(endpoint)
    return None


def safe_headers(answer: Response) -> Response:
    """Strict CSP, no sniffing, no framing, no referrer; pages with people's data are never cached."""
    config: Config = current_app.extensions["hotline-config"]
    answer.headers.setdefault("Content-Security-Policy", CSP.format(live=config.stream_url))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
