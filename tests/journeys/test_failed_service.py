"""Cannot get it done: told with item, window and refusal, proposed to the data bureau, counted apart."""

from tests.journeys.front_door import write
from tests.makers import ticket

TOLD = {
    "cannot_get_done": "1", "service_item": "个体户营业执照变更", "service_window": "市政务大厅12号窗口",
    "refused": "说材料不齐，三次都没有说清差什么",
}  # fmt: skip
WORDS = "跑了三趟都没有办成，希望有人管一管。"


def test_a_failed_service_is_proposed_to_the_data_bureau_and_counted_apart(web, signed_in):
    form = {"form_key": "c", "content": WORDS, "phone": "13812345678", "cannot_get_done": "1"}
    refused = web.post("/demands", data=form | {"service_item": "营业执照变更"})
    assert refused.status_code == 422
    assert "请写明哪一步没办成" in refused.text and "营业执照变更" in refused.text
    no, other = write(web, WORDS, **TOLD), write(web)
    kept = ticket(no)
    assert (kept.state.value, kept.matter_code, kept.tags) == ("to_dispatch", "1604", ["cannot_get_done"])
    for words in TOLD.values():
        assert words in kept.text
    page = signed_in("dispatcher1").get(f"/dispatch/{no}").text
    assert "办不成事" in page and "市数据局" in page and "请人工确认承办单位后派单" in page
    supervisor = signed_in("supervisor1")
    board = supervisor.get("/board").text
    assert "figure=cannot_get_done" in board
    listed = supervisor.get("/board/tickets?figure=cannot_get_done").text
    assert f"/{no}" in listed and f"/{other}" not in listed


def test_an_agent_takes_it_down_and_sends_it_to_the_bureau(signed_in):
    agent = signed_in("agent1")
    form = {"ticket_no": "0", "version": "0", "content": WORDS, "place": "市政务大厅", "phone": "13812345678"}
    refused = agent.post("/agent/register", data=form | TOLD | {"refused": ""})
    assert refused.status_code == 422 and TOLD["service_item"] in refused.text
    sent = agent.post("/agent/register", data=form | TOLD | {"matter_code": "1604", "department": "sjj"})
    assert sent.status_code == 303
    assert "已派至市数据局" in agent.get("/agent").text
