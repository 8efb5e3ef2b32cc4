"""Every night the machine's dispatching of the last weeks is counted again: the truth ripens as cases move on."""

from datetime import timedelta

from hotline import clock
from hotline.database import transaction
from hotline.supervision.dispatch_thresholds import learn_thresholds
from hotline.supervision.guess_tallies import WEEK, count_weeks, monday
from hotline.supervision.scope import Scope

WEEKS = 12
"""Later nobody returns a case any more (default); what was counted then stays."""


def count_guesses() -> None:
    """The counts, then the thresholds, a transaction each; cut short or come twice, it does no harm."""
    moment = clock.now()
    this_week = monday(clock.city_day(moment))
    weeks = Scope(this_week - (WEEKS - 1) * WEEK, this_week + timedelta(days=6), moment)
    with transaction():
        count_weeks(weeks)
    with transaction():
        learn_thresholds(weeks)
