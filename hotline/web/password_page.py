"""One's own password: changed whenever one likes, and before anything else when an administrator set it."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_login import login_user

from hotline.database import transaction
from hotline.errors import BadInput, NotSignedIn
from hotline.people.accounts import load_person
from hotline.people.passwords import MIN_LENGTH
from hotline.people.staffing import change_password
from hotline.web.access import SignedIn, me
from hotline.web.limits import SIGN_IN, limiter
from hotline.web.sign_in import home

blueprint = Blueprint("password_page", __name__)
FIELDS = {"current": "原密码", "password": "新密码", "again": "新密码"}


@blueprint.get("/password")
def password_form() -> str:
    """The form."""
    return form_page({})


@blueprint.post("/password")
@limiter.limit(SIGN_IN)
def set_password() -> Response | tuple[str, int]:
    """Set it; every other session of this person ends, this one goes on."""
    current, fresh, again = (request.form.get(name, "")[:200] for name in FIELDS)
    try:
        blank = {name: f"请填写{words}。" for name, words in FIELDS.items() if not request.form.get(name)}
        if blank:
            raise BadInput(**blank)
        if fresh != again:
            raise BadInput(again="两次输入的新密码不一致。")
        with transaction():
            epoch = change_password(me(), current, fresh)
    except BadInput as problem:
        return form_page(problem.fields), problem.status
    person = load_person(me().id, epoch)
    if person is None:
        raise NotSignedIn()
    login_user(SignedIn(person, epoch))
    flash("密码已修改。", "ok")
    return redirect(home(person), code=303)  # type: ignore[return-value]


def form_page(errors: Mapping[str, str]) -> str:
    """The form; a password is never shown again."""
    return render_template(
        "password.html", errors=errors, first=me().must_change_password, min_length=MIN_LENGTH
    )
