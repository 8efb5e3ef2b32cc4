"""Every state goes through one door: nobody but the life cycle writes a ticket's or a share's state."""

import ast
from pathlib import Path

from hotline.models.words import AssignmentState, State
from hotline.tickets.moves import MOVES

ROOT = Path(__file__).resolve().parents[2]
DOOR = ROOT / "hotline/tickets/lifecycle.py"
OTHERS = {"message", "row", "seat", "call", "kept", "version", "former", "entry", "recording", "found", "self", "one"}
"""Names of rows that have a state of their own kind: messages, seats, calls, recordings, entries."""


def written_states(path: Path) -> list[str]:
    """The places of a file that assign to something's `state`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in [t for whole in targets for t in (whole.elts if isinstance(whole, ast.Tuple) else [whole])]:
            if isinstance(target, ast.Attribute) and target.attr == "state":
                name = target.value.id if isinstance(target.value, ast.Name) else ast.unparse(target.value)
                found.append(f"{path.relative_to(ROOT)}:{target.lineno}:{name}")
    return found


def test_only_the_life_cycle_writes_the_state_of_a_ticket_or_a_share():
    found = [place for path in (ROOT / "hotline").rglob("*.py") if path != DOOR for place in written_states(path)]
    assert not [place for place in found if place.rpartition(":")[2] in ("ticket", "share", "assignment", "lead")]
    assert {place.rpartition(":")[2].split(".")[-1] for place in found} <= OTHERS


def test_every_state_is_reached_and_left():
    reached = {state for move in MOVES.values() for state in move.to}
    left = {state for move in MOVES.values() for state in move.start}
    assert reached == set(State)
    assert left >= set(State) - {State.ARCHIVED}


def test_the_states_of_a_share_are_the_spines():
    assert set(AssignmentState) == {
        "to_sign", "return_pending", "handling", "suspended", "replied", "rehandling", "done", "ended",
    }  # fmt: skip
