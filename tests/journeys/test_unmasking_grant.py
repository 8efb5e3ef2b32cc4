"""A named person of a unit sees who is behind one confidential ticket: asked, granted, counted, and ended four ways."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import AccessLog, UnmaskGrant
from tests.journeys.front_door import VAGUE, do, write
from tests.web.prepared_tickets import asked_id

pytestmark = pytest.mark.proof

WHY, NAME, PHONE = "须与诉求人约定上门时间", "陈桂芳", "13812345678"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FILLED = {"matter_code": "0101", "reason": "经电话核实，请现场查看情况"}


def sent_to_hbj(web, signed_in, **changes):
    """A confidential ticket in the hands of a bureau."""
    no = write(web, VAGUE, confidential="1", **changes)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", department="hbj", **FILLED)
    do(signed_in("hbj_handler"), f"/department/{no}/sign")
    return no


def grant(signed_in, no, looks="2", hours=2):
    """Asked for by the handler, granted by the supervisor from now on."""
    do(signed_in("hbj_handler"), f"/department/{no}/unmask", words=WHY)
    number = session().execute(select(UnmaskGrant.id).where(UnmaskGrant.ticket_no == no)
                               .order_by(UnmaskGrant.id.desc()).limit(1)).scalar_one()  # fmt: skip
    begin = clock.in_city(clock.now())
    terms = {"valid_from": f"{begin:%Y-%m-%dT%H:%M}", "valid_to": f"{begin + timedelta(hours=hours):%Y-%m-%dT%H:%M}"}
    do(signed_in("supervisor1"), f"/board/unmasking/{number}", decision="granted", words="同意查看身份", looks=looks, **terms)
    return number


def look(browser, no, reason="电话联系诉求人"):
    """One try; what the page then shows of the person."""
    at = f"/department/{no}"
    answer = browser.post(f"/tickets/{no}/identity", data={"reason": reason})
    page = browser.get(at).text
    return answer.status_code, NAME in page and PHONE in page


def offered(browser, no):
    """Whether the page offers a look."""
    return f"/tickets/{no}/identity" in browser.get(f"/department/{no}").text


def test_the_named_person_looks_as_often_as_granted_and_nobody_else_does(web, signed_in):
    with time_machine.travel(START, tick=False):
        no = sent_to_hbj(web, signed_in)
        handler, lead, supervisor = (signed_in(who) for who in ("hbj_handler", "hbj_lead", "supervisor1"))
        assert look(handler, no) == (403, False)
        short = handler.post(f"/department/{no}/unmask", data={"words": "要看"})
        assert (short.status_code, "请写明为何必须知道" in short.text) == (422, True)
        assert signed_in("cgj_handler").post(f"/department/{no}/unmask", data={"words": WHY}).status_code == 404
        do(handler, f"/department/{no}/unmask", words=f"{WHY}{PHONE}")
        assert handler.post(f"/department/{no}/unmask", data={"words": WHY}).status_code == 409
        page = supervisor.get("/board/unmasking").text
        assert WHY in page and PHONE not in page
        number = re.search(r"/board/unmasking/(\d+)", page)[1]
        terms = {"decision": "granted", "words": "同意查看身份", "looks": "9",
                 "valid_from": "2026-11-23T10:00", "valid_to": "2026-12-23T10:00"}  # fmt: skip
        wrong = supervisor.post(f"/board/unmasking/{number}", data=terms)
        assert wrong.status_code == 422
        assert all(words in wrong.text for words in ("一次最长72小时", "查看次数为1至5次", "2026-12-23T10:00"))
        assert handler.post(f"/board/unmasking/{number}", data=terms).status_code == 403
        do(supervisor, f"/board/unmasking/{number}", **terms | {"looks": "2", "valid_to": "2026-11-23T12:00"})
        assert (look(lead, no), offered(lead, no)) == ((403, False), False)
        assert [look(handler, no), look(handler, no), look(handler, no)] == [(303, True), (303, True), (403, False)]
        assert not offered(handler, no)
        assert "已用2次" in supervisor.get("/board/unmasking").text
    looked = select(AccessLog.what).where(AccessLog.ticket_no == no, AccessLog.role == "handler")
    assert session().execute(looked).scalars().all() == ["unmasked"] * 2
    assert "经批准查看身份" in signed_in("auditor").get(f"/admin/access-log?ticket_no={no}").text


def test_a_grant_ends_by_time_by_withdrawal_and_when_the_ticket_leaves(web, signed_in):
    with time_machine.travel(START, tick=False) as traveller:
        no, handler = sent_to_hbj(web, signed_in), signed_in("hbj_handler")
        grant(signed_in, no)
        assert offered(handler, no)
        traveller.shift(timedelta(hours=2))
        assert (look(handler, no), offered(handler, no)) == ((403, False), False)
        number = grant(signed_in, no)
        assert offered(handler, no)
        do(signed_in("supervisor1"), f"/board/unmasking/{number}/withdraw")
        assert look(handler, no) == (403, False)
        grant(signed_in, no)
        do(handler, f"/department/{no}/return", reason_code="not_our_duty", reason="不属本单位管理范围",
           basis="三定规定第三条", proposed_department="cgj")  # fmt: skip
        do(signed_in("dispatcher1"), f"/dispatch/{no}/returns/{asked_id(no)}", decision="granted", words="同意改派")
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", department="hbj", **FILLED)
        assert (look(handler, no), offered(handler, no)) == ((403, False), False)


def test_a_ticket_page_carries_the_mark_of_who_looks(web, signed_in):
    no = write(web, VAGUE)
    shown = f"{str(no)[:8]} {str(no)[8:12]} {str(no)[12:]}"
    pages = [("dispatcher1", "/dispatch"), ("agent1", "/agent/tickets"), ("callback1", "/callback"),
             ("supervisor1", "/board/tickets")]  # fmt: skip
    for who, at in pages:
        page = signed_in(who).get(f"{at}/{no}").text
        mark = re.search(r'aria-hidden="true"><span data-mark="(\S+) (\d\d-\d\d [\d:]+) ([\d ]+)"', page)
        assert mark and mark[3] == shown and mark[1] in page.partition("退出")[0], who
