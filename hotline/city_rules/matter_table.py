"""事项 by file: what the city calls the matters of the standard tree. Which matters there are, the classifier says."""

from collections.abc import Sequence

from classifier.matters import load_matters
from hotline.city_rules.table_lines import Cells, Entry, TableKind, read_entries, refuse, refuse_changed, repeated
from hotline.database import session
from hotline.models import MatterName, RuleVersion
from hotline.tickets.rulebook import matter_names
from routing.csv_table import CellError, Line, Rows

LONGEST = 40
"""A name stands in lists and sentences (default)."""


class MatterTable(TableKind):
    """The matters' names as a table; a file that leaves one out leaves its name as it is."""

    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file. Raises BadTable."""
        entries = read_entries(rows, self.columns, name_cells, lambda cells: cells)
        refuse(repeated(entries, self.key))
        return entries

    def present(self) -> list[Cells]:
        """Every matter with the name in use."""
        return [{"matter_code": code, "name": name} for code, name in matter_names().items()]

    def write(self, entries: Sequence[Entry], _: int) -> None:
        """Keep the names."""
        for entry in entries:
            session().merge(MatterName(**entry.cells))

    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Give matters their former names. Raises Conflict."""
        refuse_changed(self, version)
        self.write([Entry(0, change["before"], change["before"]) for change in version.changes], undoing_id)


MATTERS = MatterTable("matters", "事项名称", ("matter_code", "name"), ("matter_code",))


def name_cells(line: Line) -> Cells:
    """One matter's name from one line. Raises CellError."""
    code, name = known_matter(line), line.needed("name")
    if len(name) > LONGEST:
        raise CellError("name", f"最多{LONGEST}字，现在是{len(name)}字")
    return {"matter_code": code, "name": name}


def known_matter(line: Line) -> str:
    """The code of a matter that there is. Raises CellError."""
    code = line.needed("matter_code")
    if code not in load_matters():
        lost = f"，是否丢了前面的0（0{code}）" if f"0{code}" in load_matters() else ""
        raise CellError("matter_code", f"事项代码“{code}”不存在{lost}")
    return code
