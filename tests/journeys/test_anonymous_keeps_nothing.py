"""Who speaks anonymously is nobody: no door keeps a name or a number, not even sealed, and yet they follow it."""

import io
from itertools import chain

import pytest
from PIL import Image
from sqlalchemy import select

from hotline.channels.uploads import open_file
from hotline.database import session
from hotline.models import Attachment, Callback, Contact, JournalEntry, Requester, Review
from hotline.tickets.anonymous import whereabouts
from hotline.tickets.draft import load_draft
from hotline.tickets.identity import file_ring, open_requester
from tests.api.test_demands_api import GOOD, NAME, PHONE, client, send  # noqa: F401 - a fixture
from tests.journeys.front_door import PLAIN, SATISFIED, do, work, write
from tests.makers import drain, ticket
from tests.web.test_agent_console import FORM, opened

SAYS_WHO = f"{PLAIN}我叫陈桂芳，住3栋502，电话13812345678。"
AGAIN = "本人陈桂芳，家住3栋502，昨晚又施工到十二点"


def noted(no):
    """What was written down of the requester since, opened, and the whole journal."""
    ring = file_ring(session().get_one(Requester, no))
    sealed = [
        session().execute(select(words).where(words.class_.ticket_no == no)).scalars()
        for words in (Contact.note_sealed, Callback.note_sealed, Review.words_sealed)
    ]
    told = session().execute(select(JournalEntry.data).where(JournalEntry.ticket_no == no)).scalars()
    return [*map(str, told), *(ring.open(one) for one in chain(*sealed) if one)]


def leaked(kept):
    """What names the requester in words that were kept."""
    return [one for one in ("陈桂芳", "502", "13812345678", NAME, PHONE) if one in "".join(kept)]


def nobody(no):
    """What is kept of the requester, opened with the case's key: it must hold no person."""
    row = session().get_one(Requester, no, populate_existing=True)
    who = open_requester(row)
    assert (who.name, who.phone, who.calling, row.phone_hash, row.named) == ("", "", "", None, False)
    assert not leaked([who.text, who.place, ticket(no).text, *noted(no)])
    assert (ticket(no).confidentiality.value, ticket(no).has_contact) == ("anonymous", False)
    return who


def test_the_web_keeps_nobody_and_the_code_leads_to_the_end(web, desk, signed_in, messages):
    photo, exif = io.BytesIO(), Image.Exif()
    exif[0x013B] = "陈桂芳"
    Image.new("RGB", (8, 8)).save(photo, "JPEG", exif=exif)
    photo.seek(0)
    page = web.get("/").text
    assert "匿名提交" in page and "填了也不留存" in page
    assert "地点里的房号" in page
    no = write(web, SAYS_WHO, name="", place="金桂苑3栋502", anonymous="1", photos=(photo, "陈桂芳.jpg"))
    assert ticket(no).place == "金桂苑3栋〔已隐去〕"
    receipt = web.get("/receipt").text
    assert "只能凭“工单号加查询码”查进度" in receipt and "****" not in receipt
    code = receipt.partition("查询码</span>")[2].partition('num">')[2][:8]
    nobody(no)
    kept = session().execute(select(Attachment).where(Attachment.ticket_no == no)).scalar_one()
    assert "陈桂芳".encode() not in open_file(kept, clean=False)
    stranger = desk.test_client()
    assert stranger.post("/track", data={"ticket_no": str(no), "proof": "13812345678"}).status_code == 404
    assert stranger.post("/track", data={"ticket_no": str(no), "proof": code}).status_code == 303
    do(stranger, f"/track/{no}/supplement", words=f"我是13812345678。{AGAIN}")
    assert nobody(no).text.count("〔已隐去〕") == 4
    if ticket(no).department_id is None:
        do(signed_in("dispatcher1"), f"/dispatch/{no}/dispatch", department="hbj", matter_code="0101", reason="请现场查看")
    work(signed_in, no, contact_note="来人自称投诉人陈桂芳，已当面说明", facts=f"现场查看属实。{AGAIN}")
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    do(signed_in("callback1"), f"/callback/{no}", **(SATISFIED | {"note": AGAIN}))
    bad = {"grade": "1", "solved": "not", "reason": "too_slow", "words": AGAIN}
    assert stranger.post(f"/track/{no}/review", data=bad).status_code == 200
    written = noted(no)
    assert written[-1].startswith("本人〔已隐去〕") and not leaked(written)
    assert not [one for one in messages.sent if one[0] == "+8613812345678"]
    handler = signed_in("dispatcher1")
    refused = handler.post(f"/dispatch/{no}/confidentiality", data={"level": "open", "words": "没有必要匿名"})
    assert (refused.status_code, "匿名件没有留存" in refused.text) == (409, True)


def test_a_form_without_the_choice_still_needs_a_number(web):
    form = {"form_key": "k", "content": PLAIN, "place": "望湖区", "confidential": "1"}
    assert web.post("/demands", data=form).status_code == 422
    assert web.post("/demands", data=form | {"anonymous": "1"}).status_code == 303


def test_a_partner_says_anonymous_and_gives_nobody(client):  # noqa: F811 - the fixture
    sent_along = send(client, GOOD | {"anonymous": True})
    assert sent_along.status_code == 201
    nobody(int(sent_along.json["ticket_no"]))
    taken = send(client, {"content": SAYS_WHO, "place": "我家住金桂苑3栋502", "anonymous": True}, key="a-2")
    drain()
    assert taken.status_code == 201
    assert nobody(int(taken.json["ticket_no"])).text.startswith(PLAIN[:10])


def test_an_agent_registers_a_caller_who_wants_to_be_nobody(signed_in):
    browser = signed_in("agent1")
    no = int(opened(browser))
    form = {**FORM, "ticket_no": no, "version": 0, "name": "陈桂芳", "phone": "13812345678", "anonymous": "1"}
    form |= {"content": SAYS_WHO, "object": "联系人：陈桂芳", "place": "金桂苑3栋2单元502室"}
    assert browser.post("/agent/draft", data=form).status_code == 200
    assert not leaked([str(load_draft(no).form)]) and "〔已隐去〕" in ticket(no).text
    form |= {"version": 1}
    do(browser, "/agent/register", **form)
    nobody(no)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("金桂苑3栋502", "金桂苑3栋〔已隐去〕"), ("湖滨路18号5号楼1201", "湖滨路18号5号楼〔已隐去〕"),
        ("金桂苑5幢1单元302室", "金桂苑5幢1单元〔已隐去〕"), ("金桂苑三栋五零一", "金桂苑三栋〔已隐去〕"),
        ("金桂苑3-2-502", "金桂苑3〔已隐去〕"), ("李家村四组12号", "李家村四组〔已隐去〕"),
        ("中山路18号", "中山路18号"), ("中山路118号12栋楼下", "中山路118号12栋楼下"),
        ("金桂苑小区12号楼三单元门口", "金桂苑小区12号楼三单元门口"), ("320国道江州段", "320国道江州段"),
    ],
)  # fmt: skip
def test_where_it_is_stays_and_the_door_does_not(said, kept):
    assert whereabouts(said) == kept
