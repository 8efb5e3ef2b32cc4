"""A ruling changes the duty list with the case: a new version, the old row ended, the minutes as its basis."""

from functools import cache

import pytest
import time_machine
from sqlalchemy import delete, func, select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Assignment, Consultation, DutyRowRecord, RuleVersion
from hotline.tickets import rulebook
from hotline.tickets.duty_change import row_today
from hotline.tickets.find import shown_number
from tests.conftest import empty_tables
from tests.journeys.front_door import do
from tests.journeys.test_meeting_and_ruling import CALL, RULE, returned_twice
from tests.makers import ticket

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"


@pytest.fixture
def city_stays(desk):
    """Whatever a test adds to the duty list is taken away again."""
    newest = session().execute(select(func.max(RuleVersion.id))).scalar_one()
    yield desk
    empty_tables()
    with transaction() as current:
        current.execute(delete(DutyRowRecord).where(DutyRowRecord.version_id > newest))
        current.execute(delete(RuleVersion).where(RuleVersion.id > newest))
    rulebook.forget()


def rows():
    """The rows of the newest version by their conditions."""
    newest = select(func.max(RuleVersion.id)).where(RuleVersion.kind == "duty-list")
    found = session().execute(select(DutyRowRecord).where(DutyRowRecord.version_id == newest.scalar_subquery()))
    return {(r.matter_code, r.area, r.object, r.time, r.lead, r.valid_from): r for r in found.scalars()}


@time_machine.travel(TUESDAY, tick=True)
def test_a_ruling_takes_the_place_of_a_row_or_adds_one_in_its_own_transaction(web, signed_in, city_stays):
    signed_in = cache(signed_in)
    no, url = returned_twice(web, signed_in)
    boss, before, old = signed_in("supervisor1"), rows(), row_today(ticket(no))
    today = clock.city_day(clock.now())
    do(boss, f"{url}/meeting", **CALL)
    assert f"第{old.id}行" in boss.get(url).text
    plain = next(row for row in before.values() if not (row.area or row.time) and row.valid_to is None)
    rival = RULE | {"change": "add", "matter_code": plain.matter_code, "object": plain.object}
    refused = boss.post(url, data=rival)
    assert (refused.status_code, "条件相同且同时有效" in refused.text) == (422, True)
    assert boss.post(url, data=RULE | {"change": "add", "matter_code": "9999"}).status_code == 422
    accused = boss.post(url, data=RULE | {"change": "replace", "seen_row": old.id, "co_departments": "cgj"})
    assert (accused.status_code, rows().keys()) == (422, before.keys())
    unseen = boss.post(url, data=RULE | {"change": "replace", "seen_row": old.id - 1})
    assert (unseen.status_code, "确责清单刚刚更新过" in unseen.text) == (422, True)
    do(boss, url, **RULE, change="replace", seen_row=old.id)
    after = rows()
    same = (old.matter_code, old.area, old.object, old.time)
    (new,) = [row for key, row in after.items() if key not in before]
    assert ((new.matter_code, new.area, new.object, new.time), new.lead, new.co_units) == (same, "cgj", ["hbj"])
    assert (new.valid_from, new.valid_to, new.basis) == (today, None, f"会商纪要（2026-03-10，工单{shown_number(no)}）")
    ended = after[(*same, old.lead, old.valid_from)]
    assert (ended.valid_to is not None, len(after)) == (True, len(before) + 1)
    share = select(Assignment.duty_row_id).where(Assignment.ticket_no == no, Assignment.round == 3, Assignment.is_lead)
    meeting = session().execute(select(Consultation).where(Consultation.ticket_no == no)).scalar_one()
    assert meeting.duty_row_id == session().execute(share).scalar_one() == new.id
    assert row_today(ticket(no)).lead == "cgj"
    assert "会商裁定，工单" in boss.get("/board/duty-list").text
    narrow, url = returned_twice(web, signed_in, form_key="another")
    do(boss, f"{url}/meeting", **CALL)
    added = {"change": "add", "matter_code": old.matter_code, "area": "", "object": "浇筑混凝土"}
    do(boss, url, **(RULE | {"department": "rsj"}), **added)
    assert (row_today(ticket(narrow)).lead, row_today(ticket(narrow)).object) == ("rsj", "浇筑混凝土")
    assert len(rows()) == len(before) + 2
