"""The table of steps against a copy written by hand from domain.md §5.2 and the spine: state × step × role."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.database import session
from hotline.errors import Forbidden, IllegalStep
from hotline.models.words import ClosingReason, Role, State, Step
from hotline.tickets.lifecycle import Actor, Detail, take_step
from hotline.tickets.moves import MOVES
from tests.makers import send_demand, ticket

BY_HAND = Path(__file__).with_name("steps_by_hand.csv")
ENDED = {"closed", "not_accepted", "transferred", "merged", "withdrawn"}
OPEN = set(State) - ENDED - {"archived"}
FIRST_STEPS = {Step.RECEIVE, Step.BEGIN_DRAFT}
Way = tuple[str, str, str]
"""State (`new`: there is no ticket yet), step and role."""


def rows_by_hand() -> Iterator[dict[str, str]]:
    """The rows of the file, one a state: `open` and `ended` stand for several."""
    with BY_HAND.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for state in sorted({"open": OPEN, "ended": ENDED}.get(row["state"], {row["state"]})):
                yield row | {"state": state, "next": row["next"].replace("stays", state)}


def ways_by_hand() -> dict[Way, set[str]]:
    """Where each state, step and role leads, as written by hand."""
    return {
        (row["state"], row["step"], role): set(row["next"].split())
        for row in rows_by_hand() for role in row["roles"].split()
    }  # fmt: skip


def ways_of_the_code() -> dict[Way, set[str]]:
    """Where each state, step and role leads, by the page the code uses."""
    return {
        (start or "new", step.value, role.value): {state.value for state in move.to or {start}}
        for step, move in MOVES.items() for start in move.start for role in move.who
    }  # fmt: skip


def test_the_copy_names_each_state_and_step_once_and_only_words_of_the_desk():
    rows = [(row["state"], row["step"]) for row in rows_by_hand()]
    assert len(rows) == len(set(rows))
    assert {state for state, _ in rows} == set(State) - {"archived"} | {"new"}
    assert {step for _, step in rows} == set(Step)
    assert {role for *_, role in ways_by_hand()} <= set(Role)


def test_every_state_step_and_role_leads_where_the_copy_says():
    by_hand, code = ways_by_hand(), ways_of_the_code()
    assert not {way: to for way, to in by_hand.items() if code.get(way) != to}, "written by hand, not in the code"
    assert not {way: to for way, to in code.items() if by_hand.get(way) != to}, "in the code, not written by hand"


@pytest.fixture
def no(desk) -> int:
    """A ticket to try steps on; nothing of it is kept."""
    return send_demand()


def outcome(no: int, step: Step, role: str, to: str | None = None) -> object:
    """The state a step leads to through the one door, or the class of the refusal; then undone."""
    actor = Actor("staff", Role(role), 1, 1)
    detail = Detail(State(to) if to else None, None, ClosingReason.REVIEWED, {"evidence": {}})
    trial = session().begin_nested()
    try:
        take_step(ticket(no), step, actor, detail)
        return ticket(no).state
    except (IllegalStep, Forbidden) as refusal:
        return type(refusal)
    finally:
        trial.rollback()


def stand(no: int, state: State) -> None:
    """Put the ticket there without a step."""
    found = ticket(no)
    found.state, found.closing_reason = state, ClosingReason.REVIEWED
    session().flush()


@pytest.mark.slow
@pytest.mark.parametrize("state", list(State))
def test_the_door_opens_and_stays_shut_as_the_copy_says(no, state):
    ways = ways_by_hand()
    stand(no, state)
    for step in sorted(set(Step) - FIRST_STEPS):
        may = [role for role in Role if (state, step, role) in ways]
        targets = sorted(ways[state, step, may[0]]) if may else [None]
        for to in targets:
            assert outcome(no, step, may[0] if may else "system", to) == (to or IllegalStep), (step, to)
        stranger = next(role for role in Role if role not in may)
        assert outcome(no, step, stranger, targets[0]) is (Forbidden if may else IllegalStep), (step, stranger)
