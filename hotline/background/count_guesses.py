"""Every night the machine's dispatching of the last weeks is counted anew: the truth ripens as cases move on."""

from datetime import timedelta

from hotline import clock
from hotline.database import transaction
from hotline.supervision.dispatch_thresholds import learn_thresholds
from hotline.supervision.guess_tallies import WEEK, count_week, monday
from hotline.supervision.scope import Scope

WEEKS = 12
"""Later nobody returns a case any more (default); what was counted then stays."""


def count_guesses() -> None:
    """A transaction a week, oldest first, then the thresholds; cut short or come twice, it does no harm."""
    moment = clock.now()
    this_week = monday(clock.city_day(moment))
    first = this_week - (WEEKS - 1) * WEEK
    for weeks in range(WEEKS):
        with transaction():
            count_week(first + weeks * WEEK)
    with transaction():
        learn_thresholds(Scope(first, this_week + timedelta(days=6), moment))
