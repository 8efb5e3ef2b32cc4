"""What the names of a city's departments say: 自来水公司 answers for water, whoever labelled what.

`data/department_names.csv` gives words of such names and the matters (or classes, by two digits) that a department so
called usually leads. It is written from the names and public duties of departments, from no labelled text.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from classifier.matters import DATA, load_matters

WEIGHT, HALF_FADED = 0.8, 40
"""What a name adds to the margin of a label without cases, and the cases of a label at which half of it is left."""
_JOINED = re.compile(r"[和与及、/]")


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    with (DATA / "department_names.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((tuple(row["words"].split("|")), tuple(row["matters"].split())) for row in csv.DictReader(lines))


def matters_of(name: str) -> frozenset[str]:
    """The matters a department of this name usually leads; of each part of a joined name the first row speaks."""
    found: set[str] = set()
    for part in _JOINED.split(name):
        codes = next((codes for words, codes in _rows() if any(word in part for word in words)), ())
        found |= {one.code for one in load_matters().values() if one.is_leaf and one.code.startswith(codes)}
    return frozenset(found)


class LabelNames:
    """Adds to each label's margin what its name promises of the text; less, the more cases the label has."""

    def __init__(self, cases: Mapping[str, int], matters: Sequence[str]) -> None:
        """`cases`: how many texts each label has, in the order of the margins; `matters`: those of the scores."""
        known = [[at for at, code in enumerate(matters) if code in matters_of(name)] for name in cases]
        self._speaking = [label for label, places in enumerate(known) if places]
        self._places = np.array([at for places in known for at in places], dtype=int)
        self._begins = np.cumsum([0, *(len(known[label]) for label in self._speaking)])[:-1]
        self._weights = WEIGHT / (1 + (np.array([*cases.values()]) / HALF_FADED) ** 2)

    def margins(self, scores: np.ndarray) -> np.ndarray:
        """(texts, matters) → (texts, labels): the best score among the matters of each label's name, weighted."""
        added = np.zeros((len(scores), len(self._weights)))
        if self._speaking:
            added[:, self._speaking] = np.maximum.reduceat(scores[:, self._places], self._begins, axis=1)
        return added * self._weights
