"""The tree of matters: what a demand can be about, with the boundary to its neighbours."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Matter:
    """One row of the tree: two digits for a class, four for a matter (domain.md §4.2)."""

    code: str
    name: str
    parent: str
    description: str
    boundary: str
    usual_lead: str

    @property
    def is_leaf(self) -> bool:
        return bool(self.parent)


@lru_cache(maxsize=1)
def load_matters() -> Mapping[str, Matter]:
    """All rows of data/matters.csv by code, in the file's order."""
    with (DATA / "matters.csv").open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["code"]: Matter(**row) for row in csv.DictReader(lines)})
