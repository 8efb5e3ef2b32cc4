"""The library from the command line."""

import subprocess
import sys

from tests.knowledge_base.knowledge_makers import DEMO_FILE


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowledge_base", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=DEMO_FILE.parents[2], check=False)


def test_search_prints_the_best_entry_first():
    lines = run("search", str(DEMO_FILE), "家里没水了", "--on", "2026-11-20").stdout.splitlines()
    assert "停水了怎么办" in lines[0]


def test_evaluate_prints_its_measures():
    assert "hit@3" in run("evaluate", str(DEMO_FILE)).stdout


def test_import_prints_the_drafts(tmp_path):
    file = tmp_path / "通知.txt"
    file.write_text("一、受理范围\n热线受理企业和群众的非紧急诉求，实行统一受理。", encoding="utf-8")
    assert "一、受理范围" in run("import", str(file)).stdout


def test_a_file_that_is_none_is_said_in_a_sentence():
    for command in (["search", "missing.csv", "停水"], ["import", "missing.txt"]):
        done = run(*command)
        assert done.returncode == 1
        assert done.stderr.startswith("无法读取")
