"""Signing in and out, and the short-lived token with which a browser listens to the live stream."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select

from hotline import clock
from hotline.config import Config
from hotline.database import session as database_session
from hotline.database import transaction
from hotline.models import Membership, Staff
from hotline.models.words import Role
from hotline.people.accounts import Person, load_person
from hotline.people.passwords import FAILURES, LOCKED_FOR, NOBODY, matches
from hotline.people.permissions import HOMES
from hotline.stream_token import make_token
from hotline.tickets import find
from hotline.tickets.grid import streets
from hotline.tickets.identity import keys
from hotline.web.access import SignedIn, me, open_to
from hotline.web.form_reading import typed
from hotline.web.limits import SIGN_IN, limiter

blueprint = Blueprint("login", __name__)
WRONG = "账号或密码不正确，或账号已被锁定。"


@blueprint.get("/login")
def sign_in_page() -> str | Response:
    """The form; whoever is signed in goes to their desk."""
    if current_user.is_authenticated:
        return redirect(home(me()), code=303)  # type: ignore[return-value]
    return page("", "")


@blueprint.post("/login")
@limiter.limit(SIGN_IN)
def sign_in() -> Response | tuple[str, int]:
    """One sentence for every failure; five in a row lock the account for fifteen minutes."""
    login, password = typed("login", 60), request.form.get("password", "")[:200]
    with transaction():
        signed = check_password(login, password)
    if signed is None:
        return page(login, WRONG), 401
    session.clear()
    session.permanent = True
    login_user(signed)
    target = safe_path(request.form.get("next", "")) or home(signed.person)
    return redirect(target, code=303)  # type: ignore[return-value]


@blueprint.post("/logout")
@open_to("staff")
def sign_out() -> Response:
    """End this session."""
    logout_user()
    session.clear()
    return redirect(url_for(".sign_in_page"), code=303)  # type: ignore[return-value]


@blueprint.get("/live-token")
@open_to("staff")
def live_token() -> Response:
    """A 60-second token naming what this person may hear."""
    config: Config = current_app.extensions["hotline-config"]
    token = make_token(keys().stream, topics_for(me()), clock.now())
    return jsonify(url=f"{config.stream_url}/stream", token=token)


def check_password(login: str, password: str) -> SignedIn | None:
    """The person behind name and password; counts failures and keeps a locked account locked."""
    query = select(Staff).where(Staff.username == login, Staff.valid_to.is_(None)).with_for_update()
    staff = database_session().execute(query).scalar_one_or_none()
    right = matches(staff.password_hash if staff else NOBODY, password)
    if staff is None or (staff.locked_until and staff.locked_until > clock.now()):
        return None
    if not right:
        staff.failed_logins += 1
        if staff.failed_logins >= FAILURES:
            staff.locked_until, staff.failed_logins = clock.now() + LOCKED_FOR, 0
        return None
    staff.failed_logins, staff.locked_until = 0, None
    person = load_person(staff.id, staff.session_epoch)
    return SignedIn(person, staff.session_epoch) if person else None


def topics_for(person: Person) -> list[str]:
    """The topics a person may hear: names only, each page refetches under its own rights."""
    own = [f"department:{unit}" for unit in sorted(person.unit_ids())] + [f"seat:{person.id}"]
    own += [f"grid:{street}" for street in sorted(streets(person))]
    if person.has(*find.HOTLINE_ROLES):
        own += ["alarms", "dispatch", "callback", "board", "queue", "ticket:*"]
    return own


def home(person: Person) -> str:
    """Where this person's work is."""
    return next((url_for(endpoint) for role, endpoint in HOMES if role in person.roles()), "/")


def safe_path(target: str) -> str:
    """A path on this desk, or nothing: never another host."""
    parts = urlsplit(target)
    ours = not parts.netloc and not parts.scheme and target.startswith("/") and target[1:2] not in ("/", "\\")
    return target if ours else ""


def demo_logins() -> list[tuple[str, str]]:
    """The first login of each role of the made-up city, whose password is known to all."""
    query = (
        select(Membership.role, Staff.username)
        .join(Staff, Staff.id == Membership.staff_id)
        .where(Staff.valid_to.is_(None), Membership.valid_to.is_(None))
        .order_by(Membership.id.desc())
    )
    first = {role: username for role, username in database_session().execute(query)}
    return [(first[role], role.label) for role in Role if role in first]


def page(login: str, error: str) -> str:
    """The form; the demo tells its logins."""
    config: Config = current_app.extensions["hotline-config"]
    logins = demo_logins() if config.demo else []
    after = safe_path(request.values.get("next", ""))
    return render_template("login.html", next=after, login=login, error=error, demo_logins=logins)


