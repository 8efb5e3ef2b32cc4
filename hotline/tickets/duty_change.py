"""A ruling changes the duty list (确责清单): a new version, the row it ends, the row it adds.

The new row's basis names the minutes; their words stay with the case, for a basis is shown with every later one.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, insert, literal, select

from classifier.matters import load_matters
from hotline import clock
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import DutyRowRecord, RuleVersion, Ticket
from hotline.people.accounts import Person
from hotline.tickets.dispatch import Order
from hotline.tickets.find import shown_number
from hotline.tickets.rulebook import one_version_at_a_time, rules
from routing.case import DutyRow
from routing.check_duty_list import are_rivals, same_days
from routing.duty_list import situation_of, split_words, with_bars

KIND = "duty-list"
COPIED = ("matter_code", "area", "object", "time", "lead", "co_units", "basis", "direct", "valid_from", "valid_to")
CHANGED = "确责清单刚刚更新过，请核对后重新选择。"


@dataclass(frozen=True)
class DutyChange:
    """The conditions of the row to add, or the number of the row whose place it takes, with that row's conditions and
    its last day."""

    replaces: int | None = None
    matter_code: str = ""
    area: str = ""
    object: str = ""


def row_today(ticket: Ticket) -> DutyRow | None:
    """The row of today's list that decides a case like this."""
    moment = clock.in_city(ticket.received_at)
    today = clock.city_day(clock.now())
    return rules().duty_list.best_row(
        situation_of(ticket.matter_code, ticket.area_code, ticket.text, today, moment.time())
    )


def change_duty_list(ticket: Ticket, person: Person, order: Order, change: DutyChange) -> int:
    """Copy the newest version with one row more, and one ended; the new row's number. Raises `BadInput`."""
    one_version_at_a_time()
    newest = session().execute(select(func.max(RuleVersion.id)).where(RuleVersion.kind == KIND)).scalar_one() or 0
    old = session().get(DutyRowRecord, change.replaces) if change.replaces else None
    if change.replaces and (old is None or old.version_id != newest):
        raise BadInput(change=CHANGED)
    if change.object and not split_words(with_bars(change.object)):
        raise BadInput(object="没有可以匹配的词，不限请留空。")
    new = _new_row(ticket, order, change, old)
    if old is None:
        _check_new(new, newest)
    version = RuleVersion(
        kind=KIND, imported_at=clock.now(), imported_by=person.id, source=f"会商裁定，工单{shown_number(ticket.ticket_no)}"
    )
    session().add(version)
    session().flush()
    _copy(newest, version.id, old)
    new.version_id = version.id
    session().add(new)
    session().flush()
    return new.id


def _new_row(ticket: Ticket, order: Order, change: DutyChange, old: DutyRowRecord | None) -> DutyRowRecord:
    codes = {number: code for code, number in rules().departments.items()}
    where = old or change
    return DutyRowRecord(
        matter_code=where.matter_code, area=where.area, object=with_bars(where.object), time=old.time if old else "",
        lead=codes[order.department_id], co_units=[codes[unit] for unit in order.co_unit_ids],
        basis=f"会商纪要（{clock.city_day(clock.now())}，工单{shown_number(ticket.ticket_no)}）",
        direct=bool(old and old.direct), valid_from=clock.city_day(clock.now()), valid_to=old.valid_to if old else None,
    )  # fmt: skip


def _check_new(new: DutyRowRecord, newest: int) -> None:
    """A row added must be able to hold, and must not stand beside one with the same conditions."""
    if new.matter_code not in load_matters():
        raise BadInput(matter_code="请选择事项分类。")
    if new.area and new.area not in rules().gazetteer.area_names:
        raise BadInput(area="请选择有效的区域。")
    mine = DutyRowRecord.version_id == newest, DutyRowRecord.matter_code == new.matter_code
    added = _as_row(new)
    for row in map(_as_row, session().execute(select(DutyRowRecord).where(*mine)).scalars()):
        if are_rivals(row, added) and same_days(row, added):
            raise BadInput(change=f"与第{row.id}行条件相同且同时有效，请选择代替原条目，或写明更窄的条件。")


def _as_row(row: DutyRowRecord) -> DutyRow:
    return DutyRow(
        row.id or 0, row.matter_code, row.area, row.object, row.time, row.lead, tuple(row.co_units), row.basis,
        row.valid_from, row.valid_to,
    )  # fmt: skip


def _copy(newest: int, version: int, old: DutyRowRecord | None) -> None:
    """All rows of a version into the next; the replaced one until yesterday, unless it began today."""
    columns = [getattr(DutyRowRecord, name) for name in COPIED]
    rows = select(literal(version), *columns)
    rows = rows.where(DutyRowRecord.version_id == newest).order_by(DutyRowRecord.id)
    if old is not None:
        rows = rows.where(DutyRowRecord.id != old.id)
    session().execute(insert(DutyRowRecord).from_select(["version_id", *COPIED], rows))
    yesterday = clock.city_day(clock.now()) - timedelta(days=1)
    if old is not None and old.valid_from <= yesterday:
        ended = {name: getattr(old, name) for name in COPIED} | {"valid_to": yesterday}
        session().add(DutyRowRecord(version_id=version, **ended))
