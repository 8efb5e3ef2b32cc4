"""Merged by mistake: a dispatcher takes the follower back out, and nothing of its own was lost."""

from hotline.database import session
from hotline.models import Requester
from hotline.models.words import State
from hotline.tickets.find import shown_number
from tests.journeys.front_door import VAGUE, do, entry, running, sent, settle, steps, write
from tests.makers import ticket

REASON = "经电话核实，是两个不同的工地"


def requester_of(no):
    """Everything that is kept about who spoke."""
    row = session().get_one(Requester, no, populate_existing=True)
    return {column.name: getattr(row, column.name) for column in Requester.__table__.columns}


def merged(web, signed_in):
    """A master, and what was merged into it."""
    master, again = write(web), write(web, VAGUE, name="吴秀兰", phone="13900006621")
    do(signed_in("dispatcher1"), f"/dispatch/{again}/merge", master_no=str(master))
    return master, again


def test_a_follower_goes_its_own_way_again_with_all_that_is_its_own(web, signed_in, messages):
    master, again = merged(web, signed_in)
    before, noise = requester_of(again), write(web, VAGUE, place="江北区")
    desk = signed_in("dispatcher1")
    page = desk.get(f"/dispatch/{again}").text
    assert "撤销并单" in page
    assert f'href="/dispatch/{master}">{shown_number(master)}</a>' in page
    assert f"并入 {shown_number(master)}<div" in page
    assert "撤销并单" not in desk.get(f"/dispatch/{noise}").text
    assert desk.post(f"/dispatch/{again}/unmerge", data={"words": "错"}).status_code == 422
    do(desk, f"/dispatch/{again}/unmerge", words=REASON)
    alone = ticket(again)
    assert (alone.state, alone.master_no, alone.closing_reason) == (State.TO_DISPATCH, again, None)
    assert running(again) == {"dispatch"}
    assert requester_of(again) == before
    assert entry(again, "unmerge").data["unmerged_from"] == master
    assert entry(master, "let_go").data["unmerged"] == again
    assert f"原并入 {shown_number(master)}" in desk.get(f"/dispatch/{again}").text
    assert sent(messages)[-1] == "unmerged"
    assert "改为单独办理" in web.get(f"/track/{again}").text
    assert desk.post(f"/dispatch/{again}/unmerge", data={"words": REASON}).status_code == 409


def test_a_master_keeps_how_far_it_came(web, signed_in, messages):
    master, again = merged(web, signed_in)
    settle(signed_in, master)
    reached = ticket(master).state
    do(signed_in("dispatcher2"), f"/dispatch/{again}/unmerge", words=REASON)
    assert ticket(master).state is reached
    assert steps(master)[-1] == "let_go"
    assert ticket(again).state is State.TO_DISPATCH


def test_only_a_dispatcher_takes_a_follower_out(web, signed_in):
    _, again = merged(web, signed_in)
    for login in ("supervisor1", "agent1", "callback1", "zjj_lead"):
        assert signed_in(login).post(f"/dispatch/{again}/unmerge", data={"words": REASON}).status_code == 403
    assert ticket(again).state is State.MERGED
