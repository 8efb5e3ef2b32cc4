"""An administrator's import: a kept file, a look at what it changes, all of it or nothing, and its undoing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import defer

from hotline import clock
from hotline.city_rules.grid_table import GRID
from hotline.city_rules.matter_table import MATTERS
from hotline.city_rules.rule_tables import CALENDAR, DUTY_LIST, LADDER, LIMITS, PLACES
from hotline.city_rules.sheet_files import read_file
from hotline.city_rules.staff_table import STAFF
from hotline.city_rules.table_lines import (
    Change,
    Entry,
    TableKind,
    changes_to,
    digest_of,
    key_of,
    newest_version,
)
from hotline.city_rules.unit_table import DEPARTMENTS
from hotline.database import session
from hotline.errors import BadInput, Conflict, NotFound
from hotline.models import DataUpload, RuleVersion
from hotline.people.accounts import Person
from hotline.tickets import rulebook
from hotline.tickets.reveal import log_look

KINDS = (DEPARTMENTS, STAFF, DUTY_LIST, LIMITS, CALENDAR, LADDER, PLACES, MATTERS, GRID)
TABLES: Mapping[str, TableKind] = {one.code: one for one in KINDS}
"""Every kind that can be imported, in the order a new city imports them."""
GONE = "这份文件已经导入或已放弃，见下面的导入历史。"
MOVED = "预览之后，现行数据有了变化。下面是重新比较的结果，请再核对一次。"
NOTHING = "没有可导入的变化。"


@dataclass(frozen=True)
class Preview:
    """A kept file beside the present table."""

    upload: DataUpload
    kind: TableKind
    entries: Sequence[Entry]
    changes: Sequence[Change]

    @property
    def digest(self) -> str:
        """What a confirmation must name."""
        return digest_of(self.changes)


def kind_of(code: str) -> TableKind:
    """The kind of table of this code. Raises `NotFound`."""
    if code not in TABLES:
        raise NotFound("没有这种数据。")
    return TABLES[code]


def keep_upload(kind: TableKind, source: str, cells: list[list[str]], by: Person) -> DataUpload:
    """Keep a file that can be read; one of the same kind that this person left waiting goes. Raises BadTable."""
    kind.read(cells)
    left = delete(DataUpload).where(DataUpload.kind == kind.code, DataUpload.uploaded_by == by.id)
    session().execute(left)
    row = DataUpload(kind=kind.code, source=source, cells=cells, uploaded_at=clock.now(), uploaded_by=by.id)
    session().add(row)
    session().flush()
    return row


def upload_of(upload_id: int, hold: bool = False) -> DataUpload:
    """A kept file, which `hold` keeps as it is until the transaction ends. Raises `NotFound`."""
    row = session().get(DataUpload, upload_id, with_for_update=hold)
    if row is None:
        raise NotFound(GONE)
    return row


def preview(upload_id: int) -> Preview:
    """What a kept file would change now. Raises BadTable when it fits the other tables no more."""
    row = upload_of(upload_id)
    kind = kind_of(row.kind)
    entries = kind.read(row.cells)
    return Preview(row, kind, entries, changes_to(kind, entries))


def apply_upload(upload_id: int, seen: str, by: Person) -> RuleVersion:
    """Put a kept file into force, if it changes exactly what was seen. Raises `Conflict`, `BadInput`, BadTable."""
    rulebook.one_version_at_a_time()
    found = preview(upload_id)
    if found.digest != seen:
        raise Conflict(MOVED)
    if not found.changes:
        raise BadInput(NOTHING)
    version = put_in_force(found.kind, found.entries, found.changes, found.upload.source)
    version.imported_by = by.id
    log_look(by, None, "import_data", f"{found.kind.label}：{version.source}，{counts_words(version)}")
    session().delete(found.upload)
    return version


def put_in_force(kind: TableKind, entries: Sequence[Entry], changes: Sequence[Change], source: str) -> RuleVersion:
    """A new version of a table; of departments and staff only what changes is written, and kept for the undoing."""
    version = RuleVersion(
        kind=kind.code, imported_at=clock.now(), source=source,
        added=sum(not one.before for one in changes), ended=sum(not one.after for one in changes),
        changed=sum(bool(one.before and one.after) for one in changes),
        changes=[] if kind.whole else [asdict(one) for one in changes],
    )  # fmt: skip
    session().add(version)
    session().flush()
    changing = {key_of(told, kind.key) for one in changes if (told := one.after or one.before)}
    mine = [entry for entry in entries if kind.whole or key_of(entry.cells, kind.key) in changing]
    kind.write(mine, version.id)
    session().flush()
    rulebook.forget()
    return version


def drop_upload(upload_id: int) -> None:
    """Give a kept file up."""
    session().delete(upload_of(upload_id, hold=True))


def undo_import(version_id: int, by: Person) -> RuleVersion:
    """Bring back what was before the last import of a kind. Raises `Conflict` with the reason why not."""
    rulebook.one_version_at_a_time()
    version = session().get(RuleVersion, version_id)
    if version is None or version.kind not in TABLES:
        raise NotFound("没有这次导入。")
    kind = TABLES[version.kind]
    newest = newest_version(version.kind)
    if newest is None or newest.id != version.id or version.undoes:
        raise Conflict("只能撤销最近一次导入，且不能撤销“撤销”本身。")
    if not kind.whole and not version.changes:
        raise Conflict("这次导入没有留下可供撤销的记录。")
    undoing = RuleVersion(
        kind=kind.code, imported_at=clock.now(), imported_by=by.id, source=version.source, undoes=version.id,
        added=version.ended, changed=version.changed, ended=version.added,
    )  # fmt: skip
    session().add(undoing)
    session().flush()
    kind.undo(version, undoing.id)
    session().flush()
    log_look(by, None, "undo_import", f"{kind.label}：{version.source}，{counts_words(version)}")
    rulebook.forget()
    return undoing


def import_path(code: str, path: Path) -> int:
    """Import one file by command, all of it or nothing; the number of its lines. Raises BadTable."""
    rulebook.one_version_at_a_time()
    kind = TABLES[code]
    entries = kind.read(read_file(path.read_bytes(), kind))
    put_in_force(kind, entries, changes_to(kind, entries), path.name)
    return len(entries)


def history(before: int | None, most: int) -> Sequence[RuleVersion]:
    """The imports below this id, newest first, and one more when there are more; what they changed is long and waits
    until it is asked for."""
    query = select(RuleVersion).where(RuleVersion.kind.in_(TABLES)).order_by(RuleVersion.id.desc()).limit(most + 1)
    query = query.options(defer(RuleVersion.changes))
    return session().execute(query.where(RuleVersion.id < before) if before else query).scalars().all()


def waiting_uploads() -> Sequence[DataUpload]:
    """The kept files that nobody has imported or given up."""
    query = select(DataUpload).options(defer(DataUpload.cells)).order_by(DataUpload.id.desc()).limit(50)
    return session().execute(query).scalars().all()


def counts_words(version: RuleVersion) -> str:
    """How many lines came, changed and ended."""
    return f"新增{version.added}行，修改{version.changed}行，取消{version.ended}行"
