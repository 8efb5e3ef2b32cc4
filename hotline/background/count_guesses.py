"""Every night the machine's dispatching of the last weeks is counted again: the truth ripens as cases move on."""

from hotline import clock
from hotline.database import transaction
from hotline.supervision.dispatch_thresholds import learn_thresholds
from hotline.supervision.guess_tallies import count_weeks, weeks_counted


def count_guesses() -> None:
    """The counts, then the thresholds, a transaction each; cut short or come twice, it does no harm."""
    weeks = weeks_counted(clock.now())
    with transaction():
        count_weeks(weeks)
    with transaction():
        learn_thresholds(weeks)
