"""Plants one plausible bug at a time in a copy of the tree and wants the test it names to turn red.

A patch begins with lines of comment; the line `# red: <node id>` names the test. One that no longer applies, or
whose test stays green, is a failure: either the code moved on, or the test proves nothing any more.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from queue import SimpleQueue

import psycopg
import pytest
from flask import Flask

from hotline.config import Config
from hotline.database import db

ROOT = Path(__file__).resolve().parents[2]
PATCHES = sorted(Path(__file__).parent.glob("*.patch"))
MORE = sorted(Path(__file__).parent.glob("more/*.patch"))
"""Tried by `make planted`, not in every CI run."""
LIMIT = 300
"""Seconds one test may take."""
AT_ONCE = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2

pytestmark = pytest.mark.planted


@dataclass(frozen=True)
class Outcome:
    """What became of one planted bug: pytest's exit code and its last words."""

    code: int
    words: str


def named_test(patch: Path) -> str:
    """The node id that must go red."""
    return re.search(r"^# red: (\S+)$", patch.read_text(), re.M)[1]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files git knows or would take, as they are now."""
    copy = tmp_path_factory.mktemp("tree")
    listed = run(["git", "ls-files", "-co", "--exclude-standard", "-z"], ROOT, {})
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    run([sys.executable, "-m", "compileall", "-q", "hotline", "classifier", "routing", "knowledge_base"], copy, {})
    return copy


@pytest.fixture(scope="module")
def city(app: Flask, config: Config, servers: tuple[str, str]) -> Mapping[str, str]:
    """What the planted runs are told: our servers, and a city made by the code as it is, for them to copy."""
    with app.app_context():
        db.engine.dispose()
    with psycopg.connect(servers[0], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE city_made_before TEMPLATE desk_{os.getpid()}")
    return {
        "HOTLINE_DATABASE_URL": servers[0],
        "HOTLINE_REDIS_URL": servers[1],
        "CITY_MADE_BEFORE": f"city_made_before:{config.data_folder}",
    }


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tree: Path, city: Mapping[str, str]
) -> Iterator[Mapping[str, Future]]:
    """The chosen patches, each tried in a copy of its own, two at once."""
    chosen = [one.callspec.params["patch"] for one in request.session.items if one.module is request.module
              and hasattr(one, "callspec")]  # fmt: skip
    ours: SimpleQueue[str] = SimpleQueue()  # databases of the Redis server, one for each run at a time
    for number in range(1, AT_ONCE + 1):
        ours.put(f"{city['HOTLINE_REDIS_URL']}?db={number}")

    def try_out(patch: Path) -> Outcome:
        redis = ours.get()
        try:
            return plant(patch, tree, tree.parent / patch.stem, {**city, "HOTLINE_REDIS_URL": redis})
        finally:
            ours.put(redis)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {patch.stem: pool.submit(try_out, patch) for patch in chosen}


def plant(patch: Path, tree: Path, copy: Path, told: Mapping[str, str]) -> Outcome:
    """Copy the tree, apply the patch, run the one test."""
    shutil.copytree(tree, copy)
    applied = run(["git", "apply", "-C1", str(patch)], copy, told)
    if applied.returncode:
        return Outcome(-1, f"the patch does not apply: {applied.stderr}")
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", named_test(patch)]
    done = run(argv, copy, told)
    shutil.rmtree(copy, ignore_errors=True)
    return Outcome(done.returncode, (done.stdout + done.stderr)[-2000:])


def run(argv: list[str], folder: Path, told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A program in a folder, told what it needs and nothing of this run's pytest."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("HOTLINE_", "PYTEST_"))}
    env = ours | {"PYTHONPATH": str(folder)} | told
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT)


@pytest.mark.parametrize(
    "patch", [*PATCHES, *(pytest.param(one, marks=pytest.mark.slow) for one in MORE)], ids=lambda path: path.stem
)
def test_a_planted_bug_turns_its_test_red(outcomes: Mapping[str, Future], patch: Path) -> None:
    outcome = outcomes[patch.stem].result()
    assert outcome.code == 1, f"{named_test(patch)} stayed green or could not run:\n{outcome.words}"
    assert re.search(r"\b\d+ failed", outcome.words), f"{named_test(patch)} broke instead of failing:\n{outcome.words}"


def test_a_harmless_change_and_one_that_does_not_apply_are_no_planted_bugs(tree: Path, tmp_path: Path) -> None:
    red = "# red: tests/routing/test_time_limits.py::test_the_last_day_may_end_at_an_hour\n\n"
    begun = (tree / "routing/time_limits.py").read_text().splitlines(keepends=True)
    for name, first, code in (("harmless", begun, 0), ("stale", ["no such line\n"] * 3, -1)):
        patch, names = tmp_path / f"{name}.patch", ("a/routing/time_limits.py", "b/routing/time_limits.py")
        patch.write_text(red + "".join(unified_diff(first, [*first, "# harmless\n"], *names, n=len(first))))
        assert plant(patch, tree, tmp_path / name, {}).code == code


def test_about_twenty_bugs_are_kept_alive() -> None:
    assert len(PATCHES) >= 12
    assert len([*PATCHES, *MORE]) >= 20
