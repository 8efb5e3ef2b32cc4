"""The row of the duty list that a dispatcher's choice is checked with is the one the machine would use."""

from datetime import UTC, datetime

import pytest

from hotline.database import transaction
from hotline.tickets.dispatch import duty_row_for, find_routes
from routing.case import MatterGuess
from tests.makers import drain, send_demand, ticket

pytestmark = pytest.mark.usefixtures("desk")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["金桂苑工地夜里十一点还在打桩，吵得睡不着。", "金桂苑工地夜裡十一點還在打樁，吵得睡不著。"])
def test_an_hour_told_in_the_text_counts_for_people_as_for_the_machine(text):
    no = send_demand(text)
    drain()
    with transaction():
        ticket(no).received_at = NOON
    best = find_routes(ticket(no), (MatterGuess("0603", 1.0),))[0]

    found = duty_row_for(ticket(no), "whq-cg", "0603")
    assert best.lead == "whq-cg"
    assert found == best.row
    assert found.time == "22:00-06:00"
