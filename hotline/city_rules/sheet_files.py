"""A table as a file: what a spreadsheet made of it becomes plain cells again, and cells become CSV or xlsx."""

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from hotline.city_rules import workbook
from hotline.city_rules.table_lines import TableKind
from routing.csv_table import BadTable, CellError, Fault, csv_rows

LONGEST_NAME = 200
DAYS = frozenset({"day", "valid_from", "valid_to"})
LONG = frozenset({"name", "short_name", "object", "basis", "source", "hours", "aliases", "co_units", "community"})
LONGEST, LONGEST_CODE = 1000, 32
OUTLINES = frozenset({"polygon"})
LONGEST_OUTLINE = 32_767
"""As much as a cell of a workbook holds."""
DAY_MARKS = re.compile("[-/.年月日]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
FIRST_SERIAL, LAST_SERIAL = 36526, 73050
"""2000-01-01 to 2099-12-31, as spreadsheets number days."""
SERIAL_ZERO = date(1899, 12, 30)
MARKS = ("+", "-", "@")
"""Begin a formula in some spreadsheets; written with an apostrophe before them, which reading takes away."""
FORMULA = "单元格以“=”开头，是公式；请改为填写数值本身"
PATIENCE = 60
"""Seconds on a busy machine; ten thousand lines take a few on a quiet one (default)."""
OUT_OF_TIME = "文件过于复杂，未能读完，请另存为CSV再试。"


def read_file(content: bytes, kind: TableKind) -> list[list[str]]:
    """The cells of a CSV or xlsx file under our column names, every line in its place. Raises BadTable."""
    rows = workbook_rows(content, kind.label) if content.startswith(workbook.STARTS) else None
    raw: Sequence[Sequence[Any]] = csv_rows(content) if rows is None else rows
    header = [column_name(str(cell), kind) for cell in without_blank_end(raw[0])] if raw else []
    if kind.headings.keys().isdisjoint(header):
        raise BadTable([Fault(1, "", "第一行应为列名，CSV须以逗号分隔；可先下载模板")])
    if len(raw) > workbook.MOST_ROWS:
        raise BadTable([Fault(workbook.MOST_ROWS + 1, "", f"一个文件最多{workbook.MOST_ROWS - 1}行")])
    twice = sorted({name for name in header if header.count(name) > 1})
    faults = [Fault(1, name, "这一列出现了不止一次") for name in twice]
    padded = rows is not None
    lines = [tidy_line(number, header, cells, padded=padded, faults=faults) for number, cells in enumerate(raw[1:], 2)]
    wide = len(header)
    faults += [
        Fault(number, "", f"应有{wide}列，实有{len(line)}列")
        for number, line in enumerate(lines, 2) if any(line) and len(line) != wide
    ]  # fmt: skip
    if faults:
        raise BadTable(faults)
    missing = {name: value for name, value in kind.filled.items() if name not in header}
    return [[*header, *missing], *([*line, *missing.values()] if any(line) else line for line in lines)]


def workbook_rows(content: bytes, sheet: str) -> list[list[Any]]:
    """The cells of a workbook, read by a process of its own. Raises BadTable."""
    command = [sys.executable, "-I", workbook.__file__, sheet]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, check=False)
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        answer = {"problem": OUT_OF_TIME}
    if "problem" in answer:
        raise BadTable([Fault(0, "", answer["problem"])])
    rows: list[list[Any]] = answer["rows"]
    return rows


def column_name(heading: str, kind: TableKind) -> str:
    """Our name of a column, which a file may call by its Chinese heading."""
    plain = unicodedata.normalize("NFKC", heading).strip()
    names = {words: name for name, words in kind.headings.items()}
    return names.get(plain, plain)[:LONGEST_NAME]


def without_blank_end(cells: Sequence[Any]) -> Sequence[Any]:
    """The cells up to the last that holds anything."""
    filled = [place for place, cell in enumerate(cells, 1) if str(cell).strip()]
    return cells[: filled[-1] if filled else 0]


def tidy_line(
    number: int, header: Sequence[str], cells: Sequence[Any], *, padded: bool, faults: list[Fault]
) -> list[str]:
    """The cells of one line as text; what is wrong in it goes to `faults`."""
    kept = list(without_blank_end(cells))
    if kept:
        kept += [""] * ((len(header) if padded else min(len(header), len(cells))) - len(kept))
    tidied: list[str] = []
    for place, cell in enumerate(kept):
        column = header[place] if place < len(header) else ""
        try:
            tidied.append(tidy_cell(column, cell))
        except CellError as problem:
            faults.append(Fault(number, problem.column, problem.message))
    return tidied


def tidy_cell(column: str, cell: Any) -> str:
    """One cell as text: no formula, no number made of a date, no digits lost. Raises CellError."""
    words = str(cell).strip()
    if words.startswith("="):
        raise CellError(column, FORMULA)
    words = words[1:] if words.startswith("'") and words[1:].startswith(MARKS) else words
    if SCIENTIFIC.fullmatch(words) and column not in LONG:
        raise CellError(column, f"“{words}”被表格软件改成了科学计数，请把该列设为文本后重新填写")
    if CONTROL.search(words):
        raise CellError(column, "含有换行或控制字符")
    most = LONGEST_OUTLINE if column in OUTLINES else LONGEST if column in LONG else LONGEST_CODE
    if len(words) > most:
        raise CellError(column, f"最多{most}字，现在是{len(words)}字")
    if column in DAYS:
        return tidy_day(column, words)
    return words.removesuffix(".0") if column not in LONG and words[:-2].isdigit() else words


def tidy_day(column: str, words: str) -> str:
    """A day as 2026-01-31, however a spreadsheet wrote it; "" stays. Raises CellError."""
    parts = [part for part in DAY_MARKS.split(words) if part]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return words
    if len(parts) == 2:
        raise CellError(column, f"“{words}”缺少年份，应写作 2026-01-31")
    if len(parts) == 1 and FIRST_SERIAL <= int(parts[0]) <= LAST_SERIAL:
        return (SERIAL_ZERO + timedelta(days=int(parts[0]))).isoformat()
    return "-".join(part.zfill(2) for part in parts) if len(parts) == 3 else words


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file with a byte order mark, as Excel wants Chinese; no cell can be a formula."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(headings)
    writer.writerows(["'" + cell if cell.startswith(MARKS) else cell for cell in row] for row in rows)
    return held.getvalue().encode("utf-8-sig")


def xlsx_file(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook whose cells are all text, so that no code loses its leading zero."""
    import xlsxwriter  # not in a web process that exports nothing

    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"constant_memory": True}) as book:
        sheet, plain = book.add_worksheet(title), book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 18, plain)
        for place, cells in enumerate((headings, *rows)):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell, plain)
    return held.getvalue()
