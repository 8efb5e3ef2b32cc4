"""A figure's list as a file: one row a ticket, Chinese headings, masked words, read in one statement and never
held whole in memory (ux requirement 20)."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import IO, Any

from sqlalchemy import Select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import NO_DEADLINE, Ticket
from hotline.tickets.find import shown_number
from hotline.tickets.rulebook import rules

CHUNK = 1000
SHEET_ROWS = 1_048_575
"""What one sheet holds below its headings."""
TOO_LONG = "超过一张表的行数，请改用csv导出或缩短时段。"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = Callable[[Any, Mapping[int, str]], str]
COLUMNS: Mapping[str, Cell] = {
    "工单号": lambda row, _: shown_number(row.ticket_no),
    "标题": lambda row, _: row.title,
    "诉求内容": lambda row, _: row.text,
    "地点": lambda row, _: row.place,
    "诉求类型": lambda row, _: row.request_type.label,
    "紧急程度": lambda row, _: row.urgency.label,
    "来源": lambda row, _: row.source.label,
    "承办单位": lambda row, units: units.get(row.department_id, ""),
    "状态": lambda row, _: row.state.label,
    "受理时间": lambda row, _: _moment(row.received_at),
    "最近时限": lambda row, _: "" if row.deadline >= NO_DEADLINE else _until(row.deadline),
    "受理以来工作日": lambda row, _: str(_working_days(row)),
    "受理以来天数": lambda row, _: str((_last_day(row) - clock.city_day(row.received_at)).days),
    "退单次数": lambda row, _: str(row.returns),
    "重办次数": lambda row, _: str(row.rehandles),
    "结案时间": lambda row, _: _moment(row.closed_at) if row.closed_at else "",
    "结案原因": lambda row, _: row.closing_reason.label if row.closing_reason else "",
    "测试": lambda row, _: "是" if row.is_test else "",
}
READ = (
    Ticket.ticket_no, Ticket.title, Ticket.text, Ticket.place, Ticket.request_type, Ticket.urgency, Ticket.source,
    Ticket.department_id, Ticket.state, Ticket.received_at, Ticket.deadline, Ticket.returns, Ticket.rehandles,
    Ticket.closed_at, Ticket.closing_reason, Ticket.is_test,
)  # fmt: skip


def rows_of(query: Select[tuple[Ticket]]) -> Iterator[list[str]]:
    """The list's rows as words, newest number first."""
    units = rules().unit_names
    ordered = query.with_only_columns(*READ, maintain_column_froms=True).order_by(Ticket.ticket_no.desc())
    for row in session().execute(ordered.execution_options(yield_per=CHUNK)):
        yield [cell(row, units) for cell in COLUMNS.values()]


def csv_of(query: Select[tuple[Ticket]]) -> Iterator[str]:
    """Pieces of a csv file with a byte order mark, as Excel wants Chinese; no cell can be a formula."""
    held = io.StringIO()
    writer = csv.writer(held)
    held.write("\ufeff")
    writer.writerow(COLUMNS)
    for count, row in enumerate(rows_of(query), 1):
        writer.writerow([_harmless(cell) for cell in row])
        if count % CHUNK == 0:
            yield _taken(held)
    yield _taken(held)


def write_xlsx(query: Select[tuple[Ticket]], file: IO[bytes]) -> None:
    """Write the list into a workbook row by row. Raises `BadInput` beyond a sheet's rows."""
    import xlsxwriter  # not in a web process that exports nothing

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("工单")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, list(COLUMNS), book.add_format({"bold": True}))
        for count, row in enumerate(rows_of(query), 1):
            if count > SHEET_ROWS:
                raise BadInput(TOO_LONG)
            for place, cell in enumerate(row):
                sheet.write_string(count, place, cell)


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _taken(held: io.StringIO) -> str:
    piece = held.getvalue()
    held.seek(0)
    held.truncate()
    return piece


def _moment(moment: datetime) -> str:
    return f"{clock.in_city(moment):%Y-%m-%d %H:%M}"


def _last_day(row: Any) -> date:
    return clock.city_day(row.closed_at or clock.now())


def _working_days(row: Any) -> int:
    return rules().calendar.working_days_between(clock.city_day(row.received_at), _last_day(row))


def _until(due_at: datetime) -> str:
    """Midnight belongs to the day before: 2026-02-27 24:00 (spine.md, "Clocks")."""
    local = clock.in_city(due_at)
    if local.hour == local.minute == 0:
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return _moment(due_at)
