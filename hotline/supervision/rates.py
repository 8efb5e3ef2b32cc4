"""Every figure of the board with its definition: number and list come from the same conditions.

A rate is numerator over denominator of one source; what is excluded is counted by reason and listed too
(domain.md §7 and §18, I12–I14, I20). Silence is never an answer: who said nothing is in no numerator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, not_, select, true
from sqlalchemy.orm import aliased

from hotline.database import session
from hotline.errors import NotFound
from hotline.models import Clock, JournalEntry, Ticket
from hotline.models.words import ClosingReason, Grade, RequestType, Solved, Step
from hotline.models.words import Source as Door
from hotline.supervision import sources
from hotline.supervision.scope import Scope
from hotline.supervision.sources import Exclusion, Source
from hotline.tickets import cannot_get_done, enterprise
from hotline.tickets.rulebook import setting

REVIEWED = (ClosingReason.REVIEWED, ClosingReason.BAD_REVIEW_STANDING)
WITHOUT_REVIEW = tuple(one for one in ClosingReason if one not in REVIEWED)


class Part(StrEnum):
    """Which of a figure's tickets: its numerator, its denominator, or what it leaves out."""

    COUNTED = "counted"
    ALL = "all"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Figure:
    """One number and what it means. `among` is None for a plain count; `besides` is left out here only."""

    key: str
    label: str
    source: Source
    counted: Callable[[Scope], ColumnElement[bool]]
    numerator: str
    among: str | None = None
    basis: str = "本市默认口径"
    besides: Exclusion | None = None

    def definition(self) -> str:
        """What the number means, for the screen."""
        if self.among is None:
            return f"{self.numerator}。依据：{self.basis}。"
        left_out = "、".join(one.words for one in self.exclusions())
        return f"分子：{self.numerator}。分母：{self.among}。不计入：{left_out}。依据：{self.basis}。"

    def exclusions(self) -> tuple[Exclusion, ...]:
        """All reasons to leave a ticket out, in the order in which the first fitting one is counted."""
        return self.source.exclusions + ((self.besides,) if self.besides else ())

    def taken(self) -> ColumnElement[bool]:
        """The source's own rows that this figure leaves in."""
        return not_(self.besides.when) if self.besides else true()


@dataclass(frozen=True)
class Count:
    """A figure counted: `among` is the denominator, `excluded` maps each reason's words to its number."""

    counted: int
    among: int
    excluded: Mapping[str, int]

    @property
    def rate(self) -> float | None:
        """Numerator over denominator, None when nothing was to be counted."""
        return self.counted / self.among if self.among else None

    def plus(self, other: "Count") -> "Count":
        """Both together."""
        words = [*self.excluded, *(one for one in other.excluded if one not in self.excluded)]
        both = {one: self.excluded.get(one, 0) + other.excluded.get(one, 0) for one in words}
        return Count(self.counted + other.counted, self.among + other.among, both)


NOTHING = Count(0, 0, {})


def _always(_: Scope) -> ColumnElement[bool]:
    return true()


def _step(step: Step) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda _: JournalEntry.step == step


def _tagged(tag: str) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda _: Ticket.tags.contains([tag])


def _overdue(scope: Scope) -> ColumnElement[bool]:
    return Ticket.deadline <= scope.now


def _due_soon(scope: Scope) -> ColumnElement[bool]:
    soon = scope.now + timedelta(hours=setting("due_soon_hours"))
    return (Ticket.deadline > scope.now) & (Ticket.deadline <= soon)


def _answer(key: str) -> ColumnElement[str]:
    answer: ColumnElement[str] = JournalEntry.data[key].astext
    return answer


def _contacted(_: Scope) -> ColumnElement[bool]:
    """A review doesn't ask it: the answer of the last revisit before stands."""
    before = aliased(JournalEntry, name="before")
    earlier = (
        select(before.data["contacted"].astext)
        .where(before.ticket_no == JournalEntry.ticket_no, before.seq < JournalEntry.seq)
        .where(before.step.in_(sources.REVISITS))
        .order_by(before.seq.desc())
        .limit(1)
    )
    return func.coalesce(_answer("contacted"), earlier.scalar_subquery()) == "true"


def _solved(word: Solved) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda _: _answer("solved") == word.value


def _graded(*grades: Grade) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda _: func.coalesce(_answer("grade"), _answer("satisfied")).in_([one.value for one in grades])


def _ended(reason: ClosingReason) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda _: Ticket.closing_reason == reason


def _returned(step: Step) -> Callable[[Scope], ColumnElement[bool]]:
    after = aliased(JournalEntry, name="after")
    decided = select(after.id).where(after.ticket_no == JournalEntry.ticket_no, after.step == step)
    return lambda _: not_(sources.nowhere(decided))


def _sent_once(_: Scope) -> ColumnElement[bool]:
    """No return was accepted and no second dispatch followed; what comes after a reopening is another story."""
    again, reopened = aliased(JournalEntry, name="again"), aliased(JournalEntry, name="reopened")
    before = select(reopened.id).where(
        reopened.ticket_no == again.ticket_no, reopened.step == Step.REOPEN, reopened.seq < again.seq
    )
    moved = select(again.id).where(
        again.ticket_no == JournalEntry.ticket_no, again.seq > JournalEntry.seq,
        again.step.in_((Step.ACCEPT_RETURN, Step.DISPATCH)), sources.nowhere(before),
    )  # fmt: skip
    return sources.nowhere(moved)


CONSULTATION = Exclusion("consultation", "咨询", Ticket.request_type == RequestType.CONSULTATION)
THREE_RATES = "参照北京市接诉即办工作条例第三十二条"
VALID = "有效回访，即诉求人有回答的回访或评价；一张工单只计最后一次"
RESPONSE = Figure(
    "response", "响应率", sources.LAST_WORDS, _contacted, "诉求人回答承办单位联系过本人", VALID, THREE_RATES
)  # fmt: skip
RESOLUTION = Figure(
    "resolution", "解决率", sources.LAST_WORDS, _solved(Solved.SOLVED),
    "诉求人回答“解决了”，“部分解决”另列", VALID, THREE_RATES, CONSULTATION,
)  # fmt: skip
SATISFACTION = Figure(
    "satisfaction", "满意率", sources.LAST_WORDS, _graded(Grade.VERY_SATISFIED, Grade.SATISFIED),
    "诉求人回答“非常满意”或“满意”，“基本满意”另列", VALID, THREE_RATES,
)  # fmt: skip
ON_TIME = Figure(
    "on_time", "按时办结率", sources.LAST_LIMITS, lambda _: Clock.met_at < Clock.due_at,
    "在（延期后的）办理时限届满前提交办结",
    "本期内办结或到期的办理时限；一张工单只计最后一次派单，尚未到期的不计",
)  # fmt: skip
ON_TIME_AT_FIRST = Figure(
    "on_time_at_first", "按原时限办结率", sources.LAST_LIMITS, lambda _: Clock.met_at < Clock.original_due_at,
    "在延期和挂起前的原办理时限届满前提交办结", ON_TIME.among,
)  # fmt: skip
EXEMPTED = Figure(
    "exempted", "不计考核率", sources.LAST_RESULTS, lambda _: Ticket.counts_in_assessment.is_(False),
    "经批准不计考核的工单，在各项比率中列为“不纳入考核”", "承办单位最后一次提交办结在本期的工单",
)  # fmt: skip

SENT = "本期第一次派单的工单"
DISPATCHING = (
    Figure("sent_once", "一次派单准确率", sources.FIRST_DISPATCHES, _sent_once, "第一次派单后没有被同意退单、也没有改派的工单", SENT),
    Figure("returns_accepted", "退单率（同意）", sources.FIRST_DISPATCHES, _returned(Step.ACCEPT_RETURN),
           "派单后有退单申请被同意的工单", SENT),
    Figure("returns_rejected", "退单率（驳回）", sources.FIRST_DISPATCHES, _returned(Step.REJECT_RETURN),
           "派单后有退单申请被驳回的工单", SENT),
)  # fmt: skip
"""How well was dispatched (domain.md §7, rows 16 and 17)."""

FIGURES: Mapping[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("open", "在办", sources.OPEN_TICKETS, _always, "现在已登记、尚未结案的工单"),
        Figure("due_soon", "临期", sources.OPEN_TICKETS, _due_soon, "现在剩余时间不足临期小时数的工单"),
        Figure("overdue", "超期", sources.OPEN_TICKETS, _overdue, "现在已到最近一项时限的工单"),
        Figure("enterprise", "企业诉求", sources.OPEN_TICKETS, _tagged(enterprise.TAG), "现在在办、企业提出的工单"),
        Figure("cannot_get_done", "办不成事", sources.OPEN_TICKETS, _tagged(cannot_get_done.TAG),
               "现在在办、诉求人称去窗口或网上没办成的工单"),
        Figure("proactive", Door.PROACTIVE.label, sources.OPEN_TICKETS, lambda _: Ticket.source == Door.PROACTIVE,
               "现在在办、尚无人投诉的工单，不计入群众评价的各项比率"),
        Figure("settled", "已办结", sources.LAST_RESULTS, _always, "承办单位最后一次提交办结在本期的工单"),
        Figure("closed", "已结案", sources.LAST_ENDINGS, _always, "在本期结案且未重新受理的工单"),
        Figure("reopened", "重新受理", sources.OWN_TURNS, _step(Step.REOPEN), "结案后因新情况在本期重新受理的工单"),
        *DISPATCHING,
        ON_TIME,
        ON_TIME_AT_FIRST,
        EXEMPTED,
        Figure("exemptions_rejected", "不计考核查否", sources.OWN_TURNS, _step(Step.REFUSE_EXEMPTION),
               "申请不计考核或考核申诉，在本期被查否的工单"),
        Figure("changed", "变更", sources.OWN_TURNS, _step(Step.CHANGE_TYPE),
               "派单后在本期变更过诉求类型、事项或紧急程度的工单"),
        RESPONSE,
        RESOLUTION,
        Figure("partly", "部分解决", sources.LAST_WORDS, _solved(Solved.PARTLY),
               "诉求人回答“部分解决”，不算解决", besides=CONSULTATION),
        SATISFACTION,
        Figure("basically", "基本满意", sources.LAST_WORDS, _graded(Grade.BASICALLY_SATISFIED),
               "诉求人回答“基本满意”，不算满意"),
        *(Figure(f"ended_{one.value}", one.label, sources.LAST_ENDINGS, _ended(one),
                 f"未经评价结案：{one.label}")
          for one in WITHOUT_REVIEW),
    )
}  # fmt: skip


def figure_named(key: str) -> Figure:
    """The figure. Raises `NotFound`."""
    if key not in FIGURES:
        raise NotFound("没有这项统计。")
    return FIGURES[key]


def listed(figure: Figure, part: Part, scope: Scope) -> Select[tuple[Ticket]]:
    """The tickets behind a number, each once."""
    kept = figure.source.counts() & figure.taken()
    wanted = {
        Part.COUNTED: kept & figure.counted(scope),
        Part.ALL: kept,
        Part.EXCLUDED: not_(kept),
    }
    return figure.source.rows(scope).with_only_columns(Ticket, maintain_column_froms=True).where(wanted[part])


def number_of(query: Select[tuple[Ticket]]) -> int:
    """How many tickets a list has."""
    counted = query.with_only_columns(func.count(), maintain_column_froms=True)
    return session().execute(counted).scalar_one()


def count_figures(
    figures: Sequence[Figure], scope: Scope, by: SQLColumnExpression[int | None] | None = None
) -> dict[int | None, dict[str, Count]]:
    """All figures of one source by department, or by another number of its rows, in one statement."""
    source = figures[0].source
    unit = source.unit if by is None else by
    columns: list[ColumnElement[Any]] = [unit.label("unit"), source.why_not().label("why_not")]
    for figure in figures:
        columns.append(_number(and_(figure.taken(), figure.counted(scope))))
        columns.append(_number(figure.taken()))
    query = source.rows(scope).with_only_columns(*columns, func.count(), maintain_column_froms=True)
    found: dict[int | None, dict[str, Count]] = {}
    for unit, why_not, *numbers, total in session().execute(query.group_by("unit", "why_not")):
        mine = found.setdefault(unit, {})
        for place, figure in enumerate(figures):
            counted, taken = numbers[2 * place : 2 * place + 2]
            one = _one(figure, why_not, (counted, taken, total))
            mine[figure.key] = mine.get(figure.key, NOTHING).plus(one)
    return found


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _one(figure: Figure, why_not: str | None, numbers: tuple[int, int, int]) -> Count:
    """The rows of one department and one reason: left out by the source, or counted by the figure."""
    counted, taken, total = numbers
    if why_not is not None:
        words = next(one.words for one in figure.source.exclusions if one.code == why_not)
        return Count(0, 0, {words: total})
    left_out = {figure.besides.words: total - taken} if figure.besides and total > taken else {}
    return Count(counted, taken, left_out)
