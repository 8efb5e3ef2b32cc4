"""The page of time limits: a new row is a new version, the old one ends the day before, running clocks keep theirs."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import RuleVersion, TimeLimitRecord
from hotline.tickets.limit_rows import COPIED, KIND, newest_version, rows_of
from hotline.tickets.rulebook import forget
from tests.journeys.front_door import clock_of, do, entry, login_of, write
from tests.journeys.test_return_and_redispatch import ask
from tests.web.counting import statements

TUESDAY = "2026-03-10T02:00:00+00:00"
ROW = {"step": "handle", "request_type": "complaint", "urgency": "*", "value": "12", "unit": "working_hours",
       "cap": "2", "cap_unit": "working_days", "valid_from": "2026-03-12", "why": "市里会议决定"}  # fmt: skip


@pytest.fixture
def old_version(desk):
    """The rules outlive a test: what it adds is taken away."""
    before = newest_version()
    yield before
    session().rollback()
    with transaction() as current:
        current.execute(delete(TimeLimitRecord).where(TimeLimitRecord.version_id > before))
        current.execute(delete(RuleVersion).where(RuleVersion.id > before, RuleVersion.kind == KIND))


def complaint_rows(version):
    """First day, last day, length and cap of the rows for complaints of any urgency, in a version."""
    return [(one.valid_from, one.valid_to, one.value, one.unit, one.cap) for one in rows_of(version)
            if (one.step, one.request_type, one.urgency) == ("handle", "complaint", "*")]  # fmt: skip


def test_a_new_row_ends_the_old_one_and_leaves_running_clocks_and_history_alone(web, signed_in, old_version):
    begun = (date(2025, 1, 1), None, 5, "working_days", None)
    with time_machine.travel(TUESDAY, tick=True):
        no, admin = write(web), signed_in("admin")
        page = admin.get("/admin/limits").text
        assert "如果现在受理，将于3月17日 24:00到期" in page
        assert "次一工作日起算，最后一天24:00截止" in page
        due, version = clock_of(no, "handle").due_at, clock_of(no, "handle").limit_version
        assert admin.post("/admin/limits", data=ROW).status_code == 303
        page = admin.get("/admin/limits").text
        assert "12个工作小时，最长2个工作日" in page.partition("尚未生效")[2]
        assert "办理、投诉、不限自2026-03-12起12个工作小时，最长2个工作日：市里会议决定" in page
    assert complaint_rows(old_version) == [begun], "history is never edited"
    now = newest_version()
    assert sorted(complaint_rows(now)) == [
        (date(2025, 1, 1), date(2026, 3, 11), *begun[2:]), (date(2026, 3, 12), None, 12, "working_hours", 2)
    ]  # fmt: skip
    assert len(rows_of(now)) == len(rows_of(old_version)) + 1
    assert session().get_one(RuleVersion, now).imported_by is not None
    assert (clock_of(no, "handle").due_at, clock_of(no, "handle").limit_version) == (due, version)
    with time_machine.travel("2026-03-12T02:00:00+00:00", tick=True):
        later = write(web, form_key="later")
        assert clock_of(later, "handle").limit_version == now, "what begins now has the new version"
        do(signed_in(login_of(no)), f"/department/{no}/sign")
        assert clock_of(no, "handle").due_at == due


def defaults(admin):
    """The table of the defaults that stand in."""
    return admin.get("/admin/limits").text.partition("系统默认")[2].partition("</table>")[0]


@time_machine.travel(TUESDAY, tick=True)
def test_a_city_without_rows_for_alarm_decision_and_meeting_has_its_clocks_by_default(web, signed_in, old_version):
    with transaction() as current:
        version = RuleVersion(kind=KIND, imported_at=clock.now(), source="旧版导入")
        current.add(version)
        current.flush()
        for one in rows_of(old_version):
            if one.step not in ("decide", "meeting", "alarm"):
                current.add(TimeLimitRecord(version_id=version.id, **{name: getattr(one, name) for name in COPIED}))
    forget()
    no, danger = write(web), write(web, "楼道里着火了，浓烟很大，有人被困，请快来。", emergency_seen="1")
    ask(signed_in, no)
    spans = [clock_of(*one).due_at - clock_of(*one).started_at for one in ((no, "decide"), (danger, "alarm"))]
    assert spans == [timedelta(hours=5.5), timedelta(minutes=5)], "four working hours, with the noon break"
    assert clock_of(no, "decide").limit_id is None
    do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{entry(no, 'ask_return').data['asked']}",
       decision="refused", words="理由不成立，请继续办理")  # fmt: skip
    assert clock_of(no, "decide").met_at
    admin = signed_in("admin")
    assert [one in defaults(admin) for one in ("会商裁定", "处置警示", "督办回复")] == [True, True, False]
    own = ROW | {"step": "meeting", "request_type": "*", "valid_from": "2026-03-10"}
    assert admin.post("/admin/limits", data=own).status_code == 303
    assert "会商裁定" not in defaults(admin)


NONSENSE = [
    ("valid_from", "2026-03-09", "已经过去的时限不能改"),
    ("valid_from", "下周", "请选择今天或以后"),
    ("value", "0", "按天计算的时限至少为1"),
    ("value", "99999", "不能大于10000"),
    ("value", "五", "请填写整数和单位"),
    ("unit", "weeks", "请填写整数和单位"),
    ("cap", "3", "须大于时限"),
    ("cap_unit", "", "须同时填写"),
    ("cap", "三", "上限须为整数"),
    ("step", "sleep", "请从列表中选择"),
    ("why", "", "请写明修改的原因"),
]


@time_machine.travel(TUESDAY, tick=True)
def test_nonsense_is_refused_in_chinese_and_keeps_what_was_typed(signed_in, old_version):
    admin, good = signed_in("admin"), ROW | {"value": "5", "unit": "working_days", "cap": "9", "why": "为了试行"}
    for field, value, sentence in NONSENSE:
        answer = admin.post("/admin/limits", data=good | {field: value})
        assert answer.status_code == 422, field
        assert sentence in answer.text, field
        assert 'value="为了试行"' in answer.text or field == "why"
    assert newest_version() == old_version


@time_machine.travel(TUESDAY, tick=True)
def test_a_row_that_overlaps_a_later_one_is_refused_and_the_page_costs_few_statements(desk, signed_in, old_version):
    admin = signed_in("admin")
    assert admin.post("/admin/limits", data=ROW).status_code == 303
    for day in ("2026-03-12", "2026-03-11"):
        answer = admin.post("/admin/limits", data=ROW | {"valid_from": day})
        assert answer.status_code == 422
        assert "同一时限已有自2026-03-12起的规定" in answer.text
    assert admin.post("/admin/limits", data=ROW | {"valid_from": "2026-03-13"}).status_code == 303
    versions = select(RuleVersion.id).where(RuleVersion.id > old_version, RuleVersion.kind == KIND)
    assert len(session().execute(versions).all()) == 2
    assert admin.get("/admin/limits").status_code == 200
    with statements() as sent:
        assert admin.get("/admin/limits").status_code == 200
    assert len(sent) <= 12
