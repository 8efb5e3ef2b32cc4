"""Dispatch accuracy and returns: who dispatched is charged with an accepted return, never with a rejected one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from hotline.database import session, transaction
from hotline.models.words import Step
from hotline.supervision.boards import read_board
from hotline.supervision.rates import DISPATCHING
from hotline.supervision.scope import Scope
from tests.makers import person
from tests.supervision.laid_tickets import Laid, lay

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
IN = NOW - 9 * DAY
SENT = (Step.DISPATCH, IN, {})
RETURNED = [(Step.ASK_RETURN, IN, {}), (Step.ACCEPT_RETURN, IN + DAY, {})]
REJECTED = [(Step.ASK_RETURN, IN, {}), (Step.REJECT_RETURN, IN + DAY, {})]
AGAIN = (Step.DISPATCH, IN + 2 * DAY, {})
HISTORIES = (
    [SENT],
    [SENT, *REJECTED],
    [SENT, *RETURNED, AGAIN],
    [SENT, *RETURNED, AGAIN, *REJECTED],
    [SENT, (Step.REOPEN, IN + DAY, {}), AGAIN, *RETURNED],
    [(Step.DISPATCH, IN - 60 * DAY, {}), *RETURNED, AGAIN],
)


@pytest.fixture
def laid(desk):
    """Six tickets, one whose first dispatch was long ago, and a test; half of them sent out by a person."""
    clerk = person("dispatcher1").id
    with transaction():
        for number, history in enumerate(HISTORIES, 1):
            lay(number, Laid([(Step.RECEIVE, IN - 61 * DAY, {}), *history]))
        lay(9, Laid([(Step.RECEIVE, IN, {}), SENT], flags={"is_test": True}))
        current = session()
        current.execute(text("SET LOCAL session_replication_role = replica"))
        current.execute(text("UPDATE journal_entry SET actor_id = NULL WHERE step = 'dispatch'"))
        mine = text("UPDATE journal_entry SET actor_id = :who WHERE step = 'dispatch' AND ticket_no IN (2, 3, 4)")
        current.execute(mine, {"who": clerk})
    return clerk


def test_the_board_counts_first_dispatches_with_accepted_and_rejected_returns_apart(laid):
    total = read_board(Scope(NOW.date().replace(day=1), NOW.date(), NOW)).total
    found = [(total[one.key].counted, total[one.key].among) for one in DISPATCHING]
    assert found == [(3, 5), (3, 5), (2, 5)]
    assert {one.key: sum(total[one.key].excluded.values()) for one in DISPATCHING} == dict.fromkeys(
        ("sent_once", "returns_accepted", "returns_rejected"), 1
    )


def test_the_page_shows_machine_and_people_and_every_number_opens_its_list(laid, signed_in):
    boss, days = signed_in("supervisor1"), "from=2026-11-01&to=2026-11-20"
    page = boss.get(f"/board/dispatching?{days}").text
    assert page.index("智能派单</td>") < page.index(person("dispatcher1").name)
    lists = (laid, "counted", 1), (laid, "all", 3), (0, "counted", 2), (0, "all", 2), (0, "excluded", 1)
    for who, part, wanted in lists:
        path = f"/board/dispatching/tickets?figure=sent_once&part={part}&who={who}&{days}"
        assert path.replace("&", "&amp;").partition("?")[0] in page
        assert f'{wanted} 件</span>' in boss.get(path).text, (who, part)
    assert boss.get("/board/dispatching/tickets?figure=nothing").status_code == 404
