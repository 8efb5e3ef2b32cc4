"""Reads a table a city fills in with a spreadsheet, and says in Chinese which line and column is wrong."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path
from typing import TypeVar

from classifier.labelled_file import TrainingDataError, decoded, file_bytes

T = TypeVar("T")
Rows = Sequence[Sequence[str]]
"""A table's cells, line by line, headings first."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a table; line 1 is the header, 0 the whole file."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        column = f"“{self.column}”列" if self.column else ""
        return f"第{self.line}行{column}：{self.message}" if self.line else self.message


class BadTable(ValueError):
    """The table can't be taken; `faults` lists everything wrong in it, first line first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("；".join(str(fault) for fault in self.faults))


class CellError(ValueError):
    """One cell is wrong; read_table turns it into a Fault."""

    def __init__(self, column: str, message: str) -> None:
        self.column, self.message = column, message
        super().__init__(message)


@dataclass(frozen=True)
class Line:
    """One line of a table: its number and its cells, stripped. Every reader raises CellError."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell, "" when empty."""
        return self.cells[column]

    def needed(self, column: str) -> str:
        """The cell, which may not be empty."""
        if not self.cells[column]:
            raise CellError(column, "不能为空")
        return self.cells[column]

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """The cell, which must be one of the words allowed."""
        if self.cells[column] not in allowed:
            raise CellError(column, f"“{self.cells[column]}”不在允许的取值中（{'、'.join(allowed)}）")
        return self.cells[column]

    def whole(self, column: str) -> int:
        """The cell as a whole number, zero or more."""
        if not (self.cells[column].isascii() and self.cells[column].isdigit()):
            raise CellError(column, f"“{self.cells[column]}”不是非负整数")
        return int(self.cells[column])

    def degrees(self, column: str, largest: int) -> float | None:
        """The cell as degrees of latitude or longitude, None when empty."""
        if not self.cells[column]:
            return None
        try:
            value = float(self.cells[column])
        except ValueError:
            value = inf
        if not abs(value) <= largest:
            raise CellError(column, f"“{self.cells[column]}”不是-{largest}到{largest}之间的度数")
        return value

    def day(self, column: str) -> date:
        """The cell as a day, written 2026-01-31."""
        try:
            return date.fromisoformat(self.needed(column))
        except ValueError as error:
            if isinstance(error, CellError):
                raise
            raise CellError(column, f"“{self.cells[column]}”不是日期，应写作 2026-01-31") from None

    def validity(self) -> tuple[date, date | None]:
        """The columns valid_from and valid_to (empty: open-ended), in order."""
        start = self.day("valid_from")
        end = self.day("valid_to") if self.cells["valid_to"] else None
        if end is not None and end < start:
            raise CellError("valid_to", "早于生效日期")
        return start, end


def read_table(
    source: Path | Rows, columns: Sequence[str], build: Callable[[Line], T], optional: Sequence[str] = ()
) -> tuple[T, ...]:
    """One value a line, built by `build`; a file is UTF-8 or GB 18030, as spreadsheets save it, packed with gzip
    or not.

    `optional` columns may be missing, and are empty then. Raises BadTable with every fault found, not only the first.
    """
    rows = csv_rows(_whole(source)) if isinstance(source, Path) else source
    header = [cell.strip() for cell in rows[0]] if rows else []
    faults = [Fault(1, column, "缺少这一列") for column in columns if column not in header]
    faults += [Fault(1, column, "不认识的列") for column in header if column not in (*columns, *optional)]
    if faults:
        raise BadTable(faults)
    values: list[T] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            faults.append(Fault(number, "", f"应有{len(header)}列，实有{len(cells)}列"))
            continue
        try:
            stripped = (cell.strip() for cell in cells)
            given = dict(zip(header, stripped, strict=True))
            values.append(build(Line(number, dict.fromkeys(optional, "") | given)))
        except CellError as error:
            faults.append(Fault(number, error.column, error.message))
    if faults:
        raise BadTable(faults)
    return tuple(values)


def csv_rows(raw: bytes) -> list[list[str]]:
    """The cells of a CSV file. Raises BadTable."""
    try:
        return list(csv.reader(io.StringIO(decoded(raw), newline="")))
    except csv.Error:
        raise BadTable([Fault(1, "", "不是能读懂的CSV文件")]) from None
    except TrainingDataError as refusal:
        raise BadTable([Fault(1, "", str(refusal))]) from None


def _whole(path: Path) -> bytes:
    try:
        return file_bytes(path)
    except TrainingDataError as refusal:
        raise BadTable([Fault(0, "", str(refusal))]) from None
