"""The figures of urging and supervision: how often departments are pressed, and whether they answer in time.

Each ticket counts with its last urging, or its last supervision, of the period.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import aliased

from hotline.errors import NotFound
from hotline.models import Reminder, Ticket
from hotline.models.reminder_words import ReminderKind
from hotline.supervision.rates import FIGURES, Figure
from hotline.supervision.scope import Scope
from hotline.supervision.sources import TEST, Source, nowhere

Later = aliased(Reminder, name="later_reminder")
ANSWERED = func.least(Reminder.answered_at, Reminder.ended_at)
URGINGS = (ReminderKind.URGE,)
SUPERVISIONS = tuple(kind for kind in ReminderKind if kind is not ReminderKind.URGE)


def _asked(kinds: tuple[ReminderKind, ...], *, due: bool) -> Callable[[Scope], Select[Any]]:
    """The last of these kinds of each ticket in the period; `due` leaves out what may still be answered in time."""

    def rows(scope: Scope) -> Select[Any]:
        later = select(Later.id).where(
            Later.ticket_no == Reminder.ticket_no, Later.kind.in_(kinds), Later.id > Reminder.id,
            scope.within(Later.asked_at), scope.of_unit(Later.department_id),
        )  # fmt: skip
        query = select(Reminder).join(Ticket, Ticket.ticket_no == Reminder.ticket_no)
        decided = func.least(ANSWERED, Reminder.due_at) <= scope.now if due else true()
        mine = Reminder.kind.in_(kinds), scope.within(Reminder.asked_at), scope.of_unit(Reminder.department_id)
        return query.where(*mine, decided, nowhere(later))

    return rows


def _source(kinds: tuple[ReminderKind, ...], *, due: bool) -> Source:
    return Source(_asked(kinds, due=due), Reminder.department_id, (TEST,))


def _always(_: Scope) -> ColumnElement[bool]:
    return true()


def _in_time(_: Scope) -> ColumnElement[bool]:
    return func.least(ANSWERED, Reminder.due_at) < Reminder.due_at


PRESSED: Mapping[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("urged", "催办", _source(URGINGS, due=False), _always, "本期被催办的工单，一张工单只计最后一次"),
        Figure("urges_answered", "催办按时回复率", _source(URGINGS, due=True), _in_time,
               "承办单位在回复时限内回复或提交办结", "本期发出、已回复或回复时限已到的催办；一张工单只计最后一次"),
        Figure("supervised", "督办", _source(SUPERVISIONS, due=False), _always,
               "本期被督办（含联合督办、挂牌督办）的工单，一张工单只计最后一次"),
        Figure("supervisions_answered", "督办按时回复率", _source(SUPERVISIONS, due=True), _in_time,
               "承办单位在回复时限内回复，或督办在此之前办结", "本期发出、已回复或回复时限已到的督办；一张工单只计最后一次"),
    )
}  # fmt: skip


def any_figure(key: str) -> Figure:
    """A figure of the board or of this page. Raises `NotFound`."""
    known = {**FIGURES, **PRESSED}
    if key not in known:
        raise NotFound("没有这项统计。")
    return known[key]
