"""An alarm when the machine is less right than it says, or the demands are no longer what they were; else silence."""

from datetime import timedelta

import pytest

from hotline import clock
from hotline.background.count_guesses import count_guesses
from hotline.models.words import AssignmentState
from hotline.supervision.drift import recent_alarms, stability_terms
from hotline.supervision.guess_tallies import WEEK
from tests.supervision.guess_weeks import Read, lay_all
from tests.supervision.test_guess_tallies import this_week
from tests.web.prepared_tickets import unit_id

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("desk")]
EVEN = ("0203", "0203", "1101", "1101", "1101", "0801")


def weeks(number: int, right: float = 0.9, last_matters: tuple[str, ...] = EVEN) -> list[Read]:
    """Five whole weeks of so many tickets at 90 percent stated, the last of them as told."""
    zjj, cgj, reads = unit_id("zjj"), unit_id("cgj"), []
    for back in (5, 4, 3, 2, 1):
        share, matters = (right, last_matters) if back == 1 else (0.9, EVEN)
        for i in range(number):
            accepted = zjj if i < share * number else cgj
            reads.append(Read(this_week() - back * WEEK, ((zjj, 0.9),), accepted, matter=matters[i % len(matters)]))
    return reads


def sentences() -> list[str]:
    """The alarms after a night's count."""
    count_guesses()
    found = recent_alarms(clock.now())
    assert all(one.week == this_week() - WEEK for one in found)
    return [one.sentence for one in found]


def test_even_weeks_raise_no_alarm():
    lay_all(weeks(220))
    assert sentences() == []


def test_a_machine_that_promises_too_much_is_noticed_on_the_board_too(signed_in):
    lay_all(weeks(220, right=0.8))
    (sentence,) = sentences()
    assert "自报把握平均90.0%，实际派对80.0%（176/220）" in sentence
    supervisor = signed_in("supervisor1")
    assert sentence in supervisor.get("/board").text
    assert sentence in supervisor.get("/board/classifier").text
    ended = (this_week() - 2 * WEEK).isoformat(), (this_week() - timedelta(days=8)).isoformat()
    assert "自报把握平均" not in supervisor.get("/board/classifier?from={}&to={}".format(*ended)).text


def test_few_cases_or_an_unripe_week_raise_no_alarm():
    lay_all(weeks(190, right=0.8))
    assert sentences() == []
    zjj = unit_id("zjj")
    waiting = Read(this_week() - WEEK, ((zjj, 0.9),), zjj, share=AssignmentState.TO_SIGN)
    lay_all([waiting] * 60 + weeks(30, right=0.8)[120:], start=2026010200000001)
    assert sentences() == []


def test_a_new_kind_of_demand_is_noticed():
    lay_all(weeks(220, last_matters=("0203", "1101", "0506", "0506", "0506")))
    (sentence,) = sentences()
    assert "稳定性指数" in sentence
    assert "（0/880 → 132/220）" in sentence


def test_this_week_is_not_judged_before_it_is_over():
    zjj, cgj = unit_id("zjj"), unit_id("cgj")
    lay_all([Read(this_week(), ((zjj, 0.9),), cgj)] * 220)
    assert sentences() == []


def test_the_stability_index_is_the_published_sum():
    terms = dict(stability_terms({"a": 30, "b": 70}, {"a": 50, "b": 50}))
    assert sum(terms.values()) == pytest.approx(0.1695, abs=0.004)
    assert sum(dict(stability_terms({"a": 9}, {"a": 9})).values()) == 0
