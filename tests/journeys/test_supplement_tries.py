"""Facts are missing: the requester is told and called, each try counts, and only then may the desk give up."""

from functools import cache

import time_machine

from tests.journeys.front_door import VAGUE, clock_of, do, entry, sent, steps, write
from tests.makers import ticket

TUESDAY = "2026-03-10T02:00:00+00:00"
QUESTION = "请问具体在哪一栋楼，陈桂芳女士看到了什么？"
TRIED = "拨打两次，无人接听"


def waiting(web, signed_in, **changes):
    """A vague message about which the dispatcher asks; the address of the call."""
    no = write(web, VAGUE, **changes)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/ask-more", question=QUESTION)
    return no, f"/supplements/{no}"


@time_machine.travel(TUESDAY, tick=True)
def test_the_desk_gives_up_after_three_tries_or_when_the_time_is_over(web, signed_in, messages):
    signed_in = cache(signed_in)
    no, url = waiting(web, signed_in)
    assert sent(messages)[-1] == "supplement_asked"
    asked = web.get(f"/track/{no}").text
    assert "请您补充：请问具体在哪一栋楼" in asked
    assert "陈桂芳" not in asked.partition("您反映的内容")[0]
    agent, clerk = signed_in("agent1"), signed_in("dispatcher1")
    assert url in agent.get("/supplements").text
    assert signed_in("supervisor1").get("/supplements").status_code == 403
    assert "请问具体在哪一栋楼" in agent.get(url).text
    early = agent.post(f"{url}/give-up", data={"words": "怎么也联系不上诉求人"})
    assert (early.status_code, "已联系0次，满3次未果" in early.text) == (409, True)
    assert "怎么也联系不上诉求人" in early.text
    assert 'data-opens="give-up"' not in clerk.get(f"/dispatch/{no}").text
    assert agent.post(f"{url}/missed", data={"words": "无"}).status_code == 422
    for caller in (agent, clerk, agent):
        do(caller, f"{url}/missed", words=TRIED)
    assert entry(no, "miss_supplement").data == {"v": 1, "attempt": 3, "note": TRIED}
    assert 'data-opens="give-up"' in clerk.get(f"/dispatch/{no}").text
    do(agent, f"{url}/give-up", words="三次联系未果，无法办理")
    assert (ticket(no).state.value, sent(messages)[-1]) == ("not_accepted", "not_accepted")
    assert url not in agent.get("/supplements").text
    assert "不予受理：三次联系未果，无法办理" in web.get(f"/track/{no}").text, "the message says that it stands there"


def test_after_the_time_one_may_give_up_and_new_questions_begin_a_new_count(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no, url = waiting(web, signed_in)
        agent = signed_in("agent1")
        for _ in range(3):
            do(agent, f"{url}/missed", words=TRIED)
        do(agent, url, words="情况还是那样，一直没有人来看过")
        do(signed_in("dispatcher1"), f"/dispatch/{no}/ask-more", question=QUESTION)
        assert steps(no).count("ask_supplement") == 2
        assert agent.post(f"{url}/give-up", data={"words": TRIED}).status_code == 409
        traveller.move_to(clock_of(no, "supplement").due_at)
        do(signed_in("agent1"), f"{url}/give-up", words="补充时限届满，诉求人没有补充")
        assert ticket(no).state.value == "not_accepted"
