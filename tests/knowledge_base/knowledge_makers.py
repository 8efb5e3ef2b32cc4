"""Makes entries with good defaults, and reads the demo city's."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge_base.entry import Entry, read_entries
from knowledge_base.search import Scope
from knowledge_base.search_index import SearchIndex

DEMO_FILE = Path(__file__).parents[2] / "hotline" / "demo_data" / "knowledge.csv"
TODAY = date(2026, 11, 20)
PUBLIC_TODAY = Scope(TODAY)


def make_entry(id: int = 1, title: str = "路灯不亮怎样报修", **fields: Any) -> Entry:
    """An entry in force, owned by cgj."""
    usual = {"answer_short": "请告诉我位置。", "owner": "cgj", "valid_from": date(2026, 1, 1)}
    return Entry(id=id, title=title, **(usual | fields))


@lru_cache(maxsize=1)
def demo_entries() -> tuple[Entry, ...]:
    """The demo city's entries."""
    return read_entries(DEMO_FILE)


@lru_cache(maxsize=1)
def demo_index() -> SearchIndex:
    """The index over them, built once."""
    return SearchIndex.of(demo_entries())
