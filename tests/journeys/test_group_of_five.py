"""Five people tell the same within a day: seen as a group, merged, answered once, reviewed by each for themselves."""

import pytest
from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import DemandGroup, Requester
from hotline.models.words import Confidentiality, State
from hotline.tickets.city_settings import change_setting
from tests.journeys.front_door import PLAIN, REPLY, do, entry, invitations, review_link, sent, steps, work, write
from tests.makers import send_demand, ticket

pytestmark = pytest.mark.proof

BAD = {"grade": "1", "solved": "not", "reason": "not_solved", "words": "夜里还在施工"}
NAMES = ("陈桂芳", "吴秀兰", "赵国强", "孙小梅", "周建军")


def neighbours(web, people=5):
    """So many people tell of the same building site; one of them twice."""
    numbers = [
        write(web, f"{PLAIN}（{n}）", form_key=f"group {n}", name=NAMES[n], phone=f"1380000662{n}") for n in range(people)
    ]
    return [*numbers, write(web, f"{PLAIN}又来了。", form_key="group again", name=NAMES[0], phone="13800006620")]


def groups():
    """All groups."""
    return session().execute(select(DemandGroup).execution_options(populate_existing=True)).scalars().all()


def test_a_group_is_answered_once_and_reviewed_by_each(web, signed_in, messages):
    with transaction():
        for key, value in (("auto_dispatch_at", "1"), ("group_leader_callers", "4"), ("duty_officer", "13700000001")):
            change_setting(key, value, "一律人工派单", None)
    write(web, PLAIN, form_key="elsewhere", place="塔山佳园", phone="13900001111")
    neighbours_told = neighbours(web, 4)
    assert [(one.level.value, one.callers) for one in groups()] == [("notice", 4)]
    fifth = write(web, f"{PLAIN}（4）", form_key="group 4", name=NAMES[4], phone="13800006624")
    (group,) = groups()
    assert sent(messages).count("group_of_many") == 1, "the duty officer hears of it once"
    assert next(one for one in messages.sent if one[1] == "group_of_many")[2]["callers"] == "4"
    assert (group.level.value, group.callers, group.tickets, group.place_name) == ("group", 5, 6, "金桂苑小区")
    desk = signed_in("dispatcher1")
    assert "群诉预警" in desk.get("/dispatch").text
    shown = desk.get(f"/dispatch/groups/{group.id}").text
    assert "138****6624" in shown and "13800006624" not in shown and "吴秀兰" not in shown
    assert "金桂苑小区" in desk.get("/dispatch/groups").text

    master, followers = neighbours_told[0], [*neighbours_told[1:4], fifth]
    for no in followers:
        do(desk, f"/dispatch/{no}/merge", master_no=str(master))
    assert ticket(master).told_by == 5
    matter = ticket(master).matter_code
    do(desk, f"/dispatch/{master}/dispatch", department="zjj", matter_code=matter, reason="多人反映，请现场查看")
    assert "5 人反映" in desk.get(f"/dispatch/{master}").text
    unit = signed_in("zjj_handler").get(f"/department/{master}").text
    assert "5 人反映" in unit and "138****6624" not in unit
    work(signed_in, master)
    do(desk, f"/dispatch/{master}/check", decision="pass")
    assert sent(messages).count("merged_replied") == 4
    assert [len(invitations(no)) for no in followers] == [1, 1, 1, 1]

    link = review_link(messages)
    assert REPLY["public_reply"] in web.get(link).text
    assert web.post(link, data=BAD).status_code == 200
    assert web.post(link, data=BAD).status_code == 410
    unhappy = next(no for no in followers if ticket(no).unhappy_follower)
    assert steps(unhappy)[-1] == "review_as_follower"
    assert entry(unhappy, "review_as_follower").actor_kind == "requester"
    assert (ticket(unhappy).state, ticket(master).state) == (State.MERGED, State.TO_CALLBACK)
    assert f"/dispatch/{unhappy}" in desk.get("/dispatch?tab=unhappy").text
    assert "非常不满意，没解决" in desk.get(f"/dispatch/{master}").text
    content = next(no for no in followers if no != unhappy)
    assert web.post(f"/track/{content}/review", data={"grade": "5", "solved": "solved"}).status_code == 200
    assert not ticket(content).unhappy_follower

    boss, path = signed_in("supervisor1"), f"/supervision/tickets/{unhappy}"
    assert f"tickets/{unhappy}" in boss.get("/supervision/followers").text
    assert "非常不满意，没解决" in boss.get(path).text
    assert boss.post(f"{path}/review", data={"words": "好"}).status_code == 422
    do(boss, f"{path}/review", words="已联系诉求人，转主办单位一并整改")
    read = entry(unhappy, "acknowledge_review")
    assert (read.actor_role.value, read.data["note"]) == ("supervisor", "已联系诉求人，转主办单位一并整改")
    assert "非常不满意，没解决" in desk.get(f"/dispatch/{master}").text, "the review stays"
    for page in (boss.get("/supervision/followers"), desk.get("/dispatch?tab=unhappy")):
        assert f"/{unhappy}" not in page.text
    assert boss.post(f"{path}/review", data={"words": "已联系诉求人，转主办单位"}).status_code == 409

    do(desk, f"/dispatch/{unhappy}/unmerge", words="该户反映的是另一处工地")
    assert (ticket(master).told_by, ticket(unhappy).told_by, ticket(unhappy).unhappy_follower) == (4, 1, False)
    late = next(no for no in followers if no not in (unhappy, content))
    do(desk, f"/dispatch/{late}/unmerge", words="该户反映的是另一处工地")
    assert web.post(f"/track/{late}/review", data=BAD).status_code == 410
    names = {no: session().get_one(Requester, no).phone_hash for no in (master, *followers)}
    assert len(set(names.values())) == 5


@pytest.mark.parametrize("sealed", [Confidentiality.CONFIDENTIAL, Confidentiality.REPORT_PROTECTED])
def test_a_sealed_case_is_merged_with_the_same_persons_only(desk, signed_in, sealed):
    vague = "这里的情况一直没有人来看过，想请有关单位过来看看。"
    mine, again, others = (
        send_demand(vague, phone=phone, confidentiality=level) for phone, level in (
            ("+8613800006621", sealed), ("+8613800006621", sealed), ("+8613800006622", Confidentiality.OPEN)
        )
    )  # fmt: skip
    browser = signed_in("dispatcher1")
    for ticket_no, master in ((mine, others), (others, mine)):
        refused = browser.post(f"/dispatch/{ticket_no}/merge", data={"master_no": str(master)})
        assert (refused.status_code, "只能与同一人的诉求并单" in refused.text) == (422, True)
    do(browser, f"/dispatch/{again}/merge", master_no=str(mine))
    assert (ticket(again).state, ticket(mine).told_by) == (State.MERGED, 1)
