"""python workbook.py SHEET: the cells of a workbook from stdin, as JSON on stdout.

A process of its own with little memory and little time: whatever a foreign file does when it is unpacked, it does
not do it to the desk. Formulas are never reckoned: their cells say so and are refused.
"""

import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time
from itertools import islice
from typing import Any

LARGEST = 64 * 1024 * 1024
"""Of all parts unpacked (default)."""
OLD_START = b"\xd0\xcf\x11\xe0"
STARTS = (b"PK", OLD_START)
"""How workbooks begin, today's and old or locked ones."""
MEMORY, SECONDS = 1 << 30, 30
MOST_ROWS, MOST_COLUMNS = 10_001, 60
FORMULA = "=公式"
NO_WORKBOOK = "不是能读懂的xlsx文件，请重新另存为xlsx或CSV。"
OLD = "旧版（xls）或加密的工作簿不能导入，请去掉密码并另存为xlsx或CSV。"
MACROS = "带宏的工作簿不能导入，请另存为不带宏的xlsx或CSV。"
TOO_LARGE = "文件解压后过大，未读取。"
SEVERAL = "文件里有多个工作表（{}），请只保留一个，或把要导入的一个命名为“{}”。"


class BadWorkbook(Exception):
    """The workbook can't be read; its text is a Chinese sentence."""


def read_cells(content: bytes, sheet: str) -> list[list[Any]]:
    """The rows of the sheet of this name, or of the only sheet that holds any. Raises BadWorkbook."""
    refuse_bad(content)
    from openpyxl import load_workbook  # not for a file that is refused at once

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    filled = [one for one in book.worksheets if any(True for row in islice(rows_of(one), 50) if any(row))]
    named = [one for one in filled if one.title == sheet]
    if len(named or filled) > 1:
        raise BadWorkbook(SEVERAL.format("、".join(one.title[:31] for one in filled[:5]), sheet))
    return [row for one in named or filled for row in islice(rows_of(one), MOST_ROWS + 1)]


def rows_of(sheet: Any) -> Any:
    """Its rows as plain values; a wrong size in the file is not believed."""
    sheet.reset_dimensions()
    return ([value_of(cell) for cell in row[:MOST_COLUMNS]] for row in sheet.iter_rows())


def refuse_bad(content: bytes) -> None:
    """Raise BadWorkbook for what is no plain workbook of reasonable size."""
    if content.startswith(OLD_START):
        raise BadWorkbook(OLD)
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, EOFError):
        raise BadWorkbook(NO_WORKBOOK) from None
    if any("vbaproject" in part.filename.lower() for part in parts):
        raise BadWorkbook(MACROS)
    if len(parts) > 1000 or sum(part.file_size for part in parts) > LARGEST:
        raise BadWorkbook(TOO_LARGE)


def value_of(cell: Any) -> str | int | float:
    """A cell as it would stand in a CSV file; numbers stay numbers, so that a date's serial number can be told."""
    value = cell.value
    if cell.data_type == "f":
        return FORMULA
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else str(value or "")


def main() -> None:
    """Answer with {"rows": …} or {"problem": sentence}."""
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS has no limit of addresses; the time is watched from outside as well
            continue
    try:
        answer: dict[str, Any] = {"rows": read_cells(sys.stdin.buffer.read(), sys.argv[1])}
    except BadWorkbook as problem:
        answer = {"problem": str(problem)}
    except Exception:  # a foreign file may break its reader in any way
        answer = {"problem": NO_WORKBOOK}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
