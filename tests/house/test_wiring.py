"""The parts fit: imports keep their direction, every route has an audience, every follow-up a handler."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotline.background.jobs import INNER, OUTER
from hotline.background.worker import QUEUES
from hotline.models.words import Step
from hotline.people.permissions import AUDIENCES, HOMES, MENU
from hotline.tickets.moves import MOVES
from hotline.tickets.reactions import FOLLOWS, LANES
from hotline.web.access import audience_of

ROOT = Path(__file__).resolve().parents[2]


def test_imports_keep_their_direction():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_step_has_a_row_and_a_reaction_or_says_none():
    assert set(MOVES) == set(Step) == set(FOLLOWS)


def test_every_follow_up_has_exactly_one_handler_and_a_lane():
    followed = {follow.kind for follows in FOLLOWS.values() for follow in follows}
    assert not set(INNER) & set(OUTER)
    assert followed <= set(INNER) | set(OUTER)
    assert set(LANES) == set(INNER) | set(OUTER)


def test_every_lane_is_worked():
    assert set(LANES.values()) <= set(QUEUES)


def test_every_route_has_an_audience(app):
    missing = [rule.endpoint for rule in app.url_map.iter_rules() if audience_of(app, rule.endpoint) is None]
    assert not missing
    assert {audience_of(app, rule.endpoint) for rule in app.url_map.iter_rules()} <= set(AUDIENCES)


def test_menu_and_homes_lead_to_real_pages(app):
    for endpoint in [endpoint for _, endpoint, _ in MENU] + [endpoint for _, endpoint in HOMES]:
        assert endpoint in app.view_functions, endpoint


def test_the_linter_has_nothing_to_say():
    ruff = Path(sys.executable).parent / "ruff"
    done = subprocess.run([ruff, "check", "--no-cache", "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_mark_stands_in_the_file_of_its_tests():
    """`make test` reads only the files in which a stage's mark is written."""
    assert not [file for file in (ROOT / "tests").rglob("*.py") if "add_" + "marker" in file.read_text()]


@pytest.mark.parametrize("patch", sorted((ROOT / "tests" / "planted").rglob("*.patch")), ids=lambda one: one.stem)
def test_every_planted_bug_still_fits_the_code(patch):
    """That its test goes red is tried by `make planted`."""
    told = subprocess.run(["git", "apply", "--check", "-C1", patch], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
