"""The documents tell the truth: drawn ones equal the code, the glossary is complete, README's commands exist."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hotline import drawn_docs
from hotline.models import Table

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("name", "draw"), [(drawn_docs.LIFE, drawn_docs.life), (drawn_docs.LISTS, drawn_docs.lists)])
def test_drawn_documents_equal_the_code(name, draw):
    assert (ROOT / "docs" / name).read_text() == draw(), "run python -m hotline.drawn_docs"


def test_every_table_stands_in_the_glossary():
    glossary = (ROOT / "docs/glossary.md").read_text()
    missing = [table for table in Table.metadata.tables if f"`{table}`" not in glossary]
    assert not missing


def test_every_package_and_folder_stands_in_the_architecture():
    text = (ROOT / "docs/architecture.md").read_text()
    folders = [p.parent.name for p in (ROOT / "hotline").glob("*/__init__.py")]
    assert not [folder for folder in folders if f"{folder}/" not in text]
    files = [p.name for p in (ROOT / "hotline").glob("*.py") if p.name != "__init__.py"]
    assert not [name for name in files if name not in text]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_commands_of_the_readme_exist(readme):
    text = (ROOT / readme).read_text()
    targets = set(re.findall(r"^make ([a-z-]+)", text, re.M))
    makefile = (ROOT / "Makefile").read_text()
    assert {"run", "test"} <= targets
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.M)]


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", *[
    f"docs/{name}" for name in ("architecture.md", "glossary.md", "deployment.md")]])  # fmt: skip
def test_paths_named_in_documents_exist(document):
    text = (ROOT / document).read_text()
    named = re.findall(r"`((?:hotline|classifier|routing|knowledge_base|tests|docs|bench)/[\w./-]+)`", text)
    assert not [path for path in named if not (ROOT / path).exists()]


def test_the_project_speaks_of_itself_alone():
    words = ["/wor" + "k/", "pypi." + "org/simple", "hel" + "per agent", "session " + "budget"]
    found = [
        f"{path}: {word}" for pattern in ("*.md", "*.py", "*.toml", "*.lock", "Makefile", "ci/run")
        for path in ROOT.glob(f"**/{pattern}") if ".venv" not in path.parts and "var" not in path.parts
        for word in words if word in path.read_text(errors="replace")
    ]  # fmt: skip
    assert not found


def test_the_lock_holds_hashes_and_no_addresses():
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "http" not in re.sub(r"^\s*#.*$|\w*http\w*==.*|httpx|httpcore|http-\w+|httptools", "", text, flags=re.M)
        assert "file:" not in text


@pytest.mark.parametrize("version", ["3.11.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0"])
def test_the_lock_holds_what_each_python_asks_for(version):
    """pip-compile looks at one Python only: redis wants more under 3.11.2 than under 3.11.7."""
    python = {"python_version": version.rpartition(".")[0], "python_full_version": version, "extra": ""}
    lock = (ROOT / "requirements.lock").read_text()
    locked = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", lock, re.M)}
    asked = {
        f"{name}: {one}"
        for name in locked
        for one in map(Requirement, distribution(name).requires or ())
        if (one.marker is None or one.marker.evaluate(python)) and canonicalize_name(one.name) not in locked
    }
    assert asked == set()
