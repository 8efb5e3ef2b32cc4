"""The values of the page on the machine's dispatching: every number with the address of its list."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from flask import url_for

from hotline.clock import city_day
from hotline.models import DispatchThreshold, GuessCount
from hotline.people.accounts import Person
from hotline.people.permissions import admits
from hotline.supervision.dispatch_thresholds import Sent, lowest_for, sent_at, thresholds
from hotline.supervision.drift import WEEKS_BEFORE, find_alarms
from hotline.supervision.guess_outcomes import PARTS, Slice
from hotline.supervision.guess_tallies import (
    WEEK,
    Steps,
    Tally,
    confusions,
    counted_weeks,
    left_out,
    steps_together,
    tallies,
    weeks_counted,
)
from hotline.supervision.scope import Scope
from hotline.supervision.trained_models import trained_models
from hotline.tickets.rulebook import setting
from hotline.web.administration_shown import ModelShown, models_shown
from hotline.web.board_shown import code_of, name_of
from hotline.web.template_filters import percent

SMALL = 30
"""Fewer cases are shown and not ranked (default)."""
STEPS = (50, 60, 70, 80, 85, 90, 95, 98, 99)
NEWEST_MODELS = 5
HEADINGS = ("名称", "已判读", "自动派出", "已有单位签收", "首选派对", "前三含承办单位", "自动派出且已有单位签收",
            "自动派出且派对", "自报把握平均")  # fmt: skip


@dataclass(frozen=True)
class Ratio:
    """Numerator and denominator with their lists; `rate` is 0–1 or None."""

    counted: int
    among: int
    url: str
    among_url: str

    @property
    def rate(self) -> float | None:
        """Numerator over denominator."""
        return self.counted / self.among if self.among else None


@dataclass(frozen=True)
class Cost:
    """What one threshold would send alone and how much of it would be right; `current` is the city's own."""

    sure: int
    current: bool
    sent: Ratio
    right: Ratio


@dataclass(frozen=True)
class Line:
    """A week, a department or all; `stated` is the mean of what the machine said of its first guess."""

    name: str
    tally: Tally
    automatic: Ratio
    right: Ratio
    in_three: Ratio
    automatic_right: Ratio
    stated: float | None
    own: Cost | None = None

    @property
    def ranked(self) -> bool:
        """Whether there are enough cases to compare it with others."""
        return self.tally.decided >= SMALL


@dataclass(frozen=True)
class Confusion:
    """Sent or proposed to one department, accepted by another."""

    guessed: str
    accepted: str
    times: int
    url: str


def asked_days(scope: Scope) -> dict[str, str]:
    """The period as the arguments of an address."""
    return {"from": scope.first.isoformat(), "to": scope.last.isoformat()}


def page_values(scope: Scope, person: Person) -> dict[str, Any]:
    """All variables of supervisor/classifier.html."""
    by_week, models = tallies(scope, GuessCount.week), newest_models()
    weeks = counted_weeks(scope.first - WEEKS_BEFORE * WEEK, scope.last)
    counted = [one.counted_at for week, one in weeks.items() if week >= scope.first]
    return {
        "date_from": scope.first,
        "date_to": scope.last,
        "counted_at": max(counted, default=None),
        "alarms": find_alarms(by_week, weeks, city_day(scope.now)),
        "small": SMALL,
        "total": line("合计", sum_of(by_week), _to(scope)),
        "weeks": [week_line(week, tally, scope) for week, tally in sorted(by_week.items(), reverse=True)],
        "left_out": [(words, number, list_url(scope, code)) for code, words, number in left_out(scope)],
        "departments": department_lines(scope, next((one.version for one in models if one.active), "")),
        "confusions": [
            Confusion(
                guess_name(guessed), name_of(unit), times,
                list_url(scope, "wrong", department=code_of(unit), guessed=code_of(guessed)),
            )
            for guessed, unit, times in confusions(scope)
        ],
        **cost_values(steps_together(scope), scope),
        "models": models,
        "models_url": url_for("administration.models") if admits("administrators", person.roles()) else None,
        "export_urls": [
            (words, url_for("classifier_board.export", table=table, **asked_days(scope)))
            for table, words in (("weeks", "按周"), ("departments", "按单位"))
        ],
    }  # fmt: skip


def list_url(scope: Scope, part: str, **narrowed: Any) -> str:
    """The address of the list behind a number."""
    return url_for("classifier_board.ticket_list", part=part, **asked_days(scope) | narrowed)


def _to(scope: Scope, **narrowed: Any) -> Callable[[str], str]:
    return lambda part: list_url(scope, part, **narrowed)


def sum_of(some: Mapping[Any, Tally]) -> Tally:
    """All together."""
    total = Tally()
    for one in some.values():
        total = total.plus(one)
    return total


def line(name: str, tally: Tally, to: Callable[[str], str], own: Cost | None = None) -> Line:
    """One line with the addresses of its lists."""
    return Line(
        name, tally,
        automatic=Ratio(tally.automatic, tally.read, to("automatic"), to("read")),
        right=Ratio(tally.right, tally.decided, to("right"), to("decided")),
        in_three=Ratio(tally.in_three, tally.decided, to("in_three"), to("decided")),
        automatic_right=Ratio(
            tally.automatic_right, tally.automatic_decided, to("automatic_right"), to("automatic_decided")
        ),
        stated=tally.stated / tally.decided if tally.decided else None,
        own=own,
    )  # fmt: skip


def week_line(week: date, tally: Tally, scope: Scope) -> Line:
    """One week."""
    sunday = week + timedelta(days=6)
    return line(f"{week:%m-%d} 至 {sunday:%m-%d}", tally, _to(Scope(week, sunday, scope.now)))


def department_lines(scope: Scope, model: str = "") -> list[Line]:
    """The departments that accepted cases, the most often missed first; the small ones last, unranked, by name.
    `model`: the one in use, whose guesses made their thresholds."""
    own = thresholds()
    lines = [
        line(name_of(unit), tally, _to(scope, department=code_of(unit)), own_cost(own.get(unit), model))
        for unit, tally in tallies(scope, GuessCount.department_id).items()
        if unit
    ]
    return sorted(lines, key=lambda one: (not one.ranked, (one.ranked and one.right.rate) or 0, one.name))


def own_cost(own: DispatchThreshold | None, model: str) -> Cost | None:
    """A department's own threshold and what it costs, by the cases from which it follows; None when it has none."""
    if own is None:
        return None
    found = Sent(own.sure, own.sent, own.right, own.decided)
    guessed = code_of(own.department_id)
    return cost(found, weeks_counted(own.counted_at), current=True, guessed=guessed, model=model)


def guess_name(unit: int) -> str:
    """The department guessed first; none where the duty list had no row."""
    return name_of(unit) if unit else "无建议"


def cost_values(steps: Steps, scope: Scope) -> dict[str, Any]:
    """What each threshold would send alone, and the sentence for the precision the city wants."""
    city = ceil(round(setting("auto_dispatch_at") * 100, 6))
    costs = [cost(sent_at(steps, sure), scope, current=sure == city) for sure in sorted({*STEPS, city})]
    wanted = setting("auto_dispatch_precision")
    return {"costs": costs, "wanted": wanted_words(wanted, lowest_for(wanted, steps)) if wanted else ""}


def cost(one: Sent, scope: Scope, *, current: bool, **narrowed: str) -> Cost:
    """One threshold with the addresses of its lists."""
    sent_url = list_url(scope, "sendable", sure=one.sure, **narrowed)
    sent = Ratio(one.sent, one.among, sent_url, list_url(scope, "sendable", **narrowed))
    right = Ratio(one.right, one.sent, list_url(scope, "sendable_right", sure=one.sure, **narrowed), sent_url)
    return Cost(one.sure, current, sent, right)


def wanted_words(wanted: float, found: Sent | None) -> str:
    """要95%派对，门槛应为87%，可自动派出54%."""
    if found is None:
        return f"要{percent(wanted)}派对，还没有门槛能做到，或件数太少。"
    share = f"{percent(found.sent / found.among)}（{found.sent}/{found.among}）"
    right = f"{percent(found.right / found.sent)}（{found.right}/{found.sent}）"
    return f"要{percent(wanted)}派对，全市一个门槛的话应为{found.sure}%：可自动派出{share}，其中派对{right}。"


def newest_models() -> Sequence[ModelShown]:
    """The newest models, and the one in use wherever it stands."""
    shown = models_shown(trained_models())
    return [one for place, one in enumerate(shown) if place < NEWEST_MODELS or one.active]


def heading(scope: Scope, some: Slice) -> str:
    """What a list shows: 首选派错 · 首选“市住建局” · 由“市城管局”承办 · 2026-11-02 至 2026-11-08."""
    parts = [PARTS[some.part].words]
    parts += [f"首选“{guess_name(some.guessed)}”"] if some.guessed is not None else []
    parts += [f"由“{name_of(some.unit)}”承办"] if some.unit is not None else []
    parts += [f"把握不低于{some.sure}%"] if some.sure else []
    parts += [f"由模型“{some.model}”判读"] if some.model else []
    return " · ".join([*parts, f"{scope.first} 至 {scope.last}"])


def table_lines(table: str, scope: Scope) -> list[Line]:
    """The lines of one table for its file."""
    if table == "departments":
        return department_lines(scope)
    return [week_line(week, tally, scope) for week, tally in tallies(scope, GuessCount.week).items()]


def csv_lines(lines: Sequence[Line]) -> Iterator[str]:
    """A table as a csv file with a byte order mark, as Excel wants Chinese."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(HEADINGS)
    for one in lines:
        tally, stated = one.tally, "" if one.stated is None else f"{one.stated:.4f}"
        writer.writerow(
            [one.name, tally.read, tally.automatic, tally.decided, tally.right, tally.in_three,
             tally.automatic_decided, tally.automatic_right, stated]
        )  # fmt: skip
    yield "\ufeff" + held.getvalue()
