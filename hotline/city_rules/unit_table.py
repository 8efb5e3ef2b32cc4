"""承办单位 by file: new codes are added, known ones changed; a file that leaves one out leaves it as it is,
one marked 停用 ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, or_, select

from hotline.city_rules.table_lines import (
    ENDING,
    YES,
    Cells,
    Entry,
    TableKind,
    ends,
    newest_id,
    read_entries,
    refuse,
    refuse_changed,
    repeated,
    today,
    yes_or_no,
)
from hotline.database import session
from hotline.errors import Conflict
from hotline.models import (
    Assignment,
    Department,
    DutyRowRecord,
    EntryVersion,
    GridCell,
    Membership,
    RuleVersion,
    Ticket,
)
from hotline.models.words import ASSIGNMENT_OPEN, ENDED
from routing.csv_table import CellError, Fault, Line, Rows

COLUMNS = (
    "code", "name", "short_name", "kind", "level", "parent_code", "area_code", "phone", "around_the_clock", ENDING,
)  # fmt: skip
PLAIN = ("name", "short_name", "kind", "area_code", "phone")
UNIT_KINDS: Mapping[str, str] = {
    "government": "政府", "hotline": "热线机构", "bureau": "市级部门", "district": "区县",
    "district_bureau": "区县部门", "street": "街道乡镇", "community": "社区", "village": "村", "utility": "公用企业",
    "company": "企业",
}  # fmt: skip
LEVELS = ("1", "2", "3", "4", "5")
BELOW = "有下级单位"


class UnitTable(TableKind):
    """The departments as a table."""

    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file. Raises BadTable."""
        entries = read_entries(rows, self.columns, unit_cells, lambda cells: cells)
        present = self.present()
        faults = (*repeated(entries, self.key), *wrong_parents(entries, present), *left_below(entries, present))
        refuse([*faults, *still_needed(entries)])
        return entries

    def present(self) -> list[Cells]:
        """The departments in force."""
        units = session().execute(select(Department).order_by(Department.id)).scalars().all()
        codes = {unit.id: unit.code for unit in units}
        return [cells_of(unit, codes.get(unit.parent_id or 0, "")) for unit in units if unit.valid_to is None]

    def write(self, entries: Sequence[Entry], _: int) -> None:
        """Add and change; one that had ended is in force again unless it ends."""
        known = {unit.code: unit for unit in session().execute(select(Department)).scalars()}
        for entry in entries:
            unit = known.setdefault(entry.cells["code"], Department(code=entry.cells["code"], valid_from=today()))
            unit.valid_to = today() if ends(entry) else None
            for name, value in values_of(entry.cells).items():
                setattr(unit, name, value)
            session().add(unit)
        session().flush()
        for entry in entries:
            parent = known.get(entry.cells["parent_code"])
            known[entry.cells["code"]].parent_id = parent.id if parent else None

    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Give changed and ended departments their former values and end the added ones. Raises Conflict."""
        refuse_changed(self, version)
        former = [Entry(0, change["before"], change["before"]) for change in version.changes if change["before"]]
        self.write(former, undoing_id)
        added = [change["after"]["code"] for change in version.changes if not change["before"]]
        units = session().execute(select(Department).where(Department.code.in_(added))).scalars().all()
        for unit in units:
            unit.valid_to = today()
        session().flush()
        for unit in units:
            if reason := next(what_needs(unit), ""):
                raise Conflict(f"“{unit.name}”{reason}，不能撤销；请先改过来。")


DEPARTMENTS = UnitTable("departments", "承办单位", COLUMNS, ("code",), filled={ENDING: ""})


def unit_cells(line: Line) -> Cells:
    """One department from one line, in one spelling. Raises CellError."""
    return {
        "code": line.needed("code"),
        "name": line.needed("name"),
        "short_name": line.text("short_name") or line.needed("name"),
        "kind": line.one_of("kind", tuple(UNIT_KINDS)),
        "level": line.one_of("level", LEVELS),
        "parent_code": line.text("parent_code"),
        "area_code": line.text("area_code"),
        "phone": line.text("phone"),
        "around_the_clock": "是" if yes_or_no(line, "around_the_clock") else "否",
        ENDING: YES[-1] if yes_or_no(line, ENDING) else "",
    }


def cells_of(unit: Department, parent_code: str) -> Cells:
    """A department as in its file."""
    plain = {name: str(getattr(unit, name)) for name in ("code", *PLAIN, "level")}
    told = plain | {"parent_code": parent_code, "around_the_clock": "是" if unit.around_the_clock else "否", ENDING: ""}
    return {name: told[name] for name in COLUMNS}


def values_of(cells: Cells) -> dict[str, Any]:
    """What a department's row keeps of its cells."""
    plain = {name: cells[name] for name in PLAIN}
    return plain | {"level": int(cells["level"]), "around_the_clock": cells["around_the_clock"] == "是"}


def wrong_parents(entries: Sequence[Entry], present: Sequence[Cells], noun: str = "单位") -> Iterator[Fault]:
    """The lines whose parent is nowhere, or leads back to themselves; `noun` says what they are."""
    parents = {cells["code"]: cells["parent_code"] for cells in (*present, *(entry.cells for entry in entries))}
    for entry in entries:
        above, seen = entry.cells["parent_code"], {entry.cells["code"]}
        if ends(entry):
            continue
        if above and above not in parents:
            yield Fault(entry.number, "parent_code", f"上级{noun}“{above}”不存在")
            continue
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above:
            yield Fault(entry.number, "parent_code", f"上级{noun}“{above}”绕回了本{noun}")


def left_below(entries: Sequence[Entry], present: Sequence[Cells], noun: str = "单位") -> Iterator[Fault]:
    """The lines that end what something in use would still stand under."""
    over = {entry.cells["code"] for entry in entries if ends(entry)}
    after = {cells["code"]: cells for cells in (*present, *(entry.cells for entry in entries))}
    below = {cells["parent_code"]: cells["name"] for cells in after.values() if cells["code"] not in over}
    for entry in entries:
        if ends(entry) and entry.cells["code"] in below:
            words = f"下级{noun}“{below[entry.cells['code']]}”还在用，请一并停用或改属"
            yield Fault(entry.number, ENDING, words)


def still_needed(entries: Sequence[Entry]) -> Iterator[Fault]:
    """The lines that end a department on which something in force hangs."""
    lines = {entry.cells["code"]: entry.number for entry in entries if ends(entry)}
    query = select(Department).where(Department.code.in_(lines), Department.valid_to.is_(None))
    for unit in session().execute(query).scalars().all():
        yield from (Fault(lines[unit.code], ENDING, f"该单位{why}，不能停用") for why in what_needs(unit) if why != BELOW)


def with_known_unit(build: Callable[[Line], Cells]) -> Callable[[Line], Cells]:
    """`build`, and a fault for a line whose `department_code` is none in force."""
    units = set(session().execute(select(Department.code).where(Department.valid_to.is_(None))).scalars())

    def checked(line: Line) -> Cells:
        cells = build(line)
        if cells["department_code"] not in units:
            raise CellError("department_code", f"单位代码“{cells['department_code']}”不存在")
        return cells

    return checked


def what_needs(unit: Department) -> Iterator[str]:
    """Why a department can't be ended: what is in force and hangs on it."""
    duties = DutyRowRecord.version_id == newest_id("duty-list")
    named = or_(DutyRowRecord.lead == unit.code, DutyRowRecord.co_units.contains([unit.code]))
    needs = (
        ("有未办结的工单", exists().where(Ticket.department_id == unit.id, Ticket.state.not_in(ENDED))),
        ("有未办结的协办任务", exists().where(Assignment.department_id == unit.id, Assignment.state.in_(ASSIGNMENT_OPEN))),
        ("有在岗人员", exists().where(Membership.department_id == unit.id, Membership.valid_to.is_(None))),
        (BELOW, exists().where(Department.parent_id == unit.id, Department.valid_to.is_(None))),
        ("在确责清单中", exists().where(duties, named)),
        ("有网格", exists().where(GridCell.department_id == unit.id, GridCell.valid_to.is_(None))),
        ("有负责的知识条目", exists().where(EntryVersion.owner_id == unit.id)),
    )
    for words, found in needs:
        if session().execute(select(found)).scalar_one():
            yield words
