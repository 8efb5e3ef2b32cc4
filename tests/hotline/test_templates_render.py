"""Every page draws with exactly its declared values, and its markup keeps the rules of the house."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.hotline.drawn_pages import PAGES, TEMPLATES, drawings, names

VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path", "circle"}
PARTS = {"macros.html", "layout.html", "public/layout.html"}


class Page(HTMLParser):
    """Reads a page into lists of what the rules ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.unclosed: list[str] = []
        self.post_forms: list[bool] = []
        self.unlabelled: list[str] = []
        self.label_for: set[str] = set()
        self.labels_open = 0
        self.inline_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in VOID:
            self.unclosed.append(tag)
        if tag == "label":
            self.labels_open += 1
            self.label_for.add(given.get("for", ""))
        if tag == "form" and given.get("method") == "post":
            self.post_forms.append(False)
        if given.get("name") == "csrf_token" and given.get("value"):
            self.post_forms[-1] = True
        self._note_field(tag, given)

    def _note_field(self, tag: str, given: dict[str, str]) -> None:
        if tag not in {"input", "select", "textarea"} or given.get("type") == "hidden":
            return
        if not self.labels_open and "aria-label" not in given:
            self.unlabelled.append(given.get("id") or given.get("name", "?"))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.unclosed, f"</{tag}> closes nothing"
        assert self.unclosed.pop() == tag, f"</{tag}> crosses another element"
        self.labels_open -= tag == "label"

    def handle_data(self, data: str) -> None:
        if self.unclosed and self.unclosed[-1] in {"script", "style"} and data.strip():
            self.inline_script = True


@pytest.fixture(params=names())
def html(request: pytest.FixtureRequest) -> str:
    """Every page in turn."""
    return drawings()[request.param]


def test_a_page_has_no_inline_code_or_style(html: str) -> None:
    page = Page(html)
    used = {name for _, given in page.tags for name in given}
    assert not {n for n in used if n == "style" or re.match(r"on[a-z]+$", n) or n.startswith("hx-on")}
    assert not page.inline_script
    assert not [given["hx-trigger"] for _, given in page.tags if "[" in given.get("hx-trigger", "")]
    assert not re.search(r"javascript:|//cdn", html)


def test_a_page_is_well_formed_with_unique_ids_and_references_that_hold(html: str) -> None:
    page = Page(html)
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert page.unclosed == []
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    wanted = {
        given[name]
        for _, given in page.tags
        for name in ("data-opens", "aria-labelledby", "form")
        if given.get(name)
    }
    assert wanted - set(ids) == set()


def test_every_field_has_a_label_and_every_post_form_a_token(html: str) -> None:
    page = Page(html)
    ids = {given["id"] for _, given in page.tags if "id" in given}
    assert [field for field in page.unlabelled if field not in page.label_for] == []
    assert all(page.post_forms)
    assert {one for one in page.label_for if one} - ids == set()


def test_every_button_says_what_it_does(html: str) -> None:
    for button in re.findall(r"<button([^>]*)>(.*?)</button>", html, re.S):
        words = re.sub(r"<[^>]*>", "", button[1]).strip()
        assert words or "aria-label" in button[0]


def test_no_template_was_forgotten() -> None:
    included = set(
        re.findall(r"include '([^']+)'", "".join(f.read_text("utf-8") for f in TEMPLATES.rglob("*.html")))
    )
    written = {str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")}
    assert written - PARTS - set(PAGES) - included == set()


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_a_template_begins_with_what_it_needs(file: Path) -> None:
    assert file.read_text("utf-8").startswith("{# ")
