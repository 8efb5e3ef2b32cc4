"""A call on the real desk: from the first ring to a ticket, whatever arrives twice, late or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from hotline import clock
from hotline.database import session, transaction
from hotline.errors import NotFound
from hotline.gateways.model_files import storage
from hotline.models import Call, JournalEntry, Recording, Requester, Setting, Table, Ticket
from hotline.models.words import State, Step
from hotline.telephone import calls, seats
from hotline.telephone.pretend_delivery import Mischief
from hotline.tickets.ending import answer_directly
from hotline.tickets.find import ticket_for
from hotline.tickets.identity import file_ring, masked
from tests.makers import person, ticket
from tests.telephone.desk_stage import CALLER, UNHURRIED, DeskStage, until

pytestmark = pytest.mark.proof


def test_a_call_reaches_an_agent_becomes_a_ticket_and_is_answered_directly(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    assert stage.pick_up(agent) == call
    stage.do(call, "speak", text="请问社保卡在哪里补办")
    draft = stage.ticket(call)
    assert (draft.state, draft.source, draft.agent_id) == (State.DRAFT, "phone", agent.id)
    with transaction():
        answer_directly(draft, agent, "请携带身份证到就近的社保服务网点补办。", None)
        seats.hang_up(agent, call)
    assert stage.seat(agent).state == "wrap_up"
    until(lambda: "请对本次通话服务评价" in stage.heard(call))
    stage.do(call, "keys", digits="5")
    stage.until_line(call, "ended")
    assert stage.until_call(call, "done").score == 5
    until(lambda: ticket(draft.ticket_no).state is State.TO_EVALUATE)


def test_the_recording_of_a_talk_comes_home_sealed(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    stage.do(call, "speak", text="路灯不亮，请尽快维修")
    stage.do(call, "hang-up")
    stage.until_call(call, "done")
    assert stage.until_seat(agent, "wrap_up").call_id == call
    number = stage.ticket(call).ticket_no

    def kept() -> Recording | None:
        with transaction():
            return session().execute(select(Recording).where(Recording.state == "kept")).scalar_one_or_none()

    found = until(kept)
    with transaction():
        ring = file_ring(session().get_one(Requester, number))
        assert [one.recording_id for one in calls.recordings_of(number)] == [found.recording_id]
    with storage().get(found.storage_key) as file:
        sealed = file.read()
    assert b"WAVE" not in sealed
    assert ring.open_bytes(sealed)[8:12] == b"WAVE"


@UNHURRIED
def test_after_hours_a_message_is_taken_and_its_ticket_exists_before_the_beep(stage: DeskStage) -> None:
    with transaction() as current:
        closed = {"value": "25:00-25:01"}
        current.add(Setting(key="service_hours", value=closed, valid_from=clock.now(), why="test"))
    stage.sit("agent1")
    call = stage.ring()
    stage.until_line(call, "recording")
    assert "现在是非人工服务时间" in stage.heard(call)
    left = stage.ticket(call)
    assert (left.state, left.source) == (State.TO_SUPPLEMENT, "voicemail")
    stage.do(call, "speak", text="金桂苑三天没有水了")
    stage.do(call, "keys", digits="#")
    until(lambda: "您的留言已收到" in stage.heard(call))
    stage.until_call(call, "done")

    def recorded() -> bool:
        with transaction():
            return [one.state for one in calls.recordings_of(left.ticket_no)] == ["kept"]

    until(recorded)


def test_with_nobody_on_duty_a_message_is_taken(stage: DeskStage) -> None:
    call = stage.ring()
    stage.until_line(call, "recording")
    assert "坐席暂时无人接听" in stage.heard(call)
    assert stage.ticket(call).state is State.TO_SUPPLEMENT


def test_a_silent_message_is_shown_as_missing(stage: DeskStage) -> None:
    call = stage.ring()
    stage.until_line(call, "ended")
    stage.until_call(call, "done")

    def missing() -> bool:
        with transaction():
            return [one.state for one in calls.recordings_of(stage.ticket(call).ticket_no)] == ["missing"]

    until(missing)


def test_a_waiting_caller_may_leave_a_message_instead(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    call = stage.ring()
    stage.until_call(call, "queued")
    assert stage.ticket(call).state is State.DRAFT
    stage.do(call, "keys", digits="1")
    stage.until_line(call, "recording")
    left = stage.ticket(call)
    assert (left.state, left.source) == (State.TO_SUPPLEMENT, "voicemail")


def test_who_gives_up_waiting_is_called_back(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    call = stage.ring()
    stage.until_call(call, "queued")
    stage.do(call, "hang-up")
    stage.until_call(call, "abandoned")
    left = stage.ticket(call)
    assert (left.state, left.source, left.title) == (State.TO_SUPPLEMENT, "phone", "来电未接通，待回拨")
    with transaction():
        assert masked(session().get_one(Requester, left.ticket_no))["phone"] == "139****0001"


def test_who_hangs_up_during_the_greeting_leaves_no_ticket(stage: DeskStage) -> None:
    stage.sit("agent1")
    call = stage.ring()
    until(lambda: stage.call(call))
    stage.do(call, "hang-up")
    assert stage.until_call(call, "abandoned").ticket_no is None


def test_a_withheld_number_is_served_too(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    call = stage.ring("anonymous")
    stage.until_call(call, "queued")
    assert stage.ticket(call).has_contact is False


def test_the_callers_number_is_in_no_table_in_clear(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    stage.do(call, "hang-up")
    stage.until_call(call, "done")
    number = CALLER.removeprefix("+86")
    with transaction() as current:
        for table in Table.metadata.tables:
            rows = current.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
            assert not [row for row in rows if number in row or number.encode().hex() in row], table


BAD_LINES = {"everything twice": Mischief(copies=2), "lost answers": Mischief(lost_answers=2),
             "statuses out of order": Mischief(statuses_reversed=True)}


@pytest.mark.parametrize("stage", [{"mischief": one} for one in BAD_LINES.values()], indirect=True, ids=BAD_LINES)
def test_a_bad_line_changes_nothing(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    stage.do(call, "hang-up")
    stage.until_call(call, "done")
    stage.until_seat(agent, "wrap_up")
    with transaction() as current:
        assert current.execute(select(func.count()).select_from(Ticket)).scalar_one() == 1
        steps = current.execute(select(JournalEntry.step)).scalars().all()
    assert steps == [Step.BEGIN_DRAFT]


def test_fifty_calls_at_once_make_fifty_tickets(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda n: stage.ring(f"+86139000001{n:02d}"), range(50)))

    def queued() -> bool:
        with transaction() as current:
            found = current.execute(select(Call.ticket_no).where(Call.state == "queued")).scalars().all()
        return len(found) == 50 and len(set(found)) == 50

    until(queued, 40)
    assert len(set(made)) == 50
    with transaction():
        assert seats.queue_lengths()["general"][0] == 50
        assert session().execute(select(func.count()).select_from(Ticket)).scalar_one() == 50


def test_a_department_never_gets_a_draft(stage: DeskStage) -> None:
    stage.sit("agent1", "busy")
    call = stage.ring()
    stage.until_call(call, "queued")
    with transaction(), pytest.raises(NotFound):
        ticket_for(person("zjj_handler"), stage.ticket(call).ticket_no)
