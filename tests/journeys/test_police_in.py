"""110 → 12345: an alarm pushed by the real counterpart becomes a closed case, and 110 hears of every turn."""

import pytest
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import Invitation, OutboxRow, TicketAlias
from hotline.models.words import ClosingReason, Grade, RefusalReason, Solved, State
from hotline.tickets import call_back, checking, ending, handle, rate
from hotline.tickets.refusing import refuse
from tests.journeys.served_desk import both_platforms, taken
from tests.makers import ALONE, GOOD_REPLY, PLACE, PLAIN, drain, person, ticket, unit_of
from tests.police110.desk_and_police import know_police, make_due, to_police
from tests.police110.test_counterpart import page, submit, wait_for


def newest_alias() -> TicketAlias | None:
    session().rollback()
    return session().execute(select(TicketAlias).order_by(TicketAlias.ticket_no.desc())).scalars().first()


def pushed(address: str, **form: str) -> int:
    """An alarm typed at 110; the number of the ticket it became."""
    submit(address, "/alarms", **{"BJNR": PLAIN, "BJDZ": PLACE, "BJDH": "13900001234", "BJDHYHM": "方小满", **form})
    wait_for(newest_alias)
    return newest_alias().ticket_no


def work_to_the_callback(no: int) -> None:
    handler, lead = unit_of(no), unit_of(no, "lead")
    with transaction():
        handle.sign(ticket(no), handler)
    with transaction():
        handle.reply(ticket(no), handler, GOOD_REPLY)
    with transaction():
        handle.submit(ticket(no), lead, ALONE)
    with transaction():
        checking.pass_check(ticket(no), person("dispatcher1"))
    with transaction():
        form = call_back.CallbackForm(True, True, Solved.SOLVED, Grade.BASICALLY_SATISFIED, "方小满说安静了")
        call_back.record_callback(ticket(no), person("callback1"), form)


def review(no: int) -> None:
    invitation = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    with transaction():
        rate.give_review(invitation, rate.ReviewForm("5", "solved"), "link")


def test_an_alarm_is_handled_to_the_closed_case_and_110_hears_of_every_turn(desk, tmp_path):
    with both_platforms(desk, tmp_path) as address:
        no = pushed(address)
        drain()
        assert ticket(no).state is State.TO_SIGN
        work_to_the_callback(no)
        drain()
        review(no)
        drain()
        assert "03 已回访" in page(address)
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    alarm = taken(tmp_path, "/v1/confirmations")
    assert [one["RECEIVE"] for one in alarm] == ["1"]
    dispatched, result, revisit = taken(tmp_path, "/v1/results")
    assert {one["JJDBH"] for one in (dispatched, result, revisit)} == {alarm[0]["JJDBH"]}
    assert {one["FLOWID"] for one in (dispatched, result, revisit)} == {str(no)}
    assert (dispatched["DYYY"], dispatched["JQCLJGSM"]) == ("1", "办理中")
    assert (result["DYYY"], result["JQCLJGSM"]) == ("1", GOOD_REPLY.public_reply)
    assert (revisit["DYYY"], revisit["CLJGDM"], revisit["CLJGMC"]) == ("3", "3", "一般")
    assert revisit["DHHFHSQK"] == "解决了；〔姓名〕说安静了"
    assert {one.state for one in to_police(no)} == {"confirmed"}
    assert session().execute(select(OutboxRow)).first() is None


def test_a_refused_alarm_goes_back_to_110_with_the_reason(desk, tmp_path):
    with both_platforms(desk, tmp_path) as address:
        no = pushed(address, BJNR="想让12345帮忙查一下前女友的住址。")
        with transaction():
            reason = "个人住址依法不予提供，请通过司法途径办理。"
            refuse(ticket(no), person("dispatcher1"), reason, RefusalReason.SECRET)
        drain()
        assert "05 已退回" in page(address)
    [returned] = taken(tmp_path, "/v1/results")
    assert (returned["DYYY"], returned["HANDLEBMNAME"]) == ("2", "江州市12345热线")
    assert returned["HANDLEOPINION"] == "个人住址依法不予提供，请通过司法途径办理。"


def test_an_alarm_that_is_a_police_matter_after_all_goes_back_instead_of_being_pushed_anew(desk, tmp_path):
    with both_platforms(desk, tmp_path) as address:
        no = pushed(address, BJNR="隔壁的人刚才持刀威胁我，现在还在门口。")
        with transaction():
            ending.transfer_emergency(ticket(no), person("dispatcher1"), "110")
        drain()
    assert [one["DYYY"] for one in taken(tmp_path, "/v1/results")] == ["2"]
    assert taken(tmp_path, "/v1/transfers") == []


@pytest.mark.queue
def test_reports_wait_while_110_is_away_and_arrive_when_it_is_back(desk, tmp_path):
    with both_platforms(desk, tmp_path) as address:
        know_police("http://127.0.0.1:9")
        no = pushed(address)
        drain()
        assert {(one.state, one.tries) for one in to_police(no)} == {("waiting", 1)}
        know_police(address)
        drain()
        assert {one.state for one in to_police(no)} == {"waiting"}, "the back-off has not passed"
        make_due()
        drain()
        assert {one.state for one in to_police(no)} == {"confirmed"}
    assert len(taken(tmp_path, "/v1/confirmations")) == 1
