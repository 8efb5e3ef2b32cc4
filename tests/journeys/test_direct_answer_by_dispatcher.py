"""The dispatcher answers at once, citing the knowledge base, and the citizen reviews the answer."""

from datetime import date

from hotline.database import transaction
from hotline.models.words import ClosingReason, State
from hotline.tickets import entries
from tests.journeys.front_door import VAGUE, do, entry, review_link, running, sent, steps, write
from tests.makers import drain, person, ticket

WORDS = "夜间施工须经批准并公告，您可在市住建局网站查看公告，举报请附时间和照片。"


def published():
    """A published entry's number; its version is 1."""
    form = entries.EntryForm(
        title="夜间施工怎么管？", answer_short=WORDS, basis="噪声污染防治办法第十二条", valid_from=date(2020, 1, 1),
        owner_id=person("kbeditor").posts[0].department_id,
    )  # fmt: skip
    with transaction():
        number = entries.write_entry(form, person("kbeditor")).entry_id
        entries.ask_approval(number, 1, person("kbeditor"))
        entries.approve(number, 1, person("kbapprover"))
    return number


def test_a_direct_answer_cites_its_entry_and_is_reviewed(web, signed_in, messages):
    no, number = write(web, VAGUE), published()
    desk = signed_in("dispatcher1")
    url = f"/dispatch/{no}/answer"
    half = desk.post(url, data={"public_reply": WORDS, "entry_id": str(number)})
    assert half.status_code == 422
    assert WORDS in half.text
    old = desk.post(url, data={"public_reply": WORDS, "entry_id": str(number), "entry_version": "7"})
    assert old.status_code == 422
    assert "引用的知识已更新或下架" in old.text
    do(desk, url, public_reply=WORDS, entry_id=str(number), entry_version="1")
    assert ticket(no).state is State.TO_EVALUATE
    assert entry(no, "answer_directly").data["entry"] == number
    assert running(no) == {"evaluate"}
    assert WORDS in web.get(f"/track/{no}").text
    assert sent(messages)[-1] == "review_invitation"
    assert web.post(review_link(messages), data={"grade": "5", "solved": "solved"}).status_code == 200
    drain()
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    assert steps(no) == ["receive", "classify", "answer_directly", "invite_review", "give_review"]
