"""The house's measures: short functions, short files, few parameters, telling and distinct names."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hotline", "classifier", "routing", "knowledge_base")
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_LINE, MOST_PARAMETERS = 400, 30, 120, 5
DOUBLE_NAMES = {"__init__.py", "__main__.py", "conftest.py"}


def tracked(pattern: str) -> list[Path]:
    """The files git knows."""
    command = ["git", "ls-files", pattern]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def sources() -> list[Path]:
    """The product's own Python files."""
    ours = [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in PACKAGES]
    return [p for p in ours if "migrations" not in p.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    body = node.body
    if ast.get_docstring(node) and len(body) > 1:
        return (node.end_lineno or 0) - body[1].lineno + 1
    return (node.end_lineno or 0) - body[0].lineno + 1


def test_files_are_short():
    both = {*sources(), *tracked("tests/*.py")}
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in both}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_lines_are_short():
    long = [
        f"{p.relative_to(ROOT)}:{i}"
        for p in [*sources(), *tracked("tests/*.py")]
        for i, line in enumerate(p.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert not long


def test_functions_are_short():
    long = [
        f"{p.relative_to(ROOT)}:{f.name}: {length(f)}" for p in sources() for f in functions(p)
        if length(f) > LONGEST_FUNCTION
    ]  # fmt: skip
    assert not long


def test_functions_take_few_parameters():
    many = []
    for path in sources():
        for f in functions(path):
            names = [a.arg for a in (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs)]
            if len([n for n in names if n not in ("self", "cls")]) > MOST_PARAMETERS:
                many.append(f"{path.relative_to(ROOT)}:{f.name}")
    assert not many


def test_every_file_says_in_its_first_line_what_it_is_for():
    silent = [str(p.relative_to(ROOT)) for p in [*sources(), *tracked("tests/*.py")]
              if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))]  # fmt: skip
    assert not silent


def test_public_names_are_explained():
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in sources()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_names_tell_and_differ():
    names = [p.name for p in [*sources(), *tracked("tests/*.py")] if p.name not in DOUBLE_NAMES]
    assert not {p.stem for p in sources()} & VAGUE
    assert len(set(names)) / len(names) >= 0.95


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"])
def test_nothing_is_left_for_later(word):
    found = [str(p.relative_to(ROOT)) for p in [*sources(), *tracked("tests/*.py")] if word in p.read_text()]
    assert not found
