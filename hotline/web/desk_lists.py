"""The lists of the desks: tabs with their counts in one statement, and a page of rows by key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy import Select, func, select

from hotline.database import session
from hotline.models import Ticket
from hotline.tickets.find import open_page
from hotline.web.shown import Page, page_of

Queue = Select[tuple[Ticket]]


@dataclass(frozen=True)
class Tab:
    """One tab of a list with the number of its tickets."""

    key: str
    label: str
    count: int
    level: str
    url: str
    current: bool


@dataclass(frozen=True)
class Drawer:
    """What a tab holds: its label, its colour when it is not empty, and its tickets."""

    label: str
    level: str
    queue: Queue


def chosen(drawers: Mapping[str, Drawer]) -> str:
    """The tab asked for, else the first."""
    asked = request.args.get("tab", "")
    return asked if asked in drawers else next(iter(drawers))


def tabs_of(drawers: Mapping[str, Drawer], current: str, endpoint: str) -> list[Tab]:
    """All tabs, counted in one statement."""
    counts = [
        drawer.queue.with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery().label(key)
        for key, drawer in drawers.items()
    ]
    found: Sequence[int] = session().execute(select(*counts)).one()
    return [
        Tab(key, one.label, count, one.level if count else "", url_for(endpoint, tab=key), key == current)
        for (key, one), count in zip(drawers.items(), found, strict=True)
    ]


def list_page(
    drawers: Mapping[str, Drawer], current: str, endpoint: str, units: Collection[int] = ()
) -> Page:
    """One page of a tab, the most pressing first, as these units may read it."""
    found = open_page(drawers[current].queue, request.args.get("after"))
    return page_of(found, endpoint, units, tab=current)


def refresh_url(current: str, endpoint: str) -> str:
    """This very page as a fragment."""
    return url_for(endpoint, tab=current, after=request.args.get("after"))
