"""What the desk does with 110's messages: the hand-written files through the real door."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlalchemy import func, select

from hotline.channels import partners
from hotline.database import session, transaction
from hotline.models import InboxRow, Partner, PartnerMessage, Ticket, TicketAlias
from hotline.models.words import Confidentiality, Source, State, Step
from hotline.tickets import alarming, ending
from hotline.tickets.find import by_alias
from tests.makers import drain, person, send_demand, ticket
from tests.police110.desk_and_police import (
    PLATFORM,
    SECRET,
    deliver,
    deliver_body,
    journal,
    know_police,
    make_due,
    said,
    to_police,
)
from tests.police110.written_messages import SCENE, TO_US, message, names

ALARM = "JJ2026112000017"


@pytest.fixture
def client(desk):
    know_police()
    with time_machine.travel(SCENE, tick=False):
        yield desk.test_client()


def count(table) -> int:
    return session().execute(select(func.count()).select_from(table)).scalar_one()


def to_us(pattern: str) -> list[str]:
    return [name for name in names(pattern) if message(name)["path"].startswith(TO_US)]


def body(name: str, **changes: str) -> dict[str, str]:
    return json.loads(message(name)["body"]) | changes


def pushed_ticket() -> Ticket:
    """A ticket of ours that has been handed to 110."""
    no = send_demand("有人在湖滨广场持刀追逐他人，请快来人。", name="", phone="")
    with transaction():
        ending.transfer_emergency(ticket(no), person("dispatcher1"), "110")
    drain()
    return ticket(no)


def test_a_push_becomes_a_ticket_and_is_confirmed(client):
    answer = deliver(client, "good_push")
    assert answer.status_code == 200
    assert answer.json == {"JJDBH": ALARM, "RECEIVE": "1", "RECEIVETIME": "2026-11-20 09:15:00"}
    made = by_alias(PLATFORM, ALARM)
    assert (made.source, made.state, made.title) == (
        Source.POLICE110, State.TO_DISPATCH, "公共设施求助-井盖缺失",
    )  # fmt: skip
    assert (said(made.ticket_no).name, said(made.ticket_no).phone) == ("方小满", "+8613900001234")
    first = journal(made.ticket_no)[0]
    assert (first.step, first.actor_kind) == (Step.RECEIVE, "partner")
    assert first.data["jurisdiction"] == "望湖区公安分局湖滨派出所"


def test_a_confidential_push_stays_confidential(client):
    deliver(client, "good_push_confidential_by_hand")
    made = by_alias(PLATFORM, "JJ2026112000021")
    assert made.confidentiality is Confidentiality.CONFIDENTIAL
    assert said(made.ticket_no).phone == "+869996622333"


def test_every_good_push_is_taken(client):
    for name in to_us("good_push*"):
        assert deliver(client, name).json["RECEIVE"] == "1", name


def test_the_same_push_again_is_answered_alike_and_makes_no_second_ticket(client):
    first = deliver(client, "good_push").json
    with time_machine.travel(SCENE.timestamp() + 60):
        assert deliver(client, "good_push").json == first
    assert count(Ticket) == 1


@pytest.mark.database
def test_fifty_identical_pushes_at_once_make_one_ticket(client):
    def push(_: int) -> tuple[int, dict]:
        answer = deliver(client.application.test_client(), "good_push")
        return answer.status_code, answer.json

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(push, range(50)))
    assert {status for status, _ in answers} == {200}
    assert len({json.dumps(answer) for _, answer in answers}) == 1
    assert count(Ticket) == count(InboxRow) == count(TicketAlias) == 1


def test_another_body_for_the_same_alarm_amends_the_ticket_once(client):
    deliver(client, "good_push")
    no = by_alias(PLATFORM, ALARM).ticket_no
    for _ in range(2):
        assert deliver(client, "good_push_amended").json["RECEIVE"] == "1"
    deliver(client, "good_push")
    amended = ticket(no)
    assert amended.content_version == 2
    assert "井盖缺失" in said(no).text
    assert "扭伤脚踝" in said(no).text
    assert "扭伤脚踝" in amended.text
    assert [entry.step for entry in journal(no)] == [Step.RECEIVE, Step.AMEND]


def test_an_amendment_may_raise_urgency_and_confidentiality_and_brings_no_name_into_the_readable_copy(client):
    deliver_body(client, f"{TO_US}transfers", body("good_push", BJDHYHM="", BJDH="", LXDH=""))
    no = by_alias(PLATFORM, ALARM).ticket_no
    assert not ticket(no).has_contact
    changes = {"BJNR": "我是方小满，13900001234，楼道里着火了，有人被困！", "SFBM": "1"}
    deliver_body(client, f"{TO_US}transfers", body("good_push", **changes))
    amended = ticket(no)
    assert amended.alarm_open
    assert amended.priority == 0
    assert amended.has_contact
    assert amended.confidentiality is Confidentiality.CONFIDENTIAL
    assert (said(no).name, said(no).phone) == ("方小满", "+8613900001234")
    assert "方小满" not in amended.text
    assert "13900001234" not in amended.text


def test_a_number_that_cannot_be_read_refuses_no_alarm_and_is_kept(client):
    changes = {"LXDH": "不详", "BJDH": "12"}
    assert deliver_body(client, f"{TO_US}transfers", body("good_push", **changes)).json["RECEIVE"] == "1"
    assert said(by_alias(PLATFORM, ALARM).ticket_no).calling == "不详、12"


def test_an_ended_ticket_is_not_amended_unread(client):
    deliver(client, "good_push")
    no = by_alias(PLATFORM, ALARM).ticket_no
    with transaction():
        alarming.answer_alarm(ticket(no), person("dispatcher1"), "calmed", "已电话核实，无人有危险")
        ending.withdraw(ticket(no))
    answer = deliver(client, "good_push_amended")
    assert answer.status_code == 409
    assert answer.json["error"].startswith("该诉求的工单已结束")
    assert ticket(no).content_version == 1


@pytest.mark.parametrize("name", [*to_us("forged_*"), *to_us("old_*"), *to_us("early_*")])
def test_forged_and_stale_messages_are_refused_and_leave_nothing(client, name):
    answer = deliver(client, name)
    assert answer.status_code == 403
    assert answer.json["error"].endswith("。")
    assert count(Ticket) == count(InboxRow) == 0


@pytest.mark.parametrize("name", to_us("bad_*"))
def test_a_message_not_as_agreed_is_refused_with_a_sentence(client, name):
    answer = deliver(client, name)
    assert answer.status_code == 422
    assert answer.json["error"].endswith("。")
    assert count(Ticket) == count(InboxRow) == 0


def test_an_unsigned_or_huge_message_is_refused(client):
    assert client.post(f"{TO_US}transfers", data=b"{}").status_code == 403
    assert client.post(f"{TO_US}transfers", data=b"x" * 200_000).status_code == 413


def test_during_a_change_of_secret_both_are_taken_and_afterwards_the_new_one_only(client):
    with transaction():
        fresh = partners.rotate_secret(PLATFORM).secret
    path = f"{TO_US}transfers"
    assert deliver_body(client, path, body("good_push"), SECRET).status_code == 200
    assert deliver_body(client, path, body("good_push"), fresh).status_code == 200
    with transaction():
        partners.rotate_secret(PLATFORM)
    assert deliver_body(client, path, body("good_push"), fresh).status_code == 200
    assert deliver_body(client, path, body("good_push"), SECRET).status_code == 403


def test_a_return_of_our_push_brings_the_ticket_back_to_the_dispatcher_once(client):
    ours = pushed_ticket()
    numbers = {"FLOWID": str(ours.ticket_no), "JJDBH": "JJ2026112000033"}
    for _ in range(2):
        answer = deliver_body(client, f"{TO_US}returns", body("good_return_from_110", **numbers))
        assert answer.json == {"JJDBH": "JJ2026112000033", "RECEIVE": "1", "RECEIVETIME": "2026-11-20 09:15:00"}
    assert ticket(ours.ticket_no).state is State.TO_DISPATCH
    back = [entry for entry in journal(ours.ticket_no) if entry.step is Step.COME_BACK]
    assert len(back) == 1
    assert back[0].data["reason"].startswith("经核实，双方为消费价格争议")


def test_feedback_about_our_push_is_kept_without_numbers(client):
    ours = pushed_ticket()
    changes = {"FLOWID": str(ours.ticket_no), "CJCZQK": "民警已联系13812345678，二楼又着火了，有人被困。"}
    answer = deliver_body(client, f"{TO_US}feedback", body("good_feedback_from_110", **changes))
    assert answer.json["RECEIVE"] == "1"
    last = journal(ours.ticket_no)[-1]
    assert (last.step, last.to_state) == (Step.AMEND, State.TRANSFERRED)
    assert last.data["note"].startswith("民警已联系〔电话〕，二楼又着火了，有人被困。")
    assert "110反馈：民警已联系〔电话〕，二楼又着火了" in ticket(ours.ticket_no).text


def test_a_message_about_a_ticket_we_never_pushed_is_refused(client):
    no = send_demand()
    for number in (str(no), "2026112000000042"):
        answer = deliver_body(client, f"{TO_US}returns", body("good_return_from_110", FLOWID=number))
        assert answer.status_code == 404
    assert ticket(no).state is State.TO_DISPATCH


def test_an_ended_platform_is_not_known_any_more(client):
    with transaction():
        session().get_one(Partner, PLATFORM).ended_at = SCENE
    assert deliver(client, "good_push").status_code == 403


def test_a_dead_platform_is_tried_eight_times_and_then_given_up_loudly(client):
    deliver(client, "good_push")
    no = by_alias(PLATFORM, ALARM).ticket_no
    for _ in range(9):
        drain()
        make_due()
    [confirmation, *_] = to_police(no)
    assert (confirmation.kind, confirmation.state, confirmation.tries) == ("confirmation", "given_up", 8)
    assert confirmation.problem == "110平台没有应答。"
    assert count(PartnerMessage) >= 1
