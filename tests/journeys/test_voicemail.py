"""Nobody is there at night: the caller leaves a message, an agent hears it, writes it down, and it goes its way."""

import pytest

from hotline.database import session, transaction
from hotline.models import AccessLog
from hotline.models.words import State
from hotline.telephone import calls
from tests.fresh_browser import signed_in_as
from tests.journeys.front_door import do, steps
from tests.journeys.test_call import DEMAND
from tests.makers import ticket
from tests.telephone.desk_stage import UNHURRIED, DeskStage, until

pytestmark = pytest.mark.proof


@UNHURRIED
def test_a_message_left_at_night_is_heard_written_down_and_dispatched(stage: DeskStage, messages) -> None:
    call = stage.ring()
    stage.until_line(call, "recording")
    no = stage.ticket(call).ticket_no
    stage.do(call, "speak", text="金桂苑旁边工地半夜还在施工")
    stage.do(call, "keys", digits="#")
    stage.until_line(call, "ended")
    agent = signed_in_as(stage.app, "agent1")
    recording = until(lambda: kept(no))
    assert recording in agent.get(f"/agent?draft={no}").text
    sound = agent.get(f"/agent/recordings/{recording}")
    assert sound.data[8:12] == b"WAVE"
    with transaction():
        assert session().query(AccessLog).filter_by(ticket_no=no, what="recording").count() == 1
    until(lambda: "missed_call" in [template for _, template, *_ in messages.sent])
    do(agent, "/agent/register", **DEMAND, ticket_no=no, version=0)
    until(lambda: ticket(no).state is State.TO_SIGN)
    assert steps(no)[:4] == ["begin_draft", "leave_word", "supplement", "classify"]


def kept(no: int) -> str:
    """The recording that has come home."""
    with transaction():
        session().expire_all()
        return next((one.recording_id for one in calls.recordings_of(no) if one.state == "kept"), "")
