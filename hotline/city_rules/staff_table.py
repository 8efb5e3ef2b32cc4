"""人员 by file: a line a post. New accounts have no password until an administrator sets one; files never hold any."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from hotline import clock
from hotline.city_rules.table_lines import (
    Cells,
    Entry,
    TableKind,
    read_entries,
    refuse,
    refuse_changed,
    repeated,
    today,
)
from hotline.city_rules.unit_table import with_known_unit
from hotline.database import session
from hotline.errors import Conflict
from hotline.models import Department, Membership, RuleVersion, Staff
from hotline.models.words import Role
from hotline.people.staffing import APART, ASSIGNABLE, LAST_ADMINISTRATOR, USERNAME
from routing.csv_table import CellError, Fault, Line, Rows

COLUMNS = ("username", "name", "role", "department_code", "phone")
NO_PASSWORD = "!"
"""Stands where a hash would, and matches nothing."""


class StaffTable(TableKind):
    """The people and their posts as a table."""

    def read(self, rows: Rows) -> list[Entry]:
        """The lines of a file. Raises BadTable."""
        entries = read_entries(rows, self.columns, with_known_unit(post_cells), lambda cells: cells)
        present = self.present()
        refuse([*repeated(entries, self.key), *two_names(entries), *not_apart(entries, present), *ended(entries)])
        return entries

    def present(self) -> list[Cells]:
        """The posts in force."""
        query = (
            select(Staff.username, Staff.name, Membership.role, Department.code, Staff.phone)
            .join(Membership, Membership.staff_id == Staff.id)
            .join(Department, Department.id == Membership.department_id)
            .where(Staff.valid_to.is_(None), Membership.valid_to.is_(None))
            .order_by(Membership.id)
        )
        return [dict(zip(COLUMNS, map(str, row), strict=True)) for row in session().execute(query)]

    def write(self, entries: Sequence[Entry], _: int) -> None:
        """Open accounts and posts that are new, change names and telephones."""
        names = {entry.cells["username"] for entry in entries}
        people = {one.username: one for one in session().execute(staff_named(names)).scalars()}
        for entry in entries:
            name = entry.cells["username"]
            person = people.setdefault(name, Staff(
                username=name, password_hash=NO_PASSWORD, must_change_password=True, created_at=clock.now(),
            ))  # fmt: skip
            person.name, person.phone, person.valid_to = entry.cells["name"], entry.cells["phone"], None
            session().add(person)
        session().flush()
        held = {key_cells(cells) for cells in self.present()}
        units = dict(session().execute(select(Department.code, Department.id)).all())
        session().add_all(
            Membership(
                staff_id=people[entry.cells["username"]].id, role=Role(entry.cells["role"]),
                department_id=units[entry.cells["department_code"]], valid_from=today(),
            )
            for entry in entries
            if key_cells(entry.cells) not in held
        )  # fmt: skip

    def undo(self, version: RuleVersion, undoing_id: int) -> None:
        """Give people their former names and end the posts and accounts that came. Raises Conflict."""
        refuse_changed(self, version)
        added = [change["after"] for change in version.changes if not change["before"]]
        keys = {key_cells(cells) for cells in added}
        query = (
            select(Membership, Staff, Department.code)
            .join(Staff, Staff.id == Membership.staff_id)
            .join(Department, Department.id == Membership.department_id)
            .where(Staff.username.in_({cells["username"] for cells in added}), Membership.valid_to.is_(None))
        )
        for post, person, unit in session().execute(query).all():
            if (person.username, post.role.value, unit) in keys:
                post.valid_to = today()
        session().flush()
        if not any(cells["role"] == Role.ADMINISTRATOR for cells in self.present()):
            raise Conflict(LAST_ADMINISTRATOR)
        close_unused({cells["username"] for cells in added})
        self.write([Entry(0, one["before"], one["before"]) for one in version.changes if one["before"]], undoing_id)


STAFF = StaffTable("staff", "人员", COLUMNS, ("username", "role", "department_code"))


def post_cells(line: Line) -> Cells:
    """One post from one line. Raises CellError."""
    if not USERNAME.fullmatch(line.needed("username")):
        raise CellError("username", "账号用2～32个小写字母、数字、点、横线")
    role = line.one_of("role", ASSIGNABLE)
    return {"username": line.text("username"), "name": line.needed("name"), "role": str(role),
            "department_code": line.needed("department_code"), "phone": line.text("phone")}  # fmt: skip


def key_cells(cells: Cells) -> tuple[str, str, str]:
    """Whose post where."""
    return cells["username"], cells["role"], cells["department_code"]


def staff_named(names: set[str]) -> Select[Any]:
    """The accounts of these names."""
    return select(Staff).where(Staff.username.in_(names))


def two_names(entries: Sequence[Entry]) -> Iterator[Fault]:
    """The lines that call an account otherwise than a line before."""
    first: dict[str, Cells] = {}
    for entry in entries:
        known = first.setdefault(entry.cells["username"], entry.cells)
        for column in ("name", "phone"):
            if known[column] != entry.cells[column]:
                yield Fault(entry.number, column, f"账号“{known['username']}”在前面写作“{known[column]}”")


def not_apart(entries: Sequence[Entry], present: Sequence[Cells]) -> Iterator[Fault]:
    """The lines that give somebody a post beside one that must be kept apart from it."""
    held: dict[str, set[str]] = {}
    for cells in (*present, *(entry.cells for entry in entries)):
        held.setdefault(cells["username"], set()).add(cells["role"])
    for entry in entries:
        roles, mine = held[entry.cells["username"]], entry.cells["role"]
        if any((mine in some and roles & others) or (mine in others and roles & some) for some, others in APART):
            yield Fault(entry.number, "role", "回访员不能兼任承办岗位，审计员不能兼任管理员")


def ended(entries: Sequence[Entry]) -> Iterator[Fault]:
    """The lines of accounts that were used and closed; one that never had a password may be opened again."""
    names = {entry.cells["username"] for entry in entries}
    closed = staff_named(names).where(Staff.valid_to.is_not(None), Staff.password_hash != NO_PASSWORD)
    gone = {one.username for one in session().execute(closed).scalars()}
    for entry in entries:
        if entry.cells["username"] in gone:
            yield Fault(entry.number, "username", f"账号“{entry.cells['username']}”已停用，请另用账号")


def close_unused(names: set[str]) -> None:
    """Close the accounts of these names that have no post left. Raises Conflict when one is in use: it has a
    password."""
    posts = select(Membership.staff_id).where(Membership.valid_to.is_(None))
    for person in session().execute(staff_named(names).where(Staff.id.not_in(posts))).scalars():
        if person.password_hash != NO_PASSWORD:
            raise Conflict(f"账号“{person.username}”已设密码启用，不能撤销；请在人员页停用。")
        person.valid_to = today()
