"""Urging and supervision are seen on both sides: the department answers in its limit, the citizen reads its part."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Reminder, Summons
from hotline.models.words import State
from tests.journeys.front_door import PLAIN, VAGUE, do, entry, login_of, sent, settle, steps, work, write
from tests.makers import ticket
from tests.web.counting import statements
from tests.web.prepared_tickets import unit_id

pytestmark = pytest.mark.proof

TUESDAY = "2026-03-10T02:00:00+00:00"
ANSWER = "已安排夜间巡查，周五前约谈施工单位"
WANTED = {"reason": "repeated", "words": "三日内拿出夜间停工的办法"}


def reminders(no):
    """All of a ticket, oldest first."""
    query = select(Reminder).where(Reminder.ticket_no == no).order_by(Reminder.id)
    return session().execute(query.execution_options(populate_existing=True)).scalars().all()


def summonses(no):
    """What the ledger holds of a ticket."""
    query = select(Summons).where(Summons.ticket_no == no).order_by(Summons.id)
    return session().execute(query.execution_options(populate_existing=True)).scalars().all()


def tracked(web, no):
    """The requester's page, looked up again by number and phone."""
    do(web, "/track", ticket_no=str(no), proof="13812345678")
    return web.get(f"/track/{no}").text


def test_a_citizen_urges_the_unit_answers_and_both_read_it(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        handler = signed_in(login_of(no))
        tracked(web, no)
        do(web, f"/track/{no}/urge")
        do(signed_in("agent1"), f"/agent/tickets/{no}/urge", words="又来电话：昨夜施工到两点")
        (row,) = reminders(no)
        assert (row.times, row.by_role.value, row.words) == (2, "requester", "又来电话：昨夜施工到两点")
        assert clock.in_city(row.due_at).isoformat() == "2026-03-12T00:00:00+08:00", "one working day (default)"
        assert steps(no).count("urge") == 2
        assert sent(messages)[-1] == "department_urged"
        page = handler.get(f"/department/{no}").text
        assert "昨夜施工到两点" in page
        assert str(no) in handler.get("/department?tab=pressed").text
        assert "昨夜施工到两点" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
        assert handler.post(f"/department/{no}/reminders/{row.id}", data={"answer": "好"}).status_code == 422
        stranger = signed_in("cgj_handler")
        assert stranger.post(f"/department/{no}/reminders/{row.id}", data={"answer": ANSWER}).status_code == 404
        do(handler, f"/department/{no}/reminders/{row.id}", answer=f"{ANSWER}，电话13912345678")
        late = handler.post(f"/department/{no}/reminders/{row.id}", data={"answer": ANSWER})
        assert (late.status_code, ANSWER in late.text) == (409, True)
        assert f"回复您的催办：{ANSWER}" in tracked(web, no)
        assert "13912345678" not in tracked(web, no)
        traveller.shift(timedelta(hours=25))
        do(signed_in("supervisor1"), f"/supervision/tickets/{no}/urge", words="请今天答复")
        assert [one.times for one in reminders(no)] == [2, 1]
        assert "请今天答复" not in tracked(web, no)
        work(signed_in, no)
        assert all(one.ended_at for one in reminders(no)), "a result answers an urging"
        assert "诉求人催办" not in signed_in("dispatcher1").get("/dispatch?tab=replies").text
        before = sent(messages)
        do(web, f"/track/{no}/urge")
        assert (len(reminders(no)), sent(messages)) == (2, before), "the hotline checks: no department is late"
        assert "诉求人催办" in signed_in("dispatcher1").get("/dispatch?tab=replies").text


def test_a_joint_supervision_is_answered_by_each_unit_and_ended_by_the_supervisor(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no, other = write(web, VAGUE), write(web)
        form = {"department": "zjj", "co_departments": ["cgj"], "matter_code": "0601", "reason": "两家共同办理"}
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", **form)
        lead, helper, boss = signed_in("zjj_handler"), signed_in("cgj_handler"), signed_in("supervisor1")
        do(lead, f"/department/{no}/sign")
        path, units = f"/supervision/tickets/{no}", [unit_id("zjj"), unit_id("cgj")]
        assert boss.post(f"{path}/supervise", data=WANTED | {"words": ""}).status_code == 422
        assert boss.post(f"{path}/supervise", data=WANTED | {"units": [unit_id("rsj")]}).status_code == 422
        do(boss, f"{path}/supervise", **WANTED, units=units)
        first, second = reminders(no)
        assert {one.kind.value for one in (first, second)} == {"joint"}
        assert clock.in_city(first.due_at).isoformat() == "2026-03-13T00:00:00+08:00", "two working days (default)"
        assert sent(messages)[-2:] == ["department_supervised"] * 2
        assert boss.post(f"{path}/supervise", data=WANTED).status_code == 409, "one at a time"
        assert "三日内拿出" in helper.get(f"/department/{no}").text
        do(helper, f"/department/{no}/reminders/{second.id}", answer=ANSWER)
        assert str(no) in boss.get("/supervision?kind=joint&department=zjj").text.replace(" ", "")
        assert str(no) not in boss.get("/supervision?kind=urge").text.replace(" ", "")
        assert str(other) not in boss.get("/supervision").text.replace(" ", "")
        traveller.shift(timedelta(days=4))
        boss = signed_in("supervisor1")
        do(boss, f"{path}/reminders/{second.id}/end", words="已约谈并整改")
        with statements() as counted:
            page = boss.get("/supervision").text
        assert "督办按时回复率" in page
        assert len(counted) <= 10, counted
        listed = "/board/tickets?figure=supervisions_answered"
        assert "1 件" in boss.get(f"{listed}&part=all&department=zjj").text
        assert "0 件" in boss.get(f"{listed}&part=counted&department=zjj").text
        assert "1 件" in boss.get(f"{listed}&part=counted&department=cgj").text
        work(signed_in, no)
        assert [bool(one.ended_at) for one in reminders(no)] == [False, True], "a result ends no supervision"
        do(boss, f"{path}/reminders/{first.id}/end", words="办理结果已经核实")
        assert entry(no, "end_supervision").data["note"] == "办理结果已经核实"
        assert "热线督办" in tracked(web, no)
        assert not {"supervise", "urge"} & set(steps(other))


def test_an_interview_has_its_date_persons_commitments_and_follow_up(web, signed_in, messages):
    no, too, apart = write(web), write(web, PLAIN + "谢谢。"), write(web, PLAIN + "请尽快。")
    boss, path = signed_in("supervisor1"), f"/supervision/tickets/{no}"
    assert boss.post(f"{path}/summons", data={"kind": "listed", "reason": "多次退单推诿"}).status_code == 422
    do(boss, f"{path}/summons", kind="interview", reason="多次退单推诿")
    for more in (too, apart):
        do(boss, f"/supervision/tickets/{more}/summons", kind="interview", reason="多次退单推诿")
    (row,), (with_it,) = summonses(no), summonses(too)
    unit, stranger = signed_in(login_of(no)), signed_in("cgj_handler")
    assert "约谈" not in unit.get(f"/department/{no}").text, "what is only proposed is the supervisor's"
    assert f"/department/{no}" not in unit.get("/department/summons").text
    held = {"held_on": "2026-11-20", "persons": "王局长", "commitments": "一周内办结", "follow_up_on": "2026-11-19"}
    refused = boss.post(f"{path}/summons/{row.id}", data=held)
    assert (refused.status_code, "王局长" in refused.text) == (422, True)
    both = held | {"follow_up_on": "2026-11-27", "persons": "王局长，电话13912345678", "also": str(with_it.id)}
    do(boss, f"{path}/summons/{row.id}", **both)
    assert "2026年11月27日" in boss.get("/supervision/summons").text
    assert ["summon" in steps(one) for one in (no, too, apart)] == [True, True, False], "on each ticket it was about"
    assert entry(no, "summon").data["reason"].endswith("2026-11-20，2026-11-27回头看")
    assert sent(messages)[-2:] == ["department_summoned"] * 2
    told = unit.get("/department/summons").text
    assert [f"/department/{one}" in told for one in (no, too, apart)] == [True, True, False]
    page = unit.get(f"/department/{no}").text
    assert ["一周内办结" in page, "王局长" in page, "13912345678" in page] == [True, True, False]
    assert "/department/2" not in stranger.get("/department/summons").text
    again = {**held, "follow_up_on": "2026-11-27", "also": str(with_it.id)}
    gone = boss.post(f"/supervision/tickets/{apart}/summons/{summonses(apart)[0].id}", data=again)
    assert (gone.status_code, "已由他人登记" in gone.text, "一周内办结" in gone.text) == (409, True, True)
    do(boss, f"{path}/summons/{row.id}/done", outcome="承诺已经落实")
    assert "承诺已经落实" in unit.get(f"/department/{no}").text
    assert f"/department/{no}" not in unit.get("/department/summons").text
    assert str(no) not in boss.get("/supervision/summons").text.replace(" ", "")
    assert boss.post(f"{path}/summons/{row.id}/done", data={"outcome": "承诺已经落实"}).status_code == 409
    do(boss, f"{path}/summons", kind="referral", reason="多次约谈仍不落实")
    do(boss, f"{path}/summons/{summonses(no)[-1].id}", **held | {"follow_up_on": "2026-12-27", "persons": "市监委"})
    assert "市监委" in boss.get(path).text
    assert "市监委" not in unit.get(f"/department/{no}").text + unit.get("/department/summons").text


def test_the_ledgers_hold_what_their_definition_says(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        returned, again, quiet = write(web), write(web, VAGUE), write(web, PLAIN + "谢谢。")
        ticket(returned).returns, ticket(again).rectify_rounds, ticket(quiet).rehandles = 2, 2, 1
        session().commit()
        boss = signed_in("supervisor1")

        def held(ledger):
            page = boss.get(f"/supervision/ledgers/{ledger}").text
            return [f"tickets/{one}" in page for one in (returned, again, quiet)]

        assert held("shirked") == [True, False, False]
        assert held("poorly_handled") == [False, True, False]
        assert held("undecided") == [False, False, False]
        traveller.shift(timedelta(days=40))
        boss = signed_in("supervisor1")
        assert held("undecided") == [True, True, True]
        assert "40 天" in boss.get("/supervision/ledgers/undecided").text
        assert boss.get("/supervision/ledgers/none").status_code == 404


def test_a_closed_case_takes_its_supervision_with_it(web, signed_in, messages):
    no = write(web)
    boss = signed_in("supervisor1")
    do(boss, f"/supervision/tickets/{no}/supervise", **WANTED, listed="1")
    settle(signed_in, no)
    tracked(web, no)
    assert web.post(f"/track/{no}/review", data={"grade": "5", "solved": "solved"}).status_code == 200
    assert ticket(no).state is State.CLOSED
    (row,) = reminders(no)
    assert (row.kind.value, row.ended_at is not None) == ("listed", True)
    assert boss.post(f"/supervision/tickets/{no}/supervise", data=WANTED).status_code == 409
