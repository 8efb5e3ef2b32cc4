"""The board's values for its templates: every number with its words, its definition and the address of its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from hotline.clock import city_day
from hotline.supervision.boards import Board, read_board
from hotline.supervision.drift import recent_alarms
from hotline.supervision.rates import EXEMPTED, FIGURES, NOTHING, WITHOUT_REVIEW, Count, Figure, Part
from hotline.supervision.scope import PERIODS, UNDISPATCHED, Scope
from hotline.tickets.rulebook import rules, setting
from hotline.web.shown import unit_options
from hotline.web.template_filters import percent

NOBODY = "none"
"""The code under which tickets without a department are asked for."""
PART_WORDS = {Part.COUNTED: "分子", Part.ALL: "分母", Part.EXCLUDED: "不计入"}
LEVELS = {"overdue": "bad", "due_soon": "warn"}
ENDINGS = {f"ended_{reason.value}": reason for reason in WITHOUT_REVIEW}


@dataclass(frozen=True)
class FigureShown:
    """One card; the numbers of a plain count are None."""

    key: str
    label: str
    value: str
    level: str
    url: str
    numerator: int | None
    denominator: int | None
    excluded: int | None
    numerator_url: str
    denominator_url: str
    excluded_url: str
    definition: str
    exclusions: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class DepartmentShown:
    """One line of the table; rates are 0–1 or None."""

    code: str
    name: str
    url: str
    open: int
    open_url: str
    overdue: int
    overdue_url: str
    closed: int
    closed_url: str
    on_time: float | None
    on_time_url: str
    solved: float | None
    solved_url: str
    satisfied: float | None
    satisfied_url: str


def asked_for(scope: Scope) -> dict[str, Any]:
    """The scope as the arguments of an address."""
    return {"from": scope.first.isoformat(), "to": scope.last.isoformat(), "department": code_of(scope.unit)}


def code_of(unit: int | None) -> str:
    """A department's code, `none` for no department, empty for all."""
    if unit is None:
        return ""
    return (
        NOBODY
        if unit == UNDISPATCHED
        else next(c for c, number in rules().departments.items() if number == unit)
    )


def name_of(unit: int | None) -> str:
    """A department's name on the board."""
    if unit is None:
        return "全部单位"
    return "未派单" if unit == UNDISPATCHED else rules().unit_names[unit]


def list_url(scope: Scope, key: str, part: Part = Part.COUNTED, **changes: str) -> str:
    """The address of the list behind a number."""
    arguments = asked_for(scope) | changes
    return url_for("supervisor_board.ticket_list", figure=key, part=part.value, **arguments)


def board_page(scope: Scope) -> dict[str, Any]:
    """All variables of supervisor/board.html."""
    today, arguments = city_day(scope.now), asked_for(scope)
    periods = [(words, *span(today)) for words, span in PERIODS]
    return figures_fragment(scope) | {
        "date_from": scope.first,
        "date_to": scope.last,
        "department": arguments["department"],
        "departments_choice": [(NOBODY, name_of(UNDISPATCHED)), *unit_options()],
        "periods": [
            (
                words,
                period_url(arguments, first.isoformat(), last.isoformat()),
                (first, last) == (scope.first, scope.last),
            )
            for words, first, last in periods
        ],
        "alarms": recent_alarms(scope.now),
        "figures_url": url_for("supervisor_board.figures", **arguments),
    }


def period_url(arguments: Mapping[str, Any], first: str, last: str) -> str:
    """The same board for other days."""
    return url_for("supervisor_board.board", **{**arguments, "from": first, "to": last})


def figures_fragment(scope: Scope) -> dict[str, Any]:
    """All variables of supervisor/_figures.html."""
    board = read_board(scope)
    return {
        "counted_at": board.counted_at,
        "figures": [
            card(figure, board.total[key], scope) for key, figure in FIGURES.items() if key not in ENDINGS
        ],
        "departments": department_lines(board, scope),
        "quota_alarm": quota_alarm(board.total[EXEMPTED.key], scope),
        "endings": [
            (reason.label, board.total[key].counted, list_url(scope, key)) for key, reason in ENDINGS.items()
        ],
    }


def quota_alarm(exempted: Count, scope: Scope) -> tuple[str, str] | None:
    """The sentence that too many results were left out of the assessment, with its list: exclusions are how numbers are
    made up (domain.md §7)."""
    most = setting("exempted_percent")
    if exempted.rate is None or exempted.rate * 100 <= most:
        return None
    words = f"不计考核{exempted.counted}件，占办结{exempted.among}件的{percent(exempted.rate)}，超过{most}%，请核查。"
    return words, list_url(scope, EXEMPTED.key)


def card(figure: Figure, count: Count, scope: Scope) -> FigureShown:
    """One figure with its addresses."""
    is_rate = figure.among is not None
    return FigureShown(
        key=figure.key,
        label=figure.label,
        value=percent(count.rate) if is_rate else str(count.counted),
        level=LEVELS.get(figure.key, "") if count.counted else "",
        url=list_url(scope, figure.key),
        numerator=count.counted if is_rate else None,
        denominator=count.among if is_rate else None,
        excluded=sum(count.excluded.values()) if is_rate else None,
        numerator_url=list_url(scope, figure.key),
        denominator_url=list_url(scope, figure.key, Part.ALL),
        excluded_url=list_url(scope, figure.key, Part.EXCLUDED),
        definition=figure.definition(),
        exclusions=list(count.excluded.items()),
    )


def department_lines(board: Board, scope: Scope) -> list[DepartmentShown]:
    """The departments that have anything, in the city's order; what nobody holds stands last."""
    order = [*rules().departments.values(), UNDISPATCHED]
    return [
        department_line(unit, board.units[unit], scope)
        for unit in order
        if any(count != NOTHING for count in board.units.get(unit, {}).values())
    ]


def department_line(unit: int, counts: Mapping[str, Count], scope: Scope) -> DepartmentShown:
    """One department's numbers with the addresses of their lists."""
    code = code_of(unit)

    def to(key: str) -> str:
        return list_url(scope, key, department=code)

    return DepartmentShown(
        code=code, name=name_of(unit),
        url=url_for("supervisor_board.board", **asked_for(scope) | {"department": code}),
        open=counts["open"].counted, open_url=to("open"),
        overdue=counts["overdue"].counted, overdue_url=to("overdue"),
        closed=counts["settled"].counted, closed_url=to("settled"),
        on_time=counts["on_time"].rate, on_time_url=to("on_time"),
        solved=counts["resolution"].rate, solved_url=to("resolution"),
        satisfied=counts["satisfaction"].rate, satisfied_url=to("satisfaction"),
    )  # fmt: skip


def heading(figure: Figure, part: Part, scope: Scope) -> str:
    """What a list shows: 满意率（分母） · 2026-11-01 至 2026-11-21 · 全部单位."""
    of_part = f"（{PART_WORDS[part]}）" if figure.among or part is Part.EXCLUDED else ""
    when = "现在" if figure.source.live else f"{scope.first} 至 {scope.last}"
    return f"{figure.label}{of_part} · {when} · {name_of(scope.unit)}"
