"""A company reads an extract of a confidential ticket, written by the dispatcher, and nothing of its words."""

from hotline.models.words import Confidentiality
from tests.journeys.front_door import REPLY, do, write
from tests.makers import drain, send_demand, ticket

TEXT = "金桂苑小区停水三天，我是三栋唯一养鹦鹉的住户，请尽快恢复供水。"
EXTRACT = "金桂苑小区三栋停水三天，请查明原因并恢复供水。"
FILLED = {"matter_code": "0101", "reason": "经电话核实，请现场查看情况"}


def seen(browser, no):
    """All that the company's person gets of the ticket."""
    lists = [browser.get(f"/department?tab={tab}").text for tab in ("to_sign", "handling", "helping")]
    return "".join([*lists, browser.get(f"/department/{no}").text])


def test_a_company_gets_a_confidential_ticket_only_with_an_extract_and_reads_only_that(web, signed_in, messages):
    no = send_demand(TEXT, confidentiality=Confidentiality.CONFIDENTIAL, place="望湖区湖滨街道金桂苑三栋五零一")
    drain()
    desk, company = signed_in("dispatcher1"), signed_in("shuiwu_handler")
    for units in ({"department": "shuiwu"}, {"department": "zjj", "co_departments": "shuiwu"}):
        refused = desk.post(f"/dispatch/{no}/dispatch", data=FILLED | units)
        assert (refused.status_code, "须先撰写不含诉求人身份的摘录" in refused.text) == (422, True)
    assert "鹦鹉" in desk.get(f"/dispatch/{no}").text.partition('id="extract-extract"')[2].partition("</textarea>")[0]
    short = desk.post(f"/dispatch/{no}/extract", data={"extract": "停水"})
    assert (short.status_code, "至少10个字" in short.text) == (422, True)
    do(desk, f"/dispatch/{no}/extract", extract=f"{EXTRACT}（陈桂芳13812345678，代办联系人：李四）")
    do(desk, f"/dispatch/{no}/dispatch", department="zjj", co_departments="shuiwu", **FILLED)
    page = seen(company, no)
    assert EXTRACT in page
    assert not [word for word in ("鹦鹉", "五零一", "陈桂芳", "13812345678", "李四") if word in page]
    assert "鹦鹉" in signed_in("zjj_handler").get(f"/department/{no}").text
    told = [params["title"] for _, template, params, _ in messages.sent if template.startswith("department_")]
    assert len(told) == 2 and [title for title in told if "鹦鹉" not in title] == ["金桂苑小区三栋停水三天，请查明原因并恢复供水"]


def test_an_open_ticket_made_confidential_later_is_covered_at_once(web, signed_in):
    no = write(web, TEXT, place="望湖区湖滨街道金桂苑三栋")
    if ticket(no).department_id is None:
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", department="shuiwu", **FILLED)
    company = signed_in("shuiwu_handler")
    assert "鹦鹉" in seen(company, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/confidentiality", level="confidential", words="诉求人担心被报复")
    page = seen(company, no)
    assert "鹦鹉" not in page and "请联系热线索取摘录" in page
    do(signed_in("agent1"), f"/agent/tickets/{no}/urge", words="来电催办：希望今晚恢复供水")
    timeline = company.get(f"/department/{no}", headers={"HX-Request": "true"}).text
    for read in (timeline, company.get(f"/department/{no}").text):
        assert ("变更保密级别" in read, "担心被报复" in read, "今晚恢复供水" in read) == (True, False, True)
    assert "担心被报复" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
    do(company, f"/department/{no}/sign")
    do(company, f"/department/{no}/reply", **REPLY)
