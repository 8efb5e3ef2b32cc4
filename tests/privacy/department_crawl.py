"""Crawls all that a member of staff can reach: the home page, every link, and every GET route with a ticket's
arguments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import product
from urllib.parse import urlsplit

from flask.testing import FlaskClient

LINK = re.compile(r'(?:href|src|data-[a-z-]+|hx-get|action)="(/[^"#]*)"')
MOST_PAGES = 600
Arguments = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Seen:
    """One answer."""

    path: str
    status: int
    kind: str
    body: bytes
    headers: str


def crawl(browser: FlaskClient, arguments: Arguments) -> list[Seen]:
    """Every answer this browser gets, each address once."""
    queue, known, seen = [*starts(browser, arguments)], set(), []
    while queue:
        path = queue.pop(0)
        if path in known:
            continue
        known.add(path)
        assert len(known) < MOST_PAGES, "the crawl finds no end"
        seen.append(fetch(browser, path))
        queue += links(seen[-1])
    return seen


def starts(browser: FlaskClient, arguments: Arguments) -> Iterator[str]:
    """The home page, and every GET route with every argument that fits it."""
    yield "/login"
    for rule in browser.application.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            names = sorted(rule.arguments)
            for values in product(*(arguments.get(name, ("1",)) for name in names)):
                yield filled(rule.rule, dict(zip(names, values, strict=True)))


def filled(rule: str, values: Mapping[str, str]) -> str:
    """A route's address with these arguments."""
    return re.sub(r"<(?:[a-z]+:)?(\w+)>", lambda found: values[found[1]], rule)


def fetch(browser: FlaskClient, path: str) -> Seen:
    """One answer, with all that its headers say."""
    answer = browser.get(path)
    return Seen(path, answer.status_code, answer.mimetype, answer.data, str(answer.headers))


def links(seen: Seen) -> list[str]:
    """The desk's own addresses in a page or a redirect."""
    found = LINK.findall(seen.body.decode("utf-8", "replace")) if seen.kind == "text/html" else []
    found += re.findall(r"^Location: (\S+)", seen.headers, re.M)
    paths = (urlsplit(unescape(one)) for one in found)
    ours = (one.path + (f"?{one.query}" if one.query else "") for one in paths if not one.netloc)
    return [one for one in ours if not one.startswith("/static")]
