"""The administrator's pages: rights, people, passwords, settings, dead letters, models; the auditor's log."""

import itertools
import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import ProgrammingError

from hotline import clock
from hotline.database import session, transaction
from hotline.models import AccessLog, Membership, ModelVersion, OutboxRow, Setting, Staff
from hotline.models.words import Role
from hotline.tickets import rulebook
from tests.makers import send_demand

PAGES = ("staff", "departments", "dead-letters", "settings", "models")
GOOD = "correct-horse-9"
NUMBERS = itertools.count(1)


@pytest.fixture
def newcomer(signed_in):
    """An account made on screen for this test only, taken away after it: people outlive a test."""
    username = f"neu{next(NUMBERS)}"
    form = {"login": username, "name": "新同事", "password": GOOD, "role": "agent", "department": "rx"}
    answer = signed_in("admin").post("/admin/staff", data=form)
    assert answer.status_code == 303, answer.text
    yield session().execute(select(Staff).where(Staff.username == username)).scalar_one()
    session().rollback()
    with transaction() as current:
        mine = select(Staff.id).where(Staff.username == username)
        current.execute(delete(Membership).where(Membership.staff_id.in_(mine)))
        current.execute(delete(Staff).where(Staff.username == username))


def fresh(row):
    """The row as it stands in the database."""
    session().rollback()
    session().refresh(row)
    return row


def sign_in(desk, username: str, password: str):
    browser = desk.test_client()
    return browser, browser.post("/login", data={"login": username, "password": password})


def deeds() -> list[str]:
    return list(session().execute(select(AccessLog.what).order_by(AccessLog.id)).scalars())


def staff_id(username: str) -> int:
    return session().execute(select(Staff.id).where(Staff.username == username)).scalar_one()


class TestRights:
    def test_only_the_administrator_opens_these_pages_and_only_the_auditor_the_log(self, signed_in):
        admin, auditor = signed_in("admin"), signed_in("auditor")
        for page in PAGES:
            shown = admin.get(f"/admin/{page}")
            assert (shown.status_code, 'href="/admin/staff" aria-current="page">管理' in shown.text) == (200, True), page
            assert auditor.get(f"/admin/{page}").status_code == 403
            assert signed_in("kbeditor").get(f"/admin/{page}").status_code == 403
        assert auditor.get("/admin/access-log").status_code == 200
        assert admin.get("/admin/access-log").status_code == 403

    def test_nobody_else_changes_anything(self, signed_in):
        other = signed_in("kbapprover")
        for path in ("staff", "staff/1/password", "staff/1/end", "staff/1/memberships", "memberships/1/end",
                     "settings", "dead-letters/1/retry", "models/x/activate"):  # fmt: skip
            assert other.post(f"/admin/{path}").status_code == 403, path

    def test_neither_administrator_nor_auditor_sees_a_ticket(self, signed_in):
        no = send_demand()
        for username in ("admin", "auditor"):
            browser = signed_in(username)
            for page in (
                f"/dispatch/{no}",
                f"/department/{no}",
                f"/board/tickets/{no}",
                f"/tickets/{no}/files/1",
            ):
                assert browser.get(page).status_code in (403, 404), page
            assert browser.post(f"/tickets/{no}/identity", data={"reason": "只是看看"}).status_code == 403


class TestPeople:
    def test_a_newcomer_sets_an_own_password_before_anything_else(self, desk, newcomer):
        browser, answer = sign_in(desk, newcomer.username, GOOD)
        assert answer.status_code == 303
        assert browser.get("/entries").headers["Location"].endswith("/password")
        assert browser.get("/password").status_code == 200
        form = {"current": GOOD, "password": "my-own-words-7", "again": "my-own-words-7"}
        for wrong, sentence in (
            (dict.fromkeys(form, ""), "请填写原密码"), ({"again": "other"}, "不一致"), ({"current": "guessed"}, "原密码不正确"),
            ({"password": "short", "again": "short"}, "至少10位"), ({"password": GOOD, "again": GOOD}, "不能与原密码相同"),
            ({"password": newcomer.username + "-12345", "again": newcomer.username + "-12345"}, "过于简单"),
        ):  # fmt: skip
            refused = browser.post("/password", data=form | wrong)
            assert refused.status_code == 422
            assert sentence in refused.text
            assert not ("请填写" in refused.text and "不能与原密码相同" in refused.text)
        assert browser.post("/password", data=form).status_code == 303
        assert browser.get("/entries").status_code == 200
        assert sign_in(desk, newcomer.username, GOOD)[1].status_code == 401

    def test_a_reset_ends_every_session_and_asks_for_an_own_password_again(self, desk, newcomer, signed_in):
        browser, _ = sign_in(desk, newcomer.username, GOOD)
        reset = f"/admin/staff/{newcomer.id}/password"
        assert (
            "密码已重设"
            in signed_in("admin").post(reset, data={"password": "other-words-8"}, follow_redirects=True).text
        )
        assert browser.get("/password").headers["Location"].startswith("/login")
        browser, answer = sign_in(desk, newcomer.username, "other-words-8")
        assert answer.status_code == 303
        assert browser.get("/entries").headers["Location"].endswith("/password")

    def test_a_reset_lifts_a_lock(self, newcomer, signed_in):
        with transaction():
            newcomer.locked_until = clock.now() + timedelta(minutes=5)
        admin = signed_in("admin")
        assert "已锁定" in admin.get(f"/admin/staff?q={newcomer.username}").text
        admin.post(f"/admin/staff/{newcomer.id}/password", data={"password": "other-words-8"})
        assert fresh(newcomer).locked_until is None

    def test_a_short_password_or_a_taken_or_odd_login_is_refused_and_the_rest_kept(self, signed_in):
        admin = signed_in("admin")
        form = {
            "login": "someone",
            "name": "留住的名字",
            "password": GOOD,
            "role": "agent",
            "department": "rx",
        }
        for wrong, sentence in (
            ({"password": "short"}, "密码至少10位"), ({"login": "agent1"}, "该账号已存在"), ({"login": "坏 名"}, "小写字母"),
            ({"role": "system"}, "请选择岗位"), ({"department": "nobody"}, "请选择有效的单位"), ({"name": ""}, "请填写姓名"),
        ):  # fmt: skip
            answer = admin.post("/admin/staff", data=form | wrong)
            assert answer.status_code == 422
            assert sentence in answer.text
            assert form["name"] in answer.text or wrong == {"name": ""}
            assert GOOD not in answer.text
        assert session().execute(select(Staff).where(Staff.username == "someone")).first() is None

    def test_posts_are_added_and_ended_and_take_effect_at_once(self, desk, newcomer, signed_in):
        admin = signed_in("admin")
        path = f"/admin/staff/{newcomer.id}/memberships"
        admin.post(path, data={"role": "kb_editor", "department": "rx"})
        again = admin.post(path, data={"role": "kb_editor", "department": "rx"}, follow_redirects=True)
        assert "已有这个岗位" in again.text
        with transaction():
            newcomer.must_change_password = False
        browser, _ = sign_in(desk, newcomer.username, GOOD)
        assert browser.get("/entries/new").status_code == 200
        held = select(Membership.id).where(
            Membership.staff_id == newcomer.id, Membership.role == Role.KB_EDITOR
        )
        admin.post(f"/admin/memberships/{session().execute(held).scalar_one()}/end")
        assert browser.get("/entries/new").status_code == 403
        assert browser.get("/entries").status_code == 200

    def test_callback_and_handling_are_kept_apart(self, newcomer, signed_in):
        admin = signed_in("admin")
        path = f"/admin/staff/{newcomer.id}/memberships"
        admin.post(path, data={"role": "callback_agent", "department": "rxhf"})
        answer = admin.post(path, data={"role": "handler", "department": "zjj"}, follow_redirects=True)
        assert "不能兼任" in answer.text

    def test_an_ended_account_is_out_at_once_and_stays_in_the_books(self, desk, newcomer, signed_in):
        browser, _ = sign_in(desk, newcomer.username, GOOD)
        signed_in("admin").post(f"/admin/staff/{newcomer.id}/end")
        assert browser.get("/password").headers["Location"].startswith("/login")
        assert sign_in(desk, newcomer.username, GOOD)[1].status_code == 401
        assert fresh(newcomer).valid_to is not None
        assert "已停用" in signed_in("admin").get(f"/admin/staff?q={newcomer.username}").text

    def test_the_last_administrator_stays(self, newcomer, signed_in):
        admin = signed_in("admin")
        only = select(Membership).where(Membership.role == Role.ADMINISTRATOR, Membership.valid_to.is_(None))
        post = session().execute(only).scalar_one()
        assert "最后一位管理员" in admin.post(f"/admin/memberships/{post.id}/end", follow_redirects=True).text
        assert "自己的账号" in admin.post(f"/admin/staff/{staff_id('admin')}/end", follow_redirects=True).text
        assert fresh(post).valid_to is None
        admin.post(
            f"/admin/staff/{newcomer.id}/memberships", data={"role": "administrator", "department": "rx"}
        )
        second = session().execute(only.where(Membership.staff_id == newcomer.id)).scalar_one()
        admin.post(f"/admin/memberships/{second.id}/end")
        assert fresh(second).valid_to is not None

    def test_every_deed_is_in_the_auditors_log_which_nobody_can_change(self, newcomer, signed_in):
        signed_in("admin").post(f"/admin/staff/{newcomer.id}/password", data={"password": "other-words-8"})
        assert deeds() == ["create_staff", "reset_password"]
        page = signed_in("auditor").get("/admin/access-log?who=管若谷").text
        assert "重设密码" in page
        assert newcomer.username in page
        assert "other-words-8" not in page
        with pytest.raises(ProgrammingError, match="access_log"):
            session().execute(text("DELETE FROM access_log"))


class TestSettings:
    def test_all_variables_and_decisions_are_listed_and_secrets_are_not_shown(self, desk, signed_in):
        page = signed_in("admin").get("/admin/settings").text
        for key in (*rulebook.DEFAULTS, "HOTLINE_PORT", "HOTLINE_DATABASE_URL"):
            assert key in page
        config = desk.extensions["hotline-config"]
        assert ".md" not in page
        assert "默认（个人信息保护法第十七条）" in page
        assert config.database_url not in page
        assert config.twilio_token not in page

    def test_a_change_holds_at_once_and_keeps_who_why_and_the_old_value(self, signed_in):
        admin = signed_in("admin")
        for value in ("9", "10"):
            form = {"key": "review_days", "value": value, "why": "市里会议决定"}
            assert admin.post("/admin/settings", data=form).status_code == 303
        session().rollback()
        assert rulebook.setting("review_days") == 10
        rows = session().execute(select(Setting).order_by(Setting.id)).scalars().all()
        assert [row.value["value"] for row in rows] == [9, 10]
        assert rows[0].who == staff_id("admin")
        assert "市里会议决定" in admin.get("/admin/settings").text

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("review_days", "seven"), ("review_days", "-1"), ("review_days", "1.5"), ("review_days", "９"),
            ("auto_dispatch_at", "1.2"), ("auto_dispatch_at", "nan"), ("auto_dispatch_at", "高"),
            ("menu", "maybe"), ("greeting", ""), ("service_hours", "always"), ("count_from", "someday"),
            ("end_of_day", "25:00"), ("no_such_key", "1"),
        ],
    )  # fmt: skip
    def test_a_value_of_the_wrong_kind_is_refused_and_kept_in_the_form(self, signed_in, key, value):
        answer = signed_in("admin").post(
            "/admin/settings", data={"key": key, "value": value, "why": "试一试"}
        )
        assert answer.status_code == 422
        assert "试一试" in answer.text
        assert session().execute(select(Setting)).first() is None

    def test_yes_no_share_and_words_become_what_the_desk_reckons_with(self, signed_in):
        admin = signed_in("admin")
        for key, value, meant in (
            ("menu", "是", True), ("auto_dispatch_at", "0.85", 0.85), ("service_hours", "08:00-20:00", "08:00-20:00"),
            ("end_of_day", "18:00", "18:00"),
        ):  # fmt: skip
            assert (
                admin.post("/admin/settings", data={"key": key, "value": value, "why": "试行"}).status_code
                == 303
            )
            session().rollback()
            assert rulebook.setting(key) == meant

    def test_a_reason_is_needed(self, signed_in):
        form = {"key": "review_days", "value": "9", "why": " "}
        assert signed_in("admin").post("/admin/settings", data=form).status_code == 422


class TestWork:
    def test_a_dead_letter_is_shown_and_tried_again_with_all_its_tries(self, signed_in):
        no = send_demand()
        with transaction() as current:
            row = current.execute(select(OutboxRow).where(OutboxRow.ticket_no == no)).scalars().first()
            row.attempts, row.dead_at, row.problem = 8, clock.now(), "TimeoutError"
        admin = signed_in("admin")
        page = admin.get("/admin/dead-letters").text
        assert "TimeoutError" in page
        retry = f"/admin/dead-letters/{row.id}/retry"
        assert admin.post(retry).status_code == 303
        assert (fresh(row).attempts, row.dead_at) == (0, None)
        assert admin.post(retry).status_code == 404

    def test_another_model_is_made_the_active_one(self, signed_in):
        active = select(ModelVersion).where(ModelVersion.active)
        first = session().execute(active).scalar_one()
        values = {
            name: getattr(first, name) for name in ("card", "sha256", "seal", "storage_key", "created_at")
        }
        with transaction() as current:
            current.add(ModelVersion(version="other", active=False, **values))
        admin = signed_in("admin")
        try:
            assert admin.post("/admin/models/other/activate").status_code == 303
            session().rollback()
            assert session().execute(active).scalar_one().version == "other"
            assert admin.post("/admin/models/nonsense/activate").status_code == 404
            with transaction() as current:
                row = current.execute(select(ModelVersion).where(ModelVersion.version == first.version)).scalar_one()
                row.card = row.card | {"format": 1}
            assert "旧版本训练，不能启用" in admin.get("/admin/models").text
            admin.post(f"/admin/models/{first.version}/activate")
            assert "请重新训练" in admin.get("/admin/models").text
            session().rollback()
            assert session().execute(active).scalar_one().version == "other"
        finally:
            with transaction() as current:
                row = current.execute(select(ModelVersion).where(ModelVersion.version == first.version)).scalar_one()
                row.card = values["card"]
            admin.post(f"/admin/models/{first.version}/activate")
            with transaction() as current:
                current.execute(delete(ModelVersion).where(ModelVersion.version == "other"))

    def test_the_departments_stand_as_a_tree_with_their_people_and_duties(self, signed_in):
        page = signed_in("admin").get("/admin/departments").text
        assert page.index("江州市人民政府") < page.index("江州市12345热线中心") < page.index("回访组")
        assert re.search(r"市级部门", page)


def test_the_log_is_found_by_person_and_ticket_and_has_pages(signed_in):
    no = send_demand()
    with transaction() as current:
        for number in range(60):
            current.add(
                AccessLog(
                    staff_id=staff_id("agent1" if number else "agent2"), role=Role.AGENT, department_id=None,
                    ticket_no=no if number % 2 else None, what="identity", reason=f"第{number}次", at=clock.now(),
                )
            )  # fmt: skip
    auditor = signed_in("auditor")
    first = auditor.get("/admin/access-log").text
    assert "第59次" in first
    assert "第9次" not in first
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "第9次" in auditor.get(older).text
    assert "第0次" in auditor.get("/admin/access-log?who=agent2").text
    assert "第58次" not in auditor.get(f"/admin/access-log?ticket_no={no}").text
    assert "没有记录" in auditor.get("/admin/access-log?ticket_no=1").text
