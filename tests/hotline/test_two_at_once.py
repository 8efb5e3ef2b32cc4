"""Two people at the same ticket at the same moment: the first wins, the other gets a sentence and keeps the words.

Both requests are under way on the real application and wait for the ticket's row, which the test holds until they
stand in line; PostgreSQL serves them in that order, so each pair is tried both ways round.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from sqlalchemy import select

from hotline.background.telling import review_link
from hotline.database import session
from hotline.models import Invitation, Review
from hotline.models.words import State
from tests.fresh_browser import signed_in_as, stranger
from tests.hotline.invariants_read import broken
from tests.journeys.front_door import REPLY, steps
from tests.makers import PHONE, send_demand, ticket
from tests.web.prepared_tickets import asked_id, prepare

MOVED_ON = "工单状态已经变化"
LONGEST_WAIT = 30.0
pytestmark = pytest.mark.proof


@dataclass(frozen=True)
class Act:
    """Who sends what where, and the state it leads to; `{no}`, `{asked}` and `{other}` are filled in."""

    login: str
    path: str
    leads_to: State
    fields: dict[str, str] = field(default_factory=dict)

    def typed(self) -> list[str]:
        """The words somebody would have to write again."""
        return [words for words in self.fields.values() if not words.isascii()]


RETURN = {
    "reason_code": "not_our_duty", "reason": "该处工地属城管执法范围", "basis": "市城管局三定方案第三条",
    "proposed_department": "cgj",
}  # fmt: skip
DISPATCH = {"department": "zjj", "matter_code": "0101", "reason": "住建局负责工地夜间施工的管理"}
ANSWER = {"public_reply": "工地已被责令夜间停工，谢谢您。"}
REFUSAL = {"reason_code": "no_duty", "words": "属于合同纠纷，请向法院起诉"}
CALLED = {"connected": "yes", "contacted": "yes", "satisfied": "4", "note": "诉求人说的话记在这里"}


def decided(decision: str, words: str) -> dict[str, str]:
    """A button and the words beside it."""
    return {"decision": decision, "words": words}


MERGE = Act("dispatcher1", "/dispatch/{no}/merge", State.MERGED, {"master_no": "{other}"})
RETURNS, EXTENSIONS = "/dispatch/{no}/returns/{asked}", "/dispatch/{no}/extensions/{asked}"
PAIRS = {
    "sign, sign": (
        "to_sign", Act("zjj_handler", "/department/{no}/sign", State.HANDLING),
        Act("zjj_lead", "/department/{no}/sign", State.HANDLING)),
    "return, reply": (
        "handling", Act("zjj_handler", "/department/{no}/return", State.RETURN_PENDING, RETURN),
        Act("zjj_lead", "/department/{no}/reply", State.REPLIED, REPLY)),
    "reply, reply": (
        "handling", Act("zjj_handler", "/department/{no}/reply", State.REPLIED, REPLY),
        Act("zjj_lead", "/department/{no}/reply", State.REPLIED, REPLY)),
    "submit, send back": (
        "replied", Act("zjj_lead", "/department/{no}/submit", State.TO_CHECK),
        Act("zjj_lead", "/department/{no}/send-back", State.HANDLING, {"words": "请补充现场照片的说明"})),
    "return granted, refused": (
        "return_asked", Act("dispatcher1", RETURNS, State.TO_DISPATCH, decided("granted", "同意退回，改派城管执法")),
        Act("dispatcher2", RETURNS, State.HANDLING, decided("refused", "仍由贵单位继续办理"))),
    "extension granted, refused": (
        "extension_asked", Act("supervisor1", EXTENSIONS, State.HANDLING, decided("granted", "同意延期，请按期办结")),
        Act("supervisor2", EXTENSIONS, State.HANDLING, decided("refused", "不同意延期，请抓紧办理"))),
    "check passed, failed": (
        "to_check", Act("dispatcher1", "/dispatch/{no}/check", State.TO_CALLBACK, decided("pass", "")),
        Act("supervisor1", "/dispatch/{no}/check", State.HANDLING, decided("fail", "答复没有回应噪声的时间"))),
    "call back, call back": (
        "to_callback", Act("callback1", "/callback/{no}", State.TO_EVALUATE, CALLED | {"solved": "solved"}),
        Act("callback2", "/callback/{no}", State.REHANDLING, CALLED | {"solved": "not"})),
    "merge, direct answer": (
        "to_dispatch", MERGE, Act("dispatcher2", "/dispatch/{no}/answer", State.ANSWERED, ANSWER)),
    "merge, dispatch": (
        "to_dispatch", MERGE, Act("dispatcher2", "/dispatch/{no}/dispatch", State.TO_SIGN, DISPATCH)),
    "refuse, ask more": (
        "to_dispatch", Act("dispatcher1", "/dispatch/{no}/refuse", State.NOT_ACCEPTED, REFUSAL),
        Act("dispatcher2", "/dispatch/{no}/ask-more", State.TO_SUPPLEMENT, {"question": "请问是哪一栋楼旁边的工地"})),
}  # fmt: skip


def faults(address: str, *numbers: int) -> list[str]:
    """The broken invariants of these tickets."""
    with psycopg.connect(address, autocommit=True) as connection:
        return [words for no in numbers for words in broken(connection, no)]


@contextmanager
def held(address: str, no: int) -> Iterator[Callable[[int], None]]:
    """The ticket's row is held; gives a function that waits until so many others stand in line for it."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(address) as holder, psycopg.connect(address, autocommit=True) as onlooker:
        holder.execute("SELECT 1 FROM ticket WHERE ticket_no = %s FOR UPDATE", [no])

        def in_line(many: int) -> None:
            until = time.monotonic() + LONGEST_WAIT
            while onlooker.execute(waiting).fetchone() != (many,):
                assert time.monotonic() < until, f"{many} should wait for ticket {no}"
                time.sleep(0.005)

        yield in_line


def one_after_the_other(address: str, no: int, sends: list[Callable[[], object]]) -> list:
    """All under way before the first gets the ticket; their answers."""
    with ThreadPoolExecutor(len(sends)) as pool:
        answers: list[Future] = []
        with held(address, no) as in_line:
            for send in sends:
                answers.append(pool.submit(send))
                in_line(len(answers))
        return [answer.result(LONGEST_WAIT) for answer in answers]


@pytest.mark.parametrize("turned", [False, True], ids=["as named", "turned round"])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_first_wins_and_the_other_keeps_what_was_typed(desk, config, pair, turned):
    situation, *acts = PAIRS[pair]
    other, no = send_demand(), prepare(situation)
    asked = asked_id(no) if situation.endswith("_asked") else 0
    first, second = reversed(acts) if turned else acts
    before = len(steps(no))

    def sending(act: Act) -> Callable[[], object]:
        browser, path = signed_in_as(desk, act.login), act.path.format(no=no, asked=asked)
        return lambda: browser.post(path, data={name: words.format(other=other) for name, words in act.fields.items()})

    won, lost = one_after_the_other(config.database_url, no, [sending(first), sending(second)])
    assert (won.status_code, lost.status_code) == (303, 409), lost.text
    assert MOVED_ON in lost.text
    assert not [words for words in second.typed() if words.format(other=other) not in lost.text]
    assert (ticket(no).state, len(steps(no))) == (first.leads_to, before + 1)
    assert faults(config.database_url, no, other) == []


@pytest.mark.parametrize("turned", [False, True], ids=["as named", "turned round"])
def test_a_master_that_is_answered_while_another_ticket_is_merged_into_it_loses_neither(desk, config, turned):
    no, repeat = prepare("handling"), send_demand()
    handler, dispatcher = signed_in_as(desk, "zjj_handler"), signed_in_as(desk, "dispatcher1")
    sends = [
        lambda: handler.post(f"/department/{no}/reply", data=REPLY),
        lambda: dispatcher.post(f"/dispatch/{repeat}/merge", data={"master_no": str(no)}),
    ]
    answers = one_after_the_other(config.database_url, no, sends[::-1] if turned else sends)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert steps(no)[-2:] == (["amend", "reply"] if turned else ["reply", "amend"])
    assert (ticket(no).state, ticket(repeat).state, ticket(repeat).master_no) == (State.REPLIED, State.MERGED, no)
    assert faults(config.database_url, no, repeat) == []


def test_a_reply_to_a_ticket_that_its_requester_is_withdrawing_is_refused_and_kept(desk, config):
    no = prepare("handling")
    handler, citizen = signed_in_as(desk, "zjj_handler"), stranger(desk)
    citizen.post("/track", data={"ticket_no": str(no), "proof": PHONE[3:]})
    gone, refused = one_after_the_other(config.database_url, no, [
        lambda: citizen.post(f"/track/{no}/withdraw"),
        lambda: handler.post(f"/department/{no}/reply", data=REPLY),
    ])  # fmt: skip
    assert (gone.status_code, ticket(no).state) == (303, State.WITHDRAWN)
    assert refused.status_code in (404, 409)
    assert REPLY["public_reply"] in refused.text
    assert REPLY["handling"] in refused.text
    assert faults(config.database_url, no) == []


def test_of_two_reviews_by_one_link_the_first_stands(desk, config):
    no = prepare("to_evaluate")
    row = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    path = "/r/" + review_link(row.id).rpartition("/")[2]
    good = {"grade": "5", "solved": "solved", "words": "办得又快又好"}
    bad = {"grade": "1", "solved": "not", "reason": "not_solved", "words": "夜里仍旧在施工"}
    first, second = stranger(desk), stranger(desk)
    won, lost = one_after_the_other(config.database_url, no, [
        lambda: first.post(path, data=good), lambda: second.post(path, data=bad),
    ])  # fmt: skip
    assert (won.status_code, lost.status_code, ticket(no).state) == (200, 410, State.CLOSED)
    assert "夜里仍旧在施工" in lost.text
    assert [one.grade for one in session().execute(select(Review)).scalars()] == ["5"]
    assert faults(config.database_url, no) == []
