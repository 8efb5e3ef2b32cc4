"""Seats: one call rings one agent, a missed call finds the next, and the server owns every state."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from hotline import clock
from hotline.database import transaction
from hotline.errors import BadInput, IllegalStep
from hotline.models import Call, Seat
from hotline.people.accounts import Person
from hotline.telephone import calls, pairing, seats
from hotline.telephone.line_settings import open_at
from tests.makers import person, send_demand
from tests.telephone.desk_stage import RING_SECONDS, DeskStage, until

pytestmark = pytest.mark.proof


def waiting_call(call_id: str) -> Call:
    moment = clock.now()
    return Call(call_id=call_id, ticket_no=send_demand(), state="queued", started_at=moment, since=moment)


def test_a_missed_call_sets_the_agent_to_busy_and_rings_the_next(stage: DeskStage) -> None:
    first = stage.sit("agent1")
    second = stage.sit("agent2")
    call = stage.ring()
    address = stage.until_seat(first, "ringing").desk_phone
    until(lambda: stage.phones(address))
    until(lambda: stage.call(call).agent_leg)
    assert stage.seat(second).state == "ready"
    stage.later(first, RING_SECONDS)
    missed = stage.seat(first)
    assert (missed.state, missed.misses, seats.notice(missed)) == ("busy", 1, seats.MISSED)
    until(lambda: not stage.phones(address))
    assert stage.pick_up(second) == call
    assert str(first.id) in stage.call(call).missed_by


def test_an_agent_who_declines_passes_the_call_on(stage: DeskStage) -> None:
    first, second = stage.sit("agent1"), stage.sit("agent2")
    call = stage.ring()
    address = stage.until_seat(first, "ringing").desk_phone
    leg = until(lambda: stage.phones(address))[0]["call"]
    stage.do(leg, "hang-up")
    stage.until_seat(first, "busy")
    assert stage.pick_up(second) == call


def test_a_caller_keeps_their_place_when_a_seat_misses_them(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    early = stage.ring()
    stage.until_call(early, "offering")
    late = stage.ring()
    stage.until_call(late, "queued")
    until(lambda: stage.call(early).agent_leg)
    stage.later(agent, RING_SECONDS)
    stage.until_call(early, "queued")
    other = person("agent2")
    with transaction():
        pairing.lock_call(early)  # whoever else held it just now would let the next caller go first
        seats.beat(other)
        seats.set_state(other, "ready")
    stage.until_call(early, "offering")
    assert stage.call(late).state == "queued"


@pytest.mark.usefixtures("desk")
def test_a_phone_that_never_rang_is_not_counted_as_missed() -> None:
    agent, call = person("agent1"), waiting_call("CA1")
    with transaction() as current:
        seats.beat(agent)
        seats.set_state(agent, "ready")
        current.add(call)
        current.flush()
        assert pairing.assign() == 1
    with transaction():
        seats.expire(clock.now() + timedelta(seconds=16))
    with transaction():
        seat = seats.seat_of(agent.id)
        assert (seat.state, seat.misses, seat.call_id) == ("ringing", 0, "CA1")


def test_two_agents_at_the_same_moment_never_get_the_same_call(stage: DeskStage) -> None:
    agents = [person(f"agent{number}") for number in (1, 2, 3)]
    waiting = [waiting_call("CA1"), waiting_call("CA2")]
    with transaction() as current:
        for agent in agents:
            seats.beat(agent)
        current.add_all(waiting)
    start = threading.Barrier(len(agents))

    def ready(agent: Person) -> None:
        with stage.app.app_context():
            start.wait()
            with transaction():
                seats.set_state(agent, "ready")

    threads = [threading.Thread(target=ready, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.sweep()
    with transaction() as current:
        ringing = select(func.count(), func.count(Seat.call_id.distinct())).where(Seat.state == "ringing")
        assert current.execute(ringing).one() == (2, 2)


def test_wrap_up_is_counted_by_the_server_and_ends_in_the_state_chosen_during_the_call(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    with transaction():
        assert seats.set_state(agent, "busy").state == "talking"
    with transaction():
        seats.hang_up(agent, call)
    with transaction():
        before = seats.seat_of(agent.id).wrap_up_until
        assert seats.extend_wrap_up(agent).wrap_up_until == before + seats.EXTENSION
    stage.later(agent, 60)
    assert stage.seat(agent).state == "wrap_up"
    stage.later(agent, 30)
    assert (stage.seat(agent).state, stage.seat(agent).call_id) == ("busy", None)


def test_finishing_early_makes_the_seat_ready_for_the_next_caller(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    following = stage.ring()
    stage.until_call(following, "queued")
    with transaction():
        seats.hang_up(agent, call)
    with transaction():
        seats.finish_wrap_up(agent, "ready")
    assert stage.pick_up(agent) == following


def test_a_silent_console_is_offline_is_not_routed_and_comes_back_as_it_left(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    with transaction() as current:
        silent = Seat.heartbeat_at - timedelta(seconds=31)
        current.execute(update(Seat).values(heartbeat_at=silent))
    call = stage.ring()
    stage.until_line(call, "recording")
    stage.sweep()
    assert stage.seat(agent).state == "offline"
    with transaction():
        assert seats.beat(agent).state == "ready"


def test_signing_out_during_a_call_takes_effect_after_it(stage: DeskStage) -> None:
    agent = stage.sit("agent1")
    call = stage.ring()
    stage.pick_up(agent)
    with transaction():
        assert seats.leave(agent).state == "talking"
    with transaction():
        seats.hang_up(agent, call)
    with transaction():
        assert seats.finish_wrap_up(agent).state == "offline"


@pytest.mark.usefixtures("desk")
def test_an_agent_who_hangs_up_before_the_caller_came_gives_the_call_back() -> None:
    agent, call = person("agent1"), waiting_call("CA1")
    with transaction() as current:
        seats.beat(agent)
        seats.set_state(agent, "ready")
        current.add(call)
        current.flush()
        pairing.assign()
        assert pairing.pick_up(call, agent.id, "CAleg")
        calls.agent_leg_ended(call, agent.id, "CAleg")
        assert (call.state, call.agent_leg, calls.enter_room(call)) == ("offering", "", False)


def test_answering_or_ending_what_is_not_ones_own_is_refused(stage: DeskStage) -> None:
    agent, other = stage.sit("agent1"), stage.sit("agent2", "busy")
    call = stage.ring()
    stage.pick_up(agent)
    for act in (seats.ringing_phone, seats.hang_up):
        with pytest.raises(IllegalStep), transaction():
            act(other, call)
    with pytest.raises(BadInput), transaction():
        seats.set_state(agent, "talking")


@pytest.mark.parametrize(("hours", "at", "is_open"), [
    ("00:00-24:00", "2026-11-23T16:00+00:00", True), ("00:00-24:00", "2026-11-23T15:59+00:00", True),
    ("08:00-20:00", "2026-11-23T00:00+00:00", True), ("08:00-20:00", "2026-11-23T12:00+00:00", False),
    ("20:00-08:00", "2026-11-23T13:00+00:00", True), ("20:00-08:00", "2026-11-23T01:00+00:00", False)])
def test_service_hours_are_the_citys_and_may_pass_midnight(hours: str, at: str, is_open: bool) -> None:
    assert open_at(datetime.fromisoformat(at), hours) is is_open
