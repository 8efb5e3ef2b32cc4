"""Whether the machine still is what it says it is, and the demands still what they were: alarms by week.

Numbers come from the nightly counts, never from tickets.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import log, sqrt

from classifier.matters import load_matters
from hotline.clock import city_day
from hotline.models import GuessCount
from hotline.supervision.guess_tallies import WEEK, CountedWeek, Tally, counted_weeks, monday, tallies
from hotline.supervision.scope import Scope

FEWEST = 200
"""Smaller numbers swing by themselves as far as the limits below (default)."""
GAP = 0.05
"""A machine so wrong about itself sends the wrong tickets alone (default)."""
STANDARD_ERRORS = 3
"""Chance alone goes so far once in some four hundred weeks (default)."""
RIPE = 0.8
"""Right guesses are signed sooner than wrong ones: a week that is less decided looks better than it is (default)."""
UNSTABLE = 0.25
"""The usual limit of the population stability index: above it a distribution has shifted (default)."""
WEEKS_BEFORE = 4
WATCHED_WEEKS = 3
"""Whole weeks the board looks back, in which a week ripens (default)."""


@dataclass(frozen=True)
class Alarm:
    """What was noticed of the week of this Monday, as a sentence."""

    week: date
    sentence: str


def recent_alarms(now: datetime) -> list[Alarm]:
    """The alarms of the last whole weeks."""
    this_week = monday(city_day(now))
    return alarms(Scope(this_week - WATCHED_WEEKS * WEEK, this_week - WEEK, now))


def alarms(scope: Scope) -> list[Alarm]:
    """The alarms of the period's whole weeks, newest first."""
    weeks = counted_weeks(scope.first - WEEKS_BEFORE * WEEK, scope.last)
    return find_alarms(tallies(scope, GuessCount.week), weeks, city_day(scope.now))


def find_alarms(by_week: Mapping[date, Tally], weeks: Mapping[date, CountedWeek], today: date) -> list[Alarm]:
    """One alarm a week for what the machine says of itself, one for what the demands are about."""
    found: list[Alarm] = []
    for week in sorted(by_week, reverse=True):
        if week + WEEK <= today:
            sentences = (_calibration(by_week[week]), _mix(week, weeks))
            found += [Alarm(week, sentence) for sentence in sentences if sentence]
    return found


def _calibration(week: Tally) -> str:
    """The sentence when stated and true shares are further apart than chance takes them, else nothing."""
    if week.decided < FEWEST or week.decided < RIPE * week.read:
        return ""
    stated, right = week.stated / week.decided, week.right / week.decided
    error = sqrt(stated * (1 - stated) / week.decided)
    if abs(stated - right) <= max(GAP, STANDARD_ERRORS * error):
        return ""
    advice = "门槛可能偏低，请核对误派并考虑调高。" if stated > right else "门槛可能偏高。"
    return f"首选单位自报把握平均{stated:.1%}，实际派对{right:.1%}（{week.right}/{week.decided}），{advice}"


def _mix(week: date, weeks: Mapping[date, CountedWeek]) -> str:
    """The sentence when the guessed classes are no longer those of the four weeks before, else nothing."""
    now = Counter(weeks[week].classes) if week in weeks else Counter()
    before: Counter[str] = Counter()
    for back in range(1, WEEKS_BEFORE + 1):
        earlier = weeks.get(week - back * WEEK)
        before.update(earlier.classes if earlier else {})
    if min(now.total(), before.total()) < FEWEST:
        return ""
    terms = dict(stability_terms(now, before))
    index = sum(terms.values())
    if index <= UNSTABLE:
        return ""
    code = max(terms, key=lambda one: terms[one])
    matter = load_matters().get(code)
    return (
        f"诉求类别与前四周明显不同（稳定性指数{index:.2f}，超过{UNSTABLE}），变化最大的是“{matter.name if matter else '无法判断'}”"
        f"（{before[code]}/{before.total()} → {now[code]}/{now.total()}）：请留意新出现的问题，并核对派单。"
    )


def stability_terms(now: Mapping[str, int], before: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Each class's part of the population stability index; half a case is added to each, so that none is empty."""
    classes = now.keys() | before.keys()
    totals = [sum(one.values()) + len(classes) / 2 for one in (now, before)]
    for code in classes:
        mine, theirs = (now.get(code, 0) + 0.5) / totals[0], (before.get(code, 0) + 0.5) / totals[1]
        yield code, (mine - theirs) * log(mine / theirs)
