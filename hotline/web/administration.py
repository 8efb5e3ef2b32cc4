"""The administrator's pages: people, departments, dead letters, settings, models; and the auditor's log.

An administrator sees no ticket, an auditor only the log (spine.md, "Roles"). Nothing is deleted, only ended.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from hotline.database import transaction
from hotline.errors import BadInput, DeskError, NotConfigured
from hotline.gateways.model_files import content_of, problem_of
from hotline.models.phone_words import Desk
from hotline.people import staffing
from hotline.people.permissions import admits
from hotline.supervision import dead_letters as outbox
from hotline.supervision import trained_models
from hotline.tickets import city_settings
from hotline.tickets.reveal import log_look
from hotline.tickets.rulebook import rules
from hotline.web.access import me, open_to
from hotline.web.administration_shown import (
    department_tree,
    letters_shown,
    log_page,
    models_shown,
    staff_page,
)
from hotline.web.form_reading import form_again, typed
from hotline.web.shown import options, unit_options

blueprint = Blueprint("administration", __name__)
NO_GUESSES = "在此之前，新工单没有建议，都由派单员派单。"
ACTIVATED = "模型 {} 已启用，之后收到的工单由它判读；各单位自己的门槛从头统计，统计够了之前按全市门槛派单。"
TABS = (
    ("人员", "administration.staff_list", "administrators"),
    ("承办单位", "administration.department_list", "administrators"),
    ("失败任务", "administration.dead_letters", "administrators"),
    ("办理时限", "limits_page.limit_list", "administrators"),
    ("数据导入", "data_in.overview", "administrators"),
    ("设置", "administration.settings", "administrators"),
    ("分类模型", "administration.models", "administrators"),
    ("访问日志", "administration.access_log", "auditors"),
)


@blueprint.get("/admin/staff")
def staff_list() -> str:
    """Accounts and their posts."""
    return staff_form({}, {})


@blueprint.post("/admin/staff")
def create_staff() -> Response | tuple[str, int]:
    """A new account with its first post."""
    try:
        form = staffing.NewStaff(
            typed("login", 32), typed("name", 60), request.form.get("password", "")[:200], typed("role", 24),
            rules().departments.get(typed("department", 32)),
        )  # fmt: skip
        with transaction():
            staffing.create_staff(form, me())
    except BadInput as problem:
        return staff_form(without_password(), problem.fields), problem.status
    flash(f"账号 {form.username} 已建立，首次登录须修改密码。", "ok")
    return to(".staff_list")


@blueprint.post("/admin/staff/<int:staff_id>/memberships")
def add_membership(staff_id: int) -> Response:
    """One more post."""
    unit = rules().departments.get(typed("department", 32))
    return done(lambda: staffing.add_membership(staff_id, typed("role", 24), unit, me()), "岗位已增加。")


@blueprint.post("/admin/staff/<int:staff_id>/skills")
def set_skills(staff_id: int) -> Response:
    """The special desks of a person."""
    return done(lambda: staffing.set_skills(staff_id, request.form.getlist("skills"), me()), "专席已保存。")


@blueprint.post("/admin/memberships/<int:membership_id>/end")
def end_membership(membership_id: int) -> Response:
    """End a post."""
    return done(lambda: staffing.end_membership(membership_id, me()), "岗位已结束。")


@blueprint.post("/admin/staff/<int:staff_id>/password")
def reset_password(staff_id: int) -> Response:
    """A first password again; all sessions of the person end."""
    password = request.form.get("password", "")[:200]
    return done(
        lambda: staffing.reset_password(staff_id, password, me()), "密码已重设，此人须重新登录并修改密码。"
    )


@blueprint.post("/admin/staff/<int:staff_id>/end")
def end_staff(staff_id: int) -> Response:
    """End an account."""
    return done(lambda: staffing.end_staff(staff_id, me()), "账号已停用。")


@blueprint.get("/admin/departments")
def department_list() -> str:
    """The tree of departments."""
    return page("departments", departments=department_tree())


@blueprint.get("/admin/dead-letters")
def dead_letters() -> str:
    """Follow-ups given up."""
    return page("dead_letters", letters=letters_shown(outbox.dead_letters()))


@blueprint.post("/admin/dead-letters/<int:outbox_id>/retry")
def retry_dead_letter(outbox_id: int) -> Response:
    """Try one again."""
    with transaction():
        outbox.retry_dead_letter(outbox_id)
    flash("已重新安排。", "ok")
    return to(".dead_letters")


@blueprint.get("/admin/settings")
def settings() -> str:
    """What the city decided, then what this machine was told."""
    return settings_form({}, {})


@blueprint.post("/admin/settings")
def change_setting() -> Response | tuple[str, int]:
    """One decision of the city, with its reason."""
    try:
        with transaction():
            city_settings.change_setting(typed("key", 32), typed("value", 500), typed("why", 200), me())
    except BadInput as problem:
        return settings_form(form_again(), problem.fields), problem.status
    flash("设置已保存。", "ok")
    return to(".settings")


@blueprint.get("/admin/models")
def models() -> str:
    """The trained classifiers."""
    rows, state = trained_models.trained_models(), trained_models.training_state()
    problems = [words + NO_GUESSES for one in rows if one.active and (words := problem_of(one))]
    problems += filter(None, [trained_models.training_problem()])
    return page("models", models=models_shown(rows), training=state, problems=problems)


@blueprint.post("/admin/models/train")
def train_model() -> Response:
    """Train a challenger from the closed cases, in the background."""
    return change_models(trained_models.ask_for_training, "已安排训练，完成后列在下表，启用前不影响派单。")


def change_models(change: Callable[[], None], done: str) -> Response:
    """Back to the list, with what was done or why it can't be."""
    try:
        with transaction():
            change()
    except BadInput as problem:
        flash(problem.sentence, "warn")
    else:
        flash(done, "ok")
    return to(".models")


@blueprint.post("/admin/models/<version>/activate")
def activate_model(version: str) -> Response:
    """Another classifier from the next batch on, if its file still is what was sealed."""

    def put_to_use() -> None:
        trained_models.activate_model(version)
        log_look(me(), None, "activate_model", f"启用模型 {version}")

    try:
        content_of(trained_models.model_named(version))
    except (BadInput, NotConfigured) as problem:
        flash(problem.sentence, "warn")
        return to(".models")
    return change_models(put_to_use, ACTIVATED.format(version))


@blueprint.get("/admin/access-log")
@open_to("auditors")
def access_log() -> str:
    """Who looked at identity, exported, or changed accounts."""
    who, ticket_no = request.args.get("who", "").strip()[:60], request.args.get("ticket_no", "").strip()[:40]
    before = request.args.get("before", type=int)
    lines, older = log_page(who.replace("\x00", ""), ticket_no, before)
    asked = {"who": who, "ticket_no": ticket_no}
    return page(
        "access_log", **asked, lines=lines, newer=url_for(".access_log", **asked) if before else None,
        older=url_for(".access_log", **asked, before=older) if older else None,
    )  # fmt: skip


def staff_form(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list of accounts with the form for a new one."""
    words = request.args.get("q", "").replace("\x00", "").strip()[:60]
    after = request.args.get("after", 0, type=int)
    people, older = staff_page(words, after)
    return page(
        "staff", q=words, staff=people, roles=options(staffing.ASSIGNABLE), desks=options(Desk), form=form,
        departments=unit_options(), errors=errors, newer=url_for(".staff_list", q=words) if after else None,
        older=url_for(".staff_list", q=words, after=older) if older else None,
    )  # fmt: skip


def settings_form(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """All settings with the form that changes one."""
    machine = city_settings.machine_lines(current_app.extensions["hotline-config"])
    return page("settings", settings=[*city_settings.city_lines(), *machine], form=form, errors=errors)


def page(name: str, **values: Any) -> str:
    """One of these pages with the tabs this person may open."""
    roles = me().roles()
    urls = [(label, url_for(at)) for label, at, audience in TABS if admits(audience, roles)]
    tabs = [(label, url, f"{request.path}/".startswith(f"{url}/")) for label, url in urls]
    return render_template(f"admin/{name}.html", admin_tabs=tabs, **values)


def done(deed: Any, sentence: str) -> Response:
    """Do it and say so on the list; a refusal is said there too."""
    try:
        with transaction():
            deed()
        flash(sentence, "ok")
    except DeskError as problem:
        flash("".join(problem.fields.values()) or problem.sentence, "bad")
    return to(".staff_list")


def to(endpoint: str) -> Response:
    """Back to a list."""
    return redirect(url_for(endpoint), code=303)  # type: ignore[return-value]


def without_password() -> dict[str, str]:
    """What was typed, but for the password."""
    return {name: value for name, value in form_again().items() if name != "password"}
