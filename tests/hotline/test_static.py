"""The stylesheet and the scripts run in Chromium 86 and under a policy without inline code or eval."""

import gzip
import re
from pathlib import Path

import pytest

from tests.hotline.drawn_pages import drawings

HOTLINE = Path(__file__).parents[2] / "hotline"
STATIC = HOTLINE / "static"
OWN = sorted([*STATIC.glob("*.js"), *STATIC.glob("*.css")])
TOO_NEW_CSS = [
    ":is(",
    ":where(",
    ":has(",
    "inset:",
    "aspect-ratio:",
    "color-mix(",
    "@layer",
    "dvh",
    "accent-color:",
]
TOO_NEW_JS = [r"\?\.", r"\?\?", r"\.at\(", r"structuredClone", r"replaceAll", r"\|\|=", r"Object\.hasOwn"]
NEVER_IN_JS = [r"\beval\(", r"new Function", r"\.style\b", r"setAttribute\('style", r"document\.write"]


def all_css() -> str:
    """The three own stylesheets in one text."""
    return "".join((STATIC / name).read_text("utf-8") for name in ("app.css", "staff.css", "public.css"))


def test_the_stylesheet_uses_nothing_newer_than_chromium_86() -> None:
    css = re.sub(r"/\*.*?\*/", "", all_css(), flags=re.S)
    assert [feature for feature in TOO_NEW_CSS if feature in css] == []


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda p: p.name)
def test_a_script_uses_nothing_newer_and_nothing_the_policy_forbids(script: Path) -> None:
    code = re.sub(r"//.*", "", script.read_text("utf-8"))
    assert [pattern for pattern in TOO_NEW_JS + NEVER_IN_JS if re.search(pattern, code)] == []


@pytest.mark.parametrize("file", OWN, ids=lambda p: p.name)
def test_own_files_keep_the_house_sizes_and_say_what_they_are_for(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    assert lines[0].startswith(("//", "/*"))
    assert len(lines) <= 400
    assert [n for n, line in enumerate(lines, 1) if len(line) > 110] == []


def test_every_vendored_file_has_its_licence_beside_it() -> None:
    names = {file.name for file in (STATIC / "vendor").iterdir()}
    for name in names - {n for n in names if n.endswith("LICENSE.txt")}:
        assert any(n.startswith(name.split("-")[0]) and n.endswith("LICENSE.txt") for n in names), name


def test_the_sheet_holds_exactly_the_icons_that_pages_show() -> None:
    sheet = set(re.findall(r'symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    shown = {name for html in drawings().values() for name in re.findall(r"icons\.svg#([a-z0-9-]+)", html)}
    assert sheet == shown


def test_every_class_a_page_uses_is_in_the_stylesheet() -> None:
    css = all_css()
    sources = "".join(file.read_text("utf-8") for file in HOTLINE.glob("templates/**/*.html"))
    plain = {name for value in re.findall(r'class="([^"{}]*)"', sources) for name in value.split()}
    assert [name for name in sorted(plain) if not re.search(rf"\.{re.escape(name)}\b", css)] == []


def test_the_agent_page_and_its_scripts_fit_in_fifty_kilobytes() -> None:
    parts = [
        STATIC / "app.css",
        STATIC / "icons.svg",
        *[STATIC / n for n in ("app.js", "live.js", "agent.js")],
    ]
    parts += [STATIC / "vendor" / "htmx-2.0.11.min.js"]
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) <= 50 * 1024
