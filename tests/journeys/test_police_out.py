"""12345 → 110: a police matter told to us is pushed to the real counterpart, which feeds back or returns it."""

import pytest
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import OutboxRow, Partner
from hotline.models.words import State, Step
from hotline.tickets import ending
from hotline.tickets.find import by_alias
from tests.journeys.served_desk import both_platforms, taken
from tests.makers import drain, person, send_demand, ticket
from tests.police110.desk_and_police import PLATFORM, journal, know_police, to_police
from tests.police110.test_counterpart import submit, wait_for

FIGHT = "湖滨广场有两伙人打架，其中一人持刀，请快派警察。"


def handed_over(line: str = "110") -> int:
    no = send_demand(FIGHT)
    with transaction():
        ending.transfer_emergency(ticket(no), person("dispatcher1"), line)
    drain()
    return no


def steps(no: int) -> list[Step]:
    session().rollback()
    return [entry.step for entry in journal(no)]


def test_a_pushed_ticket_gets_its_alarm_number_then_feedback_then_comes_back(desk, tmp_path):
    with both_platforms(desk, tmp_path) as address:
        no = handed_over()
        [case] = taken(tmp_path, "/v1/transfers")
        assert (case["FLOWID"], case["BJNR"]) == (str(no), FIGHT)
        assert (case["BJDHYHM"], case["LXDH"]) == ("陈桂芳", "13812345678")
        [pushed] = to_police(no)
        assert (pushed.kind, pushed.state) == ("push", "confirmed")
        assert by_alias(PLATFORM, pushed.number).ticket_no == no
        submit(address, "/feedback", FLOWID=str(no), words="民警已到场，双方已分开，陈桂芳无碍。")
        wait_for(lambda: Step.AMEND in steps(no))
        assert journal(no)[-1].data["note"].startswith("民警已到场，双方已分开，〔姓名〕无碍。")
        submit(address, "/returns", FLOWID=str(no), words="后续为经济纠纷，请12345办理。")
        wait_for(lambda: Step.COME_BACK in steps(no))
    assert ticket(no).state is State.TO_DISPATCH
    assert ticket(no).closing_reason is None
    assert journal(no)[-1].data["reason"] == "后续为经济纠纷，请12345办理。"


def test_the_fire_brigade_has_no_link_and_110_hears_nothing_of_it(desk, tmp_path):
    with both_platforms(desk, tmp_path):
        no = handed_over("119")
    assert to_police(no) == []
    assert taken(tmp_path, "/v1/transfers") == []


@pytest.mark.usefixtures("desk")
def test_without_a_platform_the_push_stays_and_says_why():
    know_police()
    with transaction():
        session().get_one(Partner, PLATFORM).ended_at = session().get_one(Partner, PLATFORM).created_at
    no = handed_over()
    waiting = select(OutboxRow).where(OutboxRow.ticket_no == no, OutboxRow.kind == "push_to_police")
    assert session().execute(waiting).scalar_one().problem == "没有登记可用的110平台，请改用电话转办。"
