"""Sets a city up from CSV files: departments, staff, duty list, limits, calendar, places, knowledge.
All or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import (
    CalendarDay,
    Department,
    DutyRowRecord,
    EntryVersion,
    LadderRung,
    Membership,
    PlaceRecord,
    RuleVersion,
    Staff,
    TimeLimitRecord,
)
from hotline.models.words import RequestType, Role
from hotline.people.accounts import Person, load_person
from hotline.people.passwords import hash_password
from hotline.tickets import entries, escalating, rulebook
from knowledge_base.entry import BadEntry, read_entries
from routing.csv_table import BadTable, CellError, Line, read_table
from routing.duty_list import read_duty_rows
from routing.ladder import read_rungs
from routing.places import read_gazetteer
from routing.time_limits import read_limits
from routing.working_calendar import read_calendar

DEPARTMENT_COLUMNS = (
    "code", "name", "short_name", "kind", "level", "parent_code", "area_code", "phone", "around_the_clock",
)  # fmt: skip
STAFF_COLUMNS = ("username", "name", "role", "department_code", "phone")


@dataclass(frozen=True)
class DepartmentLine:
    """One department as written in its table."""

    code: str
    parent_code: str
    values: Mapping[str, Any]


def read_file(kind: str, path: Path) -> int:
    """Import one file; the number of rows. Raises `BadInput` with a sentence a faulty line, nothing
    imported."""
    try:
        count = READERS[kind](path)
    except KeyError:
        raise BadInput(f"不认识的类型“{kind}”，可用：{'、'.join(READERS)}。") from None
    except BadTable as problem:
        raise BadInput("\n".join(str(fault) for fault in problem.faults)) from problem
    session().flush()
    rulebook.forget()
    return count


def new_version(kind: str, path: Path) -> int:
    """The id of a new version of this kind of rule."""
    version = RuleVersion(kind=kind, imported_at=clock.now(), source=path.name)
    session().add(version)
    session().flush()
    return version.id


def read_duty_list(path: Path) -> int:
    """确责清单; every lead and co-unit must be a department we have."""
    rows = read_duty_rows(path)
    known = set(session().execute(select(Department.code).where(Department.valid_to.is_(None))).scalars())
    unknown = sorted({unit for row in rows for unit in (row.lead, *row.co_units)} - known)
    if unknown:
        raise BadInput(f"确责清单中的单位代码不存在：{'、'.join(unknown)}。请先导入承办单位。")
    version = new_version("duty-list", path)
    session().add_all(
        DutyRowRecord(
            version_id=version, matter_code=row.matter_code, area=row.area, object=row.object, time=row.time,
            lead=row.lead, co_units=list(row.co_units), basis=row.basis, valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    )  # fmt: skip
    return len(rows)


def read_limit_rows(path: Path) -> int:
    """办理时限."""
    rows = read_limits(path, tuple(RequestType))
    version = new_version("limits", path)
    session().add_all(
        TimeLimitRecord(
            version_id=version, step=row.step, request_type=row.request_type, urgency=row.urgency,
            value=row.value, unit=row.unit, cap=row.cap, cap_unit=row.cap_unit, valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    )  # fmt: skip
    return len(rows)


def read_ladder(path: Path) -> int:
    """升级规则. The limits that run now follow it from the next sweep on."""
    rows = read_rungs(path)
    version = new_version("ladder", path)
    session().add_all(
        LadderRung(
            version_id=version, rung=row.rung, urgency=row.urgency, value=row.value, unit=row.unit,
            valid_from=row.valid_from, valid_to=row.valid_to,
        )
        for row in rows
    )  # fmt: skip
    session().flush()
    rulebook.forget()
    escalating.place_all()
    return len(rows)


def read_calendar_days(path: Path) -> int:
    """工作日历. Provisional due dates are reckoned again by the schedule."""
    rows = read_calendar(path)
    version = new_version("calendar", path)
    session().add_all(
        CalendarDay(
            version_id=version, day=row.day, kind=row.kind, source=row.source,
            hours="|".join(f"{span.start:%H:%M}-{span.end:%H:%M}" for span in row.hours),
        )
        for row in rows
    )  # fmt: skip
    return len(rows)


def read_places(path: Path) -> int:
    """地名."""
    rows = read_gazetteer(path).rows
    version = new_version("places", path)
    session().add_all(
        PlaceRecord(
            version_id=version, name=row.name, kind=row.kind, area=row.area, community=row.community,
            aliases=list(row.aliases),
        )
        for row in rows
    )  # fmt: skip
    return len(rows)


def read_departments(path: Path) -> int:
    """承办单位: new codes are added, known ones updated; none is ever deleted."""
    lines = read_table(path, DEPARTMENT_COLUMNS, department_line)
    today = clock.city_day(clock.now())
    known = {unit.code: unit for unit in session().execute(select(Department)).scalars()}
    for line in lines:
        unit = known.setdefault(line.code, Department(code=line.code, valid_from=today))
        for name, value in line.values.items():
            setattr(unit, name, value)
        session().add(unit)
    session().flush()
    for line in lines:
        if line.parent_code and line.parent_code not in known:
            raise BadInput(f"单位“{line.code}”的上级“{line.parent_code}”不存在。")
        known[line.code].parent_id = known[line.parent_code].id if line.parent_code else None
    return len(lines)


def department_line(line: Line) -> DepartmentLine:
    """One department from one line of its table. Raises CellError."""
    values = {
        "name": line.needed("name"),
        "short_name": line.text("short_name") or line.needed("name"),
        "kind": line.needed("kind"),
        "level": line.whole("level"),
        "area_code": line.text("area_code"),
        "phone": line.text("phone"),
        "around_the_clock": line.text("around_the_clock") in ("1", "true", "是"),
    }
    return DepartmentLine(line.needed("code"), line.text("parent_code"), values)


def read_staff(path: Path, password: str | None = None) -> int:
    """人员: a line a post; new people must set their password at first sign-in."""
    units = dict(session().execute(select(Department.code, Department.id)).all())

    def build(line: Line) -> dict[str, Any]:
        code = line.needed("department_code")
        if code not in units:
            raise CellError("department_code", f"单位代码“{code}”不存在")
        role = line.one_of("role", tuple(Role))
        return {"username": line.needed("username"), "name": line.needed("name"), "role": Role(role),
                "department": units[code], "phone": line.text("phone")}  # fmt: skip

    lines = read_table(path, STAFF_COLUMNS, build)
    hashed = hash_password(password) if password else "!"
    for line in lines:
        _add_post(line, hashed, must_change=password is None)
    return len(lines)


def _add_post(line: Mapping[str, Any], hashed: str, *, must_change: bool) -> None:
    today = clock.city_day(clock.now())
    person = session().execute(select(Staff).where(Staff.username == line["username"])).scalar_one_or_none()
    if person is None:
        person = Staff(
            username=line["username"], name=line["name"], phone=line["phone"], password_hash=hashed,
            must_change_password=must_change, created_at=clock.now(),
        )  # fmt: skip
        session().add(person)
        session().flush()
    held = select(Membership.id).where(
        Membership.staff_id == person.id,
        Membership.role == line["role"],
        Membership.department_id == line["department"],
        Membership.valid_to.is_(None),
    )
    if session().execute(held).first() is None:
        session().add(
            Membership(
                staff_id=person.id, role=line["role"], department_id=line["department"], valid_from=today
            )
        )


def read_knowledge(path: Path) -> int:
    """知识库: every entry waits for a second person; one whose title is known becomes its next version, unless
    it says the same.

    The author is the first editor of the city, the only one an unattended import can name.
    """
    editor, book = holder_of(Role.KB_EDITOR), rulebook.rules()
    try:
        read = read_entries(path)
    except BadEntry as problem:
        raise BadInput(problem.sentence) from problem
    unknown = sorted({entry.owner for entry in read} - set(book.departments))
    if unknown:
        raise BadInput(f"知识条目的责任单位代码不存在：{'、'.join(unknown)}。请先导入承办单位。")
    newest = select(EntryVersion).order_by(EntryVersion.version)
    known = {row.title: row for row in session().execute(newest).scalars()}
    for entry in read:
        form, former = entries.EntryForm.of(entry, book.departments[entry.owner]), known.get(entry.title)
        if former is None:
            row = entries.write_entry(form, editor)
        elif entries.says(former, form):
            continue
        else:
            row = entries.change_entry(former.entry_id, form, editor)
        entries.ask_approval(row.entry_id, row.version, editor)
    return len(read)


def holder_of(role: Role) -> Person:
    """The first person who holds a role today. Raises `BadInput`."""
    query = (
        select(Staff.id, Staff.session_epoch)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.role == role, Membership.valid_to.is_(None), Staff.valid_to.is_(None))
        .order_by(Staff.id)
    )
    first = session().execute(query.limit(1)).first()
    person = load_person(first.id, first.session_epoch) if first else None
    if person is None:
        raise BadInput(f"还没有{role.label}，请先导入人员。")
    return person


READERS: Mapping[str, Callable[[Path], int]] = {
    "departments": read_departments,
    "staff": read_staff,
    "duty-list": read_duty_list,
    "limits": read_limit_rows,
    "calendar": read_calendar_days,
    "ladder": read_ladder,
    "places": read_places,
    "knowledge": read_knowledge,
}
