"""Sets a city up from CSV files: departments, staff, duty list, limits, calendar, places, grid, knowledge.
All or nothing."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import select, update

from hotline.city_rules.data_uploads import TABLES, import_path
from hotline.city_rules.staff_table import NO_PASSWORD
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import EntryVersion, Membership, Staff
from hotline.models.words import Role
from hotline.people.accounts import Person, load_person
from hotline.people.passwords import hash_password
from hotline.tickets import entries, rulebook
from knowledge_base.entry import BadEntry, read_entries
from routing.csv_table import BadTable


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


def read_demo_staff(path: Path, password: str) -> None:
    """People of a made-up city, who all sign in with a known password."""
    import_path("staff", path)
    hashed = hash_password(password)
    fresh = update(Staff).where(Staff.password_hash == NO_PASSWORD)
    session().execute(fresh.values(password_hash=hashed, must_change_password=False))


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
    **{code: partial(import_path, code) for code in TABLES},
    "knowledge": read_knowledge,
}
