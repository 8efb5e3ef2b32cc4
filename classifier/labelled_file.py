"""Reads columns of a labelled .csv or .csv.gz; needs nothing heavy."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path


class TrainingDataError(ValueError):
    """The file cannot be used for training; carries a Chinese sentence."""


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The cells of these columns, a tuple a row. Raises TrainingDataError when the file or a column is missing."""
    if not path.is_file():
        raise TrainingDataError(f"找不到训练文件：{path}")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = set(columns) - set(rows.fieldnames or ())
        if missing:
            raise TrainingDataError(f"文件缺少列：{'、'.join(sorted(missing))}")
        return [tuple(row[column] or "" for column in columns) for row in rows]
