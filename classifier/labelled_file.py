"""Reads columns of a labelled .csv or .csv.gz; needs nothing heavy."""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

LONGEST_CELL = 10_000_000  # characters; the csv module's own limit of 131,072 is less than some letters have
PACKED = b"\x1f\x8b"
"""How every gzip file begins, whatever it is called."""


class TrainingDataError(ValueError):
    """The file cannot be used for training; carries a Chinese sentence."""


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The cells of these columns, a tuple a row. Raises TrainingDataError when the file or a column is missing, or
    the file cannot be read."""
    text = decoded(file_bytes(path))
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        rows.fieldnames = named = [name.strip() for name in rows.fieldnames or ()]
        missing = set(columns) - set(named)
        if missing:
            raise TrainingDataError(f"文件缺少列：{'、'.join(sorted(missing))}；{path.name}的列：{'、'.join(named) or '无'}")
        return [tuple(row[column] or "" for column in columns) for row in rows]
    except csv.Error:
        raise TrainingDataError(f"不是能读懂的CSV文件：{path.name}") from None


def file_bytes(path: Path) -> bytes:
    """What a file holds, unpacked. Raises TrainingDataError."""
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(PACKED) else raw
    except FileNotFoundError:
        raise TrainingDataError(f"找不到文件：{path}") from None
    except (OSError, EOFError, zlib.error):
        raise TrainingDataError(f"文件打不开或已损坏：{path}") from None


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8 (with or without mark) or GB 18030, as spreadsheets save it. Raises
    TrainingDataError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TrainingDataError("文件编码无法识别，请存为 UTF-8")
