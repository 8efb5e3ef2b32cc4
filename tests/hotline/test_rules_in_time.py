"""A snapshot of the rules follows the calendar as well as the tables."""

from datetime import timedelta

import pytest
import time_machine

from hotline import clock
from hotline.database import transaction
from hotline.models import Setting
from hotline.tickets.rulebook import setting


@pytest.mark.usefixtures("desk")
def test_what_is_decided_for_tomorrow_holds_from_tomorrow_without_a_restart():
    now = clock.now()
    with transaction() as current:
        for value, days in ((7, 0), (9, 1)):
            begins = now + timedelta(days=days)
            current.add(Setting(key="alike_metres", value={"value": value}, valid_from=begins, why="试行"))
    for days, value in ((0, 7), (1, 9), (0, 7)):
        with time_machine.travel(now + timedelta(days=days, seconds=7), tick=False), transaction():
            assert setting("alike_metres") == value
