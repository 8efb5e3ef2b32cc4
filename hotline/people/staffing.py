"""Accounts and posts: opened, changed and ended by an administrator, never deleted; every deed is logged."""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, NotFound
from hotline.models import AccessLog, Department, Membership, Staff
from hotline.models.phone_words import Desk
from hotline.models.words import Role
from hotline.people.accounts import Person
from hotline.people.passwords import MIN_LENGTH, hash_password, matches

USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,31}")
ASSIGNABLE = tuple(role for role in Role if role not in (Role.PARTNER, Role.REQUESTER, Role.SYSTEM))
UNIT_POSTS = frozenset({Role.HANDLER, Role.DEPARTMENT_LEAD})
APART = (
    (frozenset({Role.CALLBACK_AGENT}), UNIT_POSTS),
    (frozenset({Role.AUDITOR}), frozenset({Role.ADMINISTRATOR})),
)
"""Posts nobody holds together: callback and handling (spine.md, “Roles”); the auditor reads what the
administrator did (default)."""
LAST_ADMINISTRATOR = "这是最后一位管理员，不能停用；请先指定另一位管理员。"
NO_PERSON = "没有找到这个账号，或已停用。"


@dataclass(frozen=True)
class NewStaff:
    """An account as an administrator opens it, with its first post."""

    username: str
    name: str
    password: str
    role: str
    department_id: int | None


def create_staff(form: NewStaff, by: Person) -> Staff:
    """A new account; the password must be changed at the first sign-in. Raises `BadInput` by field."""
    taken = session().execute(select(Staff.id).where(Staff.username == form.username)).first()
    problems = {
        "login": "账号用2～32个小写字母、数字、点、横线。" if not USERNAME.fullmatch(form.username) else
        "该账号已存在。" if taken else "",
        "name": "" if form.name else "请填写姓名。",
        "password": weakness(form.password, form.username),
    } | _post_problems(form.role, form.department_id)  # fmt: skip
    _refuse(problems)
    person = Staff(
        username=form.username, name=form.name, password_hash=hash_password(form.password),
        must_change_password=True, created_at=clock.now(),
    )  # fmt: skip
    session().add(person)
    session().flush()
    _add_post(person, Role(form.role), form.department_id)
    _log(by, "create_staff", person.username)
    return person


def add_membership(staff_id: int, role: str, department_id: int | None, by: Person) -> None:
    """One more post. Raises `BadInput` for a post already held or one that must be kept apart."""
    person = _active(staff_id)
    _refuse(_post_problems(role, department_id))
    held: set[tuple[str, int | None]] = {(one.role, one.department_id) for one in _posts(staff_id)}
    if (Role(role), department_id) in held:
        raise BadInput("此人已有这个岗位。")
    roles = {one for one, _ in held}
    for some, others in APART:
        if (role in some and roles & others) or (role in others and roles & some):
            raise BadInput("回访员不能兼任承办岗位，审计员不能兼任管理员。")
    _add_post(person, Role(role), department_id)
    _log(by, "add_membership", f"{person.username} {Role(role).label}")


def set_skills(staff_id: int, skills: list[str], by: Person) -> None:
    """The special desks a person sits at. Raises `BadInput` for one nobody knows."""
    if not set(skills) <= set(Desk):
        raise BadInput("没有这个专席。")
    person = _active(staff_id)
    person.skills = [one.value for one in Desk if one in skills]
    _log(by, "set_skills", f"{person.username} {'、'.join(one.label for one in Desk if one in skills) or '无专席'}")


def end_membership(membership_id: int, by: Person) -> None:
    """End one post today."""
    _keep_an_administrator(Membership.id != membership_id)
    post = session().get(Membership, membership_id, with_for_update=True)
    if post is None or post.valid_to is not None:
        raise NotFound("没有找到这个岗位，或已结束。")
    post.valid_to = clock.city_day(clock.now())
    person = session().get_one(Staff, post.staff_id)
    _log(by, "end_membership", f"{person.username} {post.role.label}")


def reset_password(staff_id: int, password: str, by: Person) -> None:
    """Set a password that must be changed at the next sign-in; all sessions end, a lock is lifted."""
    person = _active(staff_id)
    _refuse({"password": weakness(password, person.username)})
    _set_password(person, password)
    person.must_change_password, person.failed_logins, person.locked_until = True, 0, None
    _log(by, "reset_password", person.username)


def change_password(me: Person, current: str, fresh: str) -> int:
    """One's own password; all other sessions end. The new session epoch. Raises `BadInput` by field."""
    person = _active(me.id)
    same = fresh == current
    problem = "新密码不能与原密码相同。" if same else weakness(fresh, person.username)
    _refuse(
        {"current": "" if matches(person.password_hash, current) else "原密码不正确。", "password": problem}
    )
    _set_password(person, fresh)
    person.must_change_password = False
    return person.session_epoch


def end_staff(staff_id: int, by: Person) -> None:
    """End an account today: all its posts and sessions end with it; what it did stays its own."""
    if staff_id == by.id:
        raise Forbidden("不能停用自己的账号，请由另一位管理员办理。")
    _keep_an_administrator(Membership.staff_id != staff_id)
    person, today = _active(staff_id), clock.city_day(clock.now())
    person.valid_to, person.session_epoch = today, person.session_epoch + 1
    for post in _posts(staff_id):
        post.valid_to = today
    _log(by, "end_staff", person.username)


def weakness(password: str, username: str) -> str:
    """What is wrong with a new password, "" when nothing is."""
    if len(password) < MIN_LENGTH:
        return f"密码至少{MIN_LENGTH}位。"
    if len(set(password)) < 4 or username in password:
        return "密码过于简单，请勿重复字符或包含账号。"
    return ""


def _active(staff_id: int) -> Staff:
    person = session().get(Staff, staff_id, with_for_update=True)
    if person is None or person.valid_to is not None:
        raise NotFound(NO_PERSON)
    return person


def _posts(staff_id: int) -> list[Membership]:
    query = select(Membership).where(Membership.staff_id == staff_id, Membership.valid_to.is_(None))
    return list(session().execute(query).scalars())


def _keep_an_administrator(others: ColumnElement[bool]) -> None:
    """Refuse unless an administrator remains among `others`; their rows are held, so two can't end each other."""
    query = (
        select(Membership.id, others)
        .join(Staff, Staff.id == Membership.staff_id)
        .where(Membership.role == Role.ADMINISTRATOR, Membership.valid_to.is_(None), Staff.valid_to.is_(None))
        .order_by(Membership.id).with_for_update(of=Membership)
    )  # fmt: skip
    if not any(stays for _, stays in session().execute(query)):
        raise Forbidden(LAST_ADMINISTRATOR)


def _post_problems(role: str, department_id: int | None) -> dict[str, str]:
    unit = session().get(Department, department_id) if department_id else None
    return {
        "role": "" if role in ASSIGNABLE else "请选择岗位。",
        "department": "" if unit is not None and unit.valid_to is None else "请选择有效的单位。",
    }


def _add_post(person: Staff, role: Role, department_id: int | None) -> None:
    today = clock.city_day(clock.now())
    session().add(Membership(staff_id=person.id, role=role, department_id=department_id, valid_from=today))


def _set_password(person: Staff, password: str) -> None:
    person.password_hash = hash_password(password)
    person.session_epoch += 1


def _refuse(problems: dict[str, str]) -> None:
    wrong = {field: sentence for field, sentence in problems.items() if sentence}
    if wrong:
        raise BadInput(**wrong)


def _log(by: Person, what: str, words: str) -> None:
    """One row a deed, in the log that can't be changed and that the auditor reads."""
    post = by.post_with(frozenset({Role.ADMINISTRATOR})) or by.posts[0]
    session().add(
        AccessLog(
            staff_id=by.id, role=post.role, department_id=post.department_id, ticket_no=None, what=what,
            reason=words, at=clock.now(),
        )
    )  # fmt: skip
