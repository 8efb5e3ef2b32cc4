"""网格 by file: new cells are added, known ones changed; a file that leaves one out leaves it as it is, one marked
停用 is no longer used."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from hotline.city_rules.table_lines import (
    ENDING,
    YES,
    Cells,
    Entry,
    TableKind,
    ends,
    read_entries,
    refuse,
    refuse_changed,
    repeated,
    today,
    yes_or_no,
)
from hotline.city_rules.unit_table import left_below, with_known_unit, wrong_parents
from hotline.database import session
from hotline.models import Department, GridCell, RuleVersion
from routing.csv_table import CellError, Line, Rows
from routing.outlines import outline_words, read_outline
from routing.places import STREET_DIGITS

COLUMNS = ("code", "name", "parent_code", "area", "community", "department_code", ENDING, "polygon")
PLAIN = ("name", "area", "community")


class GridTable(TableKind):
    """The cells of the grid as a table."""

    @property
    def headings(self) -> Mapping[str, str]:
        """The Chinese name of each column."""
        return {**super().headings, "code": "网格代码", "parent_code": "上级网格代码"}

    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file. Raises BadTable."""
        entries = read_entries(rows, self.columns, with_known_unit(grid_cells), lambda cells: cells)
        present, noun = self.present(), "网格"
        faults = (*wrong_parents(entries, present, noun), *left_below(entries, present, noun))
        refuse([*repeated(entries, self.key), *faults])
        return entries

    def present(self) -> list[Cells]:
        """The cells in use."""
        cells = session().execute(select(GridCell).order_by(GridCell.id)).scalars().all()
        codes = {cell.id: cell.code for cell in cells}
        units = dict(session().execute(select(Department.id, Department.code)).all())
        return [
            cells_of(cell, codes.get(cell.parent_id or 0, ""), units[cell.department_id])
            for cell in cells if cell.valid_to is None
        ]  # fmt: skip

    def write(self, entries: Sequence[Entry], _: int) -> None:
        """Add and change; one that was no longer used is used again unless it ends."""
        units = dict(session().execute(select(Department.code, Department.id)).all())
        known = {cell.code: cell for cell in session().execute(select(GridCell)).scalars()}
        for entry in entries:
            told = entry.cells
            cell = known.setdefault(told["code"], GridCell(code=told["code"]))
            cell.valid_to, cell.department_id = today() if ends(entry) else None, units[told["department_code"]]
            cell.polygon = json.loads(told["polygon"]) if told["polygon"] else None
            for name in PLAIN:
                setattr(cell, name, told[name])
            session().add(cell)
        session().flush()
        for entry in entries:
            parent = known.get(entry.cells["parent_code"])
            known[entry.cells["code"]].parent_id = parent.id if parent else None

    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Give changed and ended cells their former values; the added ones are no longer used, but kept for their
        tasks. Raises Conflict."""
        refuse_changed(self, version)
        self.write([Entry(0, one["before"], one["before"]) for one in version.changes if one["before"]], undoing_id)
        added = [change["after"]["code"] for change in version.changes if not change["before"]]
        for cell in session().execute(select(GridCell).where(GridCell.code.in_(added))).scalars():
            cell.valid_to = today()


GRID = GridTable("grid", "网格", COLUMNS, ("code",), filled={"polygon": "", ENDING: ""})


def grid_cells(line: Line) -> Cells:
    """One cell from one line, in one spelling. Raises CellError."""
    area = line.text("area")
    if area and not (area.isdigit() and len(area) == STREET_DIGITS):
        raise CellError("area", f"“{area}”不是街道（9位）代码")
    plain = {name: line.needed(name) for name in ("code", "name", "department_code")}
    told = {name: line.text(name) for name in ("parent_code", "area", "community")}
    told |= {"polygon": read_outline(line, "polygon"), ENDING: YES[-1] if yes_or_no(line, ENDING) else ""}
    return {name: (plain | told)[name] for name in COLUMNS}


def cells_of(cell: GridCell, parent_code: str, unit: str) -> Cells:
    """A cell as in its file."""
    polygon = outline_words(cell.polygon) if cell.polygon else ""
    plain = {name: getattr(cell, name) for name in ("code", *PLAIN)}
    told = plain | {"parent_code": parent_code, "department_code": unit, "polygon": polygon, ENDING: ""}
    return {name: told[name] for name in COLUMNS}
