"""An agent asks the knowledge base while typing, quotes an entry, answers at once, and the caller reviews."""

import re

from hotline.config import Config
from hotline.models.words import ClosingReason, State
from tests.background.child_processes import child, within
from tests.entry_makers import published
from tests.fresh_browser import signed_in_as
from tests.journeys.front_door import do, entry, review_link, steps
from tests.makers import drain, ticket

ASKED = {"content": "我们小区从昨天开始停水，家里没水，请问什么时候来水？", "phone": "13812345678",
         "request_type": "consultation"}  # fmt: skip
QUOTE = re.compile(r'data-quote="(\d+)" data-version="(\d+)"')


def test_an_entry_found_while_typing_is_quoted_answered_and_reviewed(desk, config: Config, web, messages) -> None:
    row, agent = published(), signed_in_as(desk, "agent1")
    no = int(agent.post("/agent/draft", data=ASKED | {"ticket_no": 0, "version": 0}).json["ticket_no"])
    quotes: list[tuple[str, str]] = []

    def asked() -> bool:
        quotes[:] = QUOTE.findall(agent.post("/agent/knowledge", data={"ticket_no": no}).text)
        return bool(quotes)

    with child(config, "work"):
        assert within(40, asked)
        assert within(20, lambda: "依据" in agent.post("/agent/suggestions", data=ASKED | {"ticket_no": no}).text)
    assert quotes[0] == (str(row.entry_id), str(row.version))
    cited = {"entry_id": quotes[0][0], "entry_version": quotes[0][1]}
    do(agent, "/agent/answer", **ASKED, **cited, ticket_no=no, version=1, public_reply="管网抢修，今晚八点恢复供水。")
    assert entry(no, "answer_directly").data["entry"] == row.entry_id
    assert ticket(no).state is State.TO_EVALUATE
    assert web.post(review_link(messages), data={"grade": "5", "solved": "solved"}).status_code == 200
    drain()
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    assert steps(no) == ["begin_draft", "register", "answer_directly", "invite_review", "give_review"]
