"""Duty list, limits, calendar and places: a file stands for the whole table, every import is a new version."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select

from hotline.city_rules.matter_table import known_matter
from hotline.city_rules.table_lines import (
    Cells,
    Entry,
    TableKind,
    day_words,
    newest_id,
    read_entries,
    refuse,
    repeated,
)
from hotline.database import session
from hotline.errors import Conflict
from hotline.models import (
    CalendarDay,
    Department,
    DutyRowRecord,
    LadderRung,
    PlaceRecord,
    RuleVersion,
    TimeLimitRecord,
)
from hotline.models.words import RequestType
from hotline.tickets import escalating, rulebook
from hotline.tickets.dispatch import ONLY_HELPS, VILLAGE
from routing import duty_list, ladder, places, time_limits, working_calendar
from routing.csv_table import BadTable, CellError, Fault, Line, Rows

MOST_VALUE = 100_000
"""Minutes of seventy days: more is a slip (default)."""


def no_faults(_: Sequence[Entry]) -> Iterable[Fault]:
    """Nothing wrong between the lines."""
    return ()


@dataclass(frozen=True, kw_only=True)
class RuleTable(TableKind):
    """A versioned table: its record, how a line becomes one, how one becomes cells again, what lines may not do."""

    record: Any
    build: Callable[[Line], Any]
    cells: Callable[[Any], Cells]
    check: Callable[[Sequence[Entry]], Iterable[Fault]] = no_faults
    whole: bool = True

    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file as records of no version yet. Raises BadTable."""
        entries = read_entries(rows, tuple(self.headings), self.build, self.cells)
        refuse([*repeated(entries, self.key), *self.check(entries)])
        if not entries:
            raise BadTable([Fault(0, "", "文件里没有内容；这张表不能整个删去")])
        return entries

    def records(self, version_id: int) -> list[Any]:
        """The records of one version, in the order of their file."""
        wanted = select(self.record).where(self.record.version_id == version_id).order_by(self.record.id)
        return list(session().execute(wanted).scalars())

    def present(self) -> list[Cells]:
        """The lines in force."""
        return [self.cells(one) for one in self.records(newest_id(self.code))]

    def write(self, entries: Sequence[Entry], version_id: int) -> None:
        """Add the lines under the new version."""
        for entry in entries:
            entry.value.version_id = version_id
        session().add_all(entry.value for entry in entries)

    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Copy the version before into the new one. Raises Conflict when what it names is no more."""
        former = select(RuleVersion.id).where(RuleVersion.kind == self.code, RuleVersion.id < version.id)
        before = session().execute(former.order_by(RuleVersion.id.desc()).limit(1)).scalar_one_or_none()
        if before is None:
            raise Conflict("这是第一次导入，没有可以恢复的上一版。")
        rows = enumerate(self.records(before), 2)
        entries = [Entry(number, self.cells(one), self.copied(one)) for number, one in rows]
        if faults := list(self.check(entries)):
            raise Conflict(f"上一版与现在的数据不符，不能恢复：{faults[0].message}。请改为导入一份新的文件。")
        self.write(entries, undoing_id)

    def copied(self, record: Any) -> Any:
        """The same record, of no version yet."""
        names = [column.key for column in inspect(self.record).columns if column.key not in ("id", "version_id")]
        return self.record(**{name: getattr(record, name) for name in names})


class LadderTable(RuleTable):
    """The limits that run now follow new rungs from the next sweep on."""

    def write(self, entries: Sequence[Entry], version_id: int) -> None:
        """Add the lines and place every running limit on them."""
        super().write(entries, version_id)
        session().flush()
        rulebook.forget()
        escalating.place_all()


def rung_record(line: Line) -> LadderRung:
    """One rung of the ladder. Raises CellError."""
    row = ladder.rung_rule(line)
    return LadderRung(
        rung=row.rung, urgency=row.urgency, value=row.value, unit=row.unit, valid_from=row.valid_from,
        valid_to=row.valid_to,
    )  # fmt: skip


def rung_cells(row: LadderRung) -> Cells:
    """A rung as in its file."""
    days = {"valid_from": day_words(row.valid_from), "valid_to": day_words(row.valid_to)}
    return {"rung": str(row.rung), "urgency": row.urgency, "value": str(row.value), "unit": row.unit, **days}


def duty_record(line: Line) -> DutyRowRecord:
    """One row of the duty list. Raises CellError."""
    row = duty_list.duty_row(line)
    return DutyRowRecord(
        matter_code=known_matter(line), area=row.area, object=row.object, time=row.time, lead=row.lead,
        co_units=list(row.co_units), basis=row.basis, valid_from=row.valid_from, valid_to=row.valid_to,
        direct=row.direct,
    )  # fmt: skip


def duty_cells(row: DutyRowRecord) -> Cells:
    """A duty row as in its file."""
    days = {"valid_from": day_words(row.valid_from), "valid_to": day_words(row.valid_to)}
    plain = {name: getattr(row, name) for name in ("matter_code", "area", "object", "time", "lead")}
    return {**plain, "co_units": "|".join(row.co_units), "basis": row.basis, **days,
            "direct": "是" if row.direct else ""}  # fmt: skip


def wrong_units(entries: Sequence[Entry]) -> list[Fault]:
    """The rows whose lead or co-unit is no department we have, or whose lead may only help."""
    units = select(Department.code, Department.level).where(Department.valid_to.is_(None))
    known = {code: level for code, level in session().execute(units)}
    named = [
        (entry.number, column, code)
        for entry in entries
        for column in ("lead", "co_units")
        for code in entry.cells[column].split("|")
        if code
    ]
    return [
        Fault(number, column, ONLY_HELPS if code in known else f"单位代码“{code}”不存在，请先导入承办单位")
        for number, column, code in named
        if code not in known or (column == "lead" and known[code] >= VILLAGE)
    ]


def limit_record(line: Line) -> TimeLimitRecord:
    """One limit. Raises CellError."""
    limit = time_limits.time_limit(line, line.one_of("request_type", ("*", *RequestType)))
    if limit.value > MOST_VALUE:
        raise CellError("value", f"最大为{MOST_VALUE}")
    return TimeLimitRecord(
        step=limit.step, request_type=limit.request_type, urgency=limit.urgency, value=limit.value,
        unit=limit.unit, cap=limit.cap, cap_unit=limit.cap_unit, valid_from=limit.valid_from, valid_to=limit.valid_to,
    )  # fmt: skip


def limit_cells(row: TimeLimitRecord) -> Cells:
    """A limit as in its file."""
    days = {"valid_from": day_words(row.valid_from), "valid_to": day_words(row.valid_to)}
    plain = {name: getattr(row, name) for name in ("step", "request_type", "urgency")}
    cap = {"cap": str(row.cap) if row.cap else "", "cap_unit": row.cap_unit}
    return {**plain, "value": str(row.value), "unit": row.unit, **days, **cap}


def day_record(line: Line) -> CalendarDay:
    """One day of the calendar. Raises CellError."""
    row = working_calendar.calendar_day(line)
    hours = "|".join(f"{span.start:%H:%M}-{span.end:%H:%M}" for span in row.hours)
    return CalendarDay(day=row.day, kind=row.kind, source=row.source, hours=hours)


def day_cells(row: CalendarDay) -> Cells:
    """A day as in its file."""
    return {"day": day_words(row.day), "kind": row.kind, "hours": row.hours, "source": row.source}


def wrong_days(entries: Sequence[Entry]) -> list[Fault]:
    """Days told twice, and days of a year that nothing says is complete: its limits would stay provisional."""
    years = {entry.value.day.year for entry in entries if entry.value.kind == "year"}
    unknown = [
        Fault(entry.number, "day", f"缺少{entry.value.day.year}年的 year 行，不能确定该年安排是否齐全")
        for entry in entries
        if entry.value.kind in ("holiday", "workday") and entry.value.day.year not in years
    ]
    return working_calendar.repeated_days((entry.number, entry.value) for entry in entries) + unknown


def place_record(line: Line) -> PlaceRecord:
    """One place. Raises CellError."""
    row = places.gazetteer_row(line)
    return PlaceRecord(
        name=row.name, kind=row.kind, area=row.area, community=row.community, aliases=list(row.aliases),
        latitude=row.latitude, longitude=row.longitude,
    )  # fmt: skip


def place_cells(row: PlaceRecord) -> Cells:
    """A place as in its file."""
    plain = {name: getattr(row, name) for name in ("name", "kind", "area", "community")}
    spot = {name: "" if getattr(row, name) is None else f"{getattr(row, name):.6f}" for name in places.ON_THE_MAP}
    return {**plain, "aliases": "|".join(row.aliases), **spot}


DUTY_LIST = RuleTable(
    "duty-list", "确责清单", (*duty_list.COLUMNS, "direct"), ("matter_code", "area", "object", "time", "valid_from"),
    record=DutyRowRecord, build=duty_record, cells=duty_cells, check=wrong_units, filled={"direct": ""},
)  # fmt: skip
LIMITS = RuleTable(
    "limits", "办理时限", (*time_limits.COLUMNS, *time_limits.CAP_COLUMNS),
    ("step", "request_type", "urgency", "valid_from"),
    record=TimeLimitRecord, build=limit_record, cells=limit_cells, filled=dict.fromkeys(time_limits.CAP_COLUMNS, ""),
)  # fmt: skip
CALENDAR = RuleTable(
    "calendar", "工作日历", ("day", "kind", "hours", "source"), ("day", "kind"), filled={"version": "1"},
    record=CalendarDay, build=day_record, cells=day_cells, check=wrong_days,
)  # fmt: skip
LADDER = LadderTable(
    "ladder", "升级规则", ladder.COLUMNS, ("rung", "urgency", "valid_from"),
    record=LadderRung, build=rung_record, cells=rung_cells,
)  # fmt: skip
PLACES = RuleTable(
    "places", "地名", (*places.COLUMNS, *places.ON_THE_MAP), ("name", "kind", "area"),
    record=PlaceRecord, build=place_record, cells=place_cells, filled=dict.fromkeys(places.ON_THE_MAP, ""),
)  # fmt: skip
