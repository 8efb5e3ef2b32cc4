"""Merged tickets: they follow their master wherever it goes, hear of its answer, and come back if it has none."""

from hotline.models.words import Confidentiality, State
from tests.journeys.front_door import REPLY, VAGUE, do, entry, running, sent, steps, work, write
from tests.makers import ticket


def test_followers_go_on_with_their_master_and_are_told_of_its_answer(web, signed_in, messages):
    last, middle, first = (write(web, VAGUE, form_key=f"told {n}") for n in range(3))
    alone = write(web, VAGUE, form_key="told alone")
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{last}/merge", master_no=str(middle))
    do(desk, f"/dispatch/{middle}/merge", master_no=str(first))
    assert [ticket(no).master_no for no in (last, middle, first, alone)] == [first, first, first, alone]
    assert entry(first, "amend").data["followers"] == [last]
    do(desk, f"/dispatch/{first}/dispatch", department="scj", matter_code="0101", reason="经电话核实，请现场查看")
    work(signed_in, first)
    assert REPLY["public_reply"] not in web.get(f"/track/{last}").text
    do(desk, f"/dispatch/{first}/check", decision="pass")
    assert sent(messages).count("merged_replied") == 2
    page = web.get(f"/track/{last}").text
    assert REPLY["public_reply"] in page
    assert page.count("已完成") == 4
    assert REPLY["public_reply"] not in web.get(f"/track/{alone}").text


def test_followers_of_a_master_that_is_withdrawn_or_refused_come_back_to_be_dispatched(web, signed_in):
    desk = signed_in("dispatcher1")
    for way in ("withdraw", "refuse"):
        follower, master = (write(web, VAGUE, form_key=f"{way} {n}") for n in range(2))
        do(desk, f"/dispatch/{follower}/merge", master_no=str(master))
        if way == "withdraw":
            do(web, f"/track/{master}/withdraw")
        else:
            do(desk, f"/dispatch/{master}/refuse", reason_code="no_duty", words="该事项应通过市场途径解决。")
        back = ticket(follower)
        assert (back.state, back.master_no, back.closing_reason) == (State.TO_DISPATCH, follower, None)
        assert steps(follower)[-2:] == ["unmerge", "classify"]
        assert running(follower) == {"dispatch"}


def test_the_answer_to_a_protected_master_is_told_to_nobody_who_followed_it(web, signed_in, messages):
    follower, master = write(web, VAGUE, form_key="open"), write(web, VAGUE, form_key="own", confidential="1")
    assert ticket(master).confidentiality is not Confidentiality.OPEN
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{follower}/merge", master_no=str(master))
    do(desk, f"/dispatch/{master}/answer", public_reply="您反映的情况我们已经核实处理。")
    assert "merged_replied" not in sent(messages)
    assert "已经核实处理" not in web.get(f"/track/{follower}").text
