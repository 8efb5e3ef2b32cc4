"""What every table of the city is made of: a kind with its columns, lines with their cells, and what two states of
it differ in."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from hotline import clock
from hotline.database import session
from hotline.errors import Conflict
from hotline.models import RuleVersion
from routing.csv_table import BadTable, CellError, Fault, Line, Rows, read_table

Cells = Mapping[str, str]
CHANGED_SINCE = "“{}”在那次导入之后又有修改，不能撤销；请改为导入一份新的文件。"
HEADINGS: Mapping[str, str] = {
    "code": "单位代码", "name": "名称", "short_name": "简称", "kind": "类型", "level": "层级",
    "parent_code": "上级单位代码", "area_code": "区划代码", "phone": "电话", "around_the_clock": "全天值守",
    "username": "账号", "role": "岗位", "department_code": "单位代码", "matter_code": "事项代码", "area": "区域代码",
    "object": "对象词", "time": "时段", "lead": "主办单位代码", "co_units": "协办单位代码", "basis": "依据",
    "direct": "直通车",
    "valid_from": "生效日期", "valid_to": "失效日期", "step": "环节", "request_type": "诉求类型", "urgency": "紧急程度",
    "value": "数值", "unit": "计量单位", "day": "日期", "hours": "办公时间", "source": "来源", "version": "版本",
    "community": "社区", "aliases": "别名", "cap": "上限", "cap_unit": "上限计量单位", "rung": "升级措施",
    "latitude": "纬度", "longitude": "经度", "polygon": "边界", "ended": "停用",
}  # fmt: skip
ENDING = "ended"
"""The column that says of a line that what it tells of is no longer in use."""
YES, NO = ("1", "true", "是"), ("0", "false", "否", "")


@dataclass(frozen=True)
class Entry:
    """One line of a file: its number, its cells in our spelling, and what it becomes."""

    number: int
    cells: Cells
    value: Any


@dataclass(frozen=True)
class Change:
    """One line before and after; None before it was there, or when it is there no more."""

    before: Cells | None
    after: Cells | None


@dataclass(frozen=True)
class TableKind(ABC):
    """One kind of table; `whole` when a file stands for all of it and what it leaves out ends; `filled` are columns a
    file may lack, with what stands in them then."""

    code: str
    label: str
    columns: Sequence[str]
    key: Sequence[str]
    whole: bool = False
    filled: Mapping[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> Mapping[str, str]:
        """The Chinese name of each column."""
        return {name: HEADINGS[name] for name in (*self.columns, *self.filled)}

    @abstractmethod
    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file. Raises BadTable."""

    @abstractmethod
    def present(self) -> list[Cells]:
        """The lines in force."""

    @abstractmethod
    def write(self, entries: Sequence[Entry], version_id: int) -> None:
        """Put the lines into force as this version."""

    @abstractmethod
    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Bring back what was before a version. Raises Conflict when something depends on it."""


def read_entries(
    rows: Rows, columns: Sequence[str], build: Callable[[Line], Any], cells: Callable[[Any], Cells]
) -> list[Entry]:
    """The lines of a file; the cells are those of what each became, so that one spelling is compared."""
    made = read_table(rows, columns, lambda line: (line.number, build(line)))
    return [Entry(number, cells(value), value) for number, value in made]


def yes_or_no(line: Line, column: str) -> bool:
    """A cell that says yes or no, empty for no. Raises CellError."""
    told = line.text(column)
    if told not in (*YES, *NO):
        raise CellError(column, f"“{told}”应写作是或否")
    return told in YES


def ends(entry: Entry) -> bool:
    """Whether a line ends what it tells of."""
    return entry.cells.get(ENDING) == YES[-1]


def refuse(faults: Iterable[Fault]) -> None:
    """Raise BadTable when there is any, first line first."""
    found = sorted(faults, key=lambda fault: fault.line)
    if found:
        raise BadTable(found)


def repeated(entries: Sequence[Entry], key: Sequence[str]) -> list[Fault]:
    """The lines that say again what another already did."""
    first: dict[tuple[str, ...], int] = {}
    faults = []
    for entry in entries:
        at = first.setdefault(key_of(entry.cells, key), entry.number)
        faults += [Fault(entry.number, key[0], f"与第{at}行重复")] if at != entry.number else []
    return faults


def key_of(cells: Cells, key: Sequence[str]) -> tuple[str, ...]:
    """What makes a line the same line."""
    return tuple(cells[name] for name in key)


def changes_to(kind: TableKind, entries: Sequence[Entry]) -> list[Change]:
    """What these lines change in the present table, in their order, what ends last."""
    present = {key_of(cells, kind.key): cells for cells in kind.present()}
    coming = {key_of(entry.cells, kind.key): entry.cells for entry in entries if not ends(entry)}
    leaving = {key_of(entry.cells, kind.key) for entry in entries if ends(entry)}
    changes = [Change(present.get(key), cells) for key, cells in coming.items() if cells != present.get(key)]
    over = (key for key in present if key in leaving or (kind.whole and key not in coming))
    return changes + [Change(present[key], None) for key in over]


def refuse_changed(kind: TableKind, version: RuleVersion) -> None:
    """Raise Conflict when a line that a version brought or ended is not as it left it any more."""
    present = {key_of(cells, kind.key): cells for cells in kind.present()}
    for change in version.changes:
        told = change["after"] or change["before"]
        if present.get(key_of(told, kind.key)) != change["after"]:
            raise Conflict(CHANGED_SINCE.format(told["name"]))


def digest_of(changes: Sequence[Change]) -> str:
    """A sum by which a confirmation names exactly the changes that were seen."""
    told = json.dumps([[one.before, one.after] for one in changes], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def newest_version(kind: str) -> RuleVersion | None:
    """The last import of a kind."""
    query = select(RuleVersion).where(RuleVersion.kind == kind).order_by(RuleVersion.id.desc()).limit(1)
    return session().execute(query).scalar_one_or_none()


def newest_id(kind: str) -> int:
    """Its id, 0 before the first."""
    return session().execute(select(func.max(RuleVersion.id)).where(RuleVersion.kind == kind)).scalar_one() or 0


def day_words(day: date | None) -> str:
    """A day as it stands in a file."""
    return day.isoformat() if day else ""


def today() -> date:
    """The city's day."""
    return clock.city_day(clock.now())
