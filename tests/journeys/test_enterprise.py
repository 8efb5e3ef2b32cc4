"""An enterprise speaks: its code is checked, its name is sealed, and its demands are told from others."""

import pytest

from hotline.database import session
from hotline.models import Requester
from hotline.tickets.enterprise import is_credit_code
from hotline.tickets.identity import open_requester
from tests.journeys.front_door import write
from tests.makers import ticket

COMPANY, CODE = "江州启明电子有限公司", "91350100M000100Y43"
TOLD = {"kind": "enterprise", "company": COMPANY, "credit_code": CODE}


@pytest.mark.parametrize("wrong", ["91350100M000100Y34", "91350100M000100Y4", "91350100M000100YI3", "", "企" * 18])
def test_a_code_with_a_wrong_digit_is_refused(wrong: str) -> None:
    assert is_credit_code(CODE)
    assert not is_credit_code(wrong)


def test_an_enterprise_writes_and_a_person_does_too(web, signed_in):
    form = {"form_key": "e", "content": "我公司的退税款三个月没有到账。", "phone": "13812345678"}
    refused = web.post("/demands", data=form | {"kind": "enterprise", "credit_code": "91350100M000100Y34"})
    assert refused.status_code == 422
    for sentence in ("请填写企业名称。", "统一社会信用代码不正确", "我公司的退税款", "91350100M000100Y34"):
        assert sentence in refused.text
    no = write(web, f"{COMPANY}的退税款三个月没有到账。", **(TOLD | {"credit_code": " 91350100m000100y43 "}))
    other = write(web, "我的退税款三个月没有到账。", kind="person")
    kept = session().get_one(Requester, no)
    assert (kept.kind, session().get_one(Requester, other).kind) == ("enterprise", "person")
    assert COMPANY.encode() not in kept.company_sealed
    assert COMPANY not in ticket(no).text + ticket(no).title
    supervisor = signed_in("supervisor1")
    page = supervisor.get(f"/board/tickets/{no}").text
    assert "企业诉求" in page and "江****" in page
    assert COMPANY not in page and CODE not in page
    assert "企业诉求" not in supervisor.get(f"/board/tickets/{other}").text
    supervisor.post(f"/tickets/{no}/identity", data={"reason": "核对企业"})
    shown = supervisor.get(f"/board/tickets/{no}").text
    assert COMPANY in shown and CODE in shown
    listed = supervisor.get("/board/tickets?figure=enterprise").text
    assert f"/{no}" in listed and f"/{other}" not in listed


def test_an_anonymous_enterprise_leaves_no_name(web):
    no = write(web, f"{COMPANY}的退税款三个月没有到账。", anonymous="1", **TOLD)
    kept = session().get_one(Requester, no)
    assert kept.company_sealed is None
    assert COMPANY not in ticket(no).text + open_requester(kept).text


def test_an_agent_writes_an_enterprise_down(signed_in):
    agent = signed_in("agent1")
    form = {"ticket_no": "0", "version": "0", "content": "园区停电两天，生产线停工。", "place": "高新区", "phone": "13812345678"}
    refused = agent.post("/agent/register", data=form | {"kind": "enterprise"})
    assert refused.status_code == 422 and "请填写企业名称。" in refused.text and "园区停电两天" in refused.text
    assert agent.post("/agent/register", data=form | TOLD).status_code == 303
    kept = session().query(Requester).one()
    assert kept.kind == "enterprise" and ticket(kept.ticket_no).tags == ["enterprise"]
