"""What the doors cost in statements, counted at the cursor: creating a demand, and what a worker does with it."""

from tests.makers import PLACE, PLAIN, drain, send_demand
from tests.web.counting import statements

CREATE_LIMIT = 12
"""With inbox, journal, clocks and outbox; the nearest system needs 45 (Signalen)."""


def test_creating_a_demand_takes_few_statements(desk, web):
    send_demand()
    drain()
    form = {"form_key": "k" * 16, "content": PLAIN, "place": PLACE, "phone": "13812345678", "name": "陈桂芳"}
    with statements() as counted:
        assert web.post("/demands", data=form).status_code == 303
    print(f"create: {len(counted)} statements")
    assert len(counted) <= CREATE_LIMIT
