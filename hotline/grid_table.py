"""Reads the cells of the grid from a table: new codes are added, known ones updated; none is ever deleted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Department, GridCell
from routing.csv_table import CellError, Line, read_table

COLUMNS = ("code", "name", "parent_code", "area", "community", "department_code")
OPTIONAL = ("polygon",)
SHAPES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class CellLine:
    """One cell as written in its table."""

    code: str
    parent_code: str
    values: Mapping[str, Any]


def read_grid(path: Path) -> int:
    """网格; its streets must be departments we have."""
    units = dict(session().execute(select(Department.code, Department.id).where(Department.valid_to.is_(None))).all())
    lines = read_table(path, COLUMNS, lambda line: cell_line(line, units), OPTIONAL)
    known = {cell.code: cell for cell in session().execute(select(GridCell)).scalars()}
    for line in lines:
        cell = known.setdefault(line.code, GridCell(code=line.code))
        for name, value in line.values.items():
            setattr(cell, name, value)
        session().add(cell)
    session().flush()
    for line in lines:
        if line.parent_code and line.parent_code not in known:
            raise BadInput(f"网格“{line.code}”的上级“{line.parent_code}”不存在。")
        known[line.code].parent_id = known[line.parent_code].id if line.parent_code else None
    return len(lines)


def cell_line(line: Line, units: Mapping[str, int]) -> CellLine:
    """One cell from one line of its table. Raises CellError."""
    unit = line.needed("department_code")
    if unit not in units:
        raise CellError("department_code", f"单位代码“{unit}”不存在")
    values = {
        "name": line.needed("name"), "area": line.text("area"), "community": line.text("community"),
        "department_id": units[unit], "polygon": polygon(line),
    }  # fmt: skip
    return CellLine(line.needed("code"), line.text("parent_code"), values)


def polygon(line: Line) -> dict[str, Any] | None:
    """The cell's outline as GeoJSON, None when the table has none. Raises CellError."""
    if not line.text("polygon"):
        return None
    try:
        shape = json.loads(line.text("polygon"))
    except ValueError:
        shape = None
    if not isinstance(shape, dict) or shape.get("type") not in SHAPES or not isinstance(shape.get("coordinates"), list):
        raise CellError("polygon", "应为GeoJSON的Polygon或MultiPolygon，也可留空")
    return shape
