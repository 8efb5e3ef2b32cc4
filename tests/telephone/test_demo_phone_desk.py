"""The demo's phone page: a newcomer dials, hears, presses and speaks, through the desk's own webhooks."""

import re
from dataclasses import replace

import pytest

from hotline.app import create_app
from tests.telephone.desk_stage import UNHURRIED, DeskStage, until

pytestmark = pytest.mark.proof

PIECE = {"HX-Request": "true"}


@UNHURRIED
def test_a_newcomer_dials_leaves_a_message_and_hears_that_it_was_taken(stage: DeskStage) -> None:
    page = stage.app.test_client()
    assert "还没有拨号" in page.get("/demo/phone").text
    dialled = page.post("/demo/phone/calls", data={"from_number": "139 0000 0001"})
    assert dialled.status_code == 303
    call = re.search("CA[0-9a-f]{32}", dialled.location)[0]
    hear = f"/demo/phone/calls/{call}"
    until(lambda: "正在留言" in page.get(f"/demo/phone?call={call}").text)
    assert "路灯不亮" in page.post(f"{hear}/speak", data={"words": "路灯不亮"}, headers=PIECE).text
    assert page.post(f"{hear}/press", data={"digits": "#"}).status_code == 303
    until(lambda: "您的留言已收到" in page.get(hear).text)
    stage.until_call(call, "done")
    assert stage.ticket(call).source == "voicemail"


def test_hanging_up_ends_the_call_and_a_late_key_does_no_harm(stage: DeskStage) -> None:
    page = stage.app.test_client()
    call = stage.ring()
    page.post(f"/demo/phone/calls/{call}/hang-up", headers=PIECE)
    stage.until_line(call, "ended")
    late = page.post(f"/demo/phone/calls/{call}/press", data={"digits": "1"}, headers=PIECE)
    assert (late.status_code, "通话已结束" in late.text) == (200, True)


def test_a_number_that_is_none_is_refused_and_stays_in_the_form(stage: DeskStage) -> None:
    refused = stage.app.test_client().post("/demo/phone/calls", data={"from_number": "110ab"})
    assert refused.status_code == 422
    assert "电话号码不正确" in refused.text
    assert "110ab" in refused.text


def test_an_unknown_call_is_not_found(stage: DeskStage) -> None:
    assert stage.app.test_client().get("/demo/phone/calls/CAnone").status_code == 404


def test_outside_the_demo_there_is_no_such_page(stage: DeskStage) -> None:
    client = create_app(replace(stage.app.extensions["hotline-config"], demo=False)).test_client()
    assert client.get("/demo/phone").status_code == 404
