"""Whatever comes to a door: the right status, a Chinese sentence, nothing typed lost, nothing of others told."""

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import escape
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from hotline.channels.partners import load_demo_partners
from hotline.database import session, transaction
from hotline.models import Attachment, Callback, Requester, Review, Staff, Ticket
from hotline.tickets.identity import open_requester
from hotline.web.error_pages import NO_TOKEN, SENTENCES
from tests.journeys.front_door import REPLY, SATISFIED, VAGUE, do, review_link, settle, work, write
from tests.makers import PLAIN, drain, send_demand, ticket
from tests.police110.desk_and_police import deliver_body, know_police
from tests.police110.written_messages import message
from tests.web.prepared_tickets import prepare

pytestmark = pytest.mark.proof

HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
SQL = "'); DROP TABLE ticket; --"
SPITE = f"{HTML}{SQL}{{{{7*7}}}}"
HUGE, EMOJI = "字" * 100_000, "😀🚰🔥" * 10
FORM = {"content": PLAIN, "place": "望湖区湖滨街道金桂苑小区", "name": "陈桂芳", "phone": "13812345678"}
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
OURS = re.compile(r"Traceback|psycopg|sqlalchemy|SELECT |INSERT |werkzeug|File &#34;|File \"|/hotline/")
SENTENCE = re.compile("[一-鿿][^<>]*[。！]")
NOBODYS = 2026010199999999


@pytest.fixture(autouse=True)
def city(desk):
    """The desk, where an error becomes a page as it does for citizens."""
    desk.config["PROPAGATE_EXCEPTIONS"] = False
    yield desk
    desk.config["PROPAGATE_EXCEPTIONS"] = None


def refused(answer, status, *kept):
    """A refusal as it has to be: its status, a sentence, what was typed (escaped), and nothing of the inside."""
    said = answer.json["error"] if answer.is_json else answer.text
    assert answer.status_code == status, said[:600]
    assert SENTENCE.search(said), said[:600]
    assert not OURS.search(said)
    assert HTML not in said
    for words in kept:
        assert escape(words) in said.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    return said


def rows(table):
    """How many rows a table holds."""
    session().rollback()
    return session().execute(select(func.count()).select_from(table)).scalar_one()


def at_once(desk, send, times=50):
    """The same message, that many times at once, each from a connection of its own; the statuses."""
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda _: send(desk.test_client()).status_code, range(times)))


# The web form


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"content": ""}, ("陈桂芳", "13812345678")),
        ({"content": HUGE}, (HUGE[:5001], "陈桂芳")),
        ({"content": EMOJI}, (EMOJI,)),
        ({"content": "\0" * 50}, ("陈桂芳",)),
        ({"content": HTML, "phone": ""}, (HTML,)),
        ({"place": "望" * 201}, (PLAIN, "望" * 201)),
        ({"name": "陈" * 41}, (PLAIN,)),
        ({"name": HTML * 2}, (PLAIN, HTML)),
        ({"form_key": "a\0b"}, (PLAIN,)),
        *(({"phone": phone}, (PLAIN, phone)) for phone in (
            "12", "1381234567", "138123456789", "电话", "+1 23", "00000000000", SQL, HTML, "9" * 40, EMOJI[:10],
        )),
    ],
)  # fmt: skip
def test_a_demand_that_cannot_be_taken_is_shown_again_with_all_that_was_typed(web, changes, kept):
    refused(web.post("/demands", data=FORM | changes), 422, *kept)
    assert rows(Ticket) == 0


@pytest.mark.parametrize(
    "phone", ["１３８１２３４５６７８", "138-1234 5678", "+852 9123 4567", "+1 202 555 0147", "(010)6655 1234"]
)
def test_numbers_of_every_land_and_way_of_writing_are_taken(web, phone):
    assert web.post("/demands", data=FORM | {"phone": phone}).status_code == 303


def form_of_bytes(kind, **fields):
    """A form as raw bytes, in either way of sending one."""
    if kind == "urlencoded":
        data = b"&".join(name.encode() + b"=" + value for name, value in fields.items())
        return {"data": data, "content_type": "application/x-www-form-urlencoded"}
    head = b'--xx\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    data = b"".join(head % (name.encode(), value) for name, value in fields.items()) + b"--xx--\r\n"
    return {"data": data, "content_type": "multipart/form-data; boundary=xx"}


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_letters_that_are_none_are_kept_as_marks_and_cost_no_other_letter(web, kind):
    broken = b"%ff%fe%ed%a0%80%00" if kind == "urlencoded" else b"\xff\xfe\xed\xa0\x80\0"
    said = quote(PLAIN).encode() if kind == "urlencoded" else PLAIN.encode()
    sent = form_of_bytes(kind, phone=b"13812345678", content=said + broken)
    assert web.post("/demands", **sent).status_code == 303
    kept = open_requester(session().execute(select(Requester)).scalar_one()).text
    assert kept.startswith(PLAIN)
    assert len(kept) > len(PLAIN)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(b"<html><script>alert(1)</script>", "a.jpg")], "内容须与格式相符"),
        ([(b"MZ\x90\0" + b"\0" * 99, "a.pdf")], "内容须与格式相符"),
        ([(b"GIF89a" + b"\0" * 99, "a.png")], "内容须与格式相符"),
        ([(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg")], "内容须与格式相符"),
        ([(b"", "empty.jpg")], "内容须与格式相符"),
        ([(JPEG, "a.jpg"), (b"#!/bin/sh\n", "b.jpg")], "内容须与格式相符"),
        ([(JPEG, f"{n}.jpg") for n in range(30)], "个文件"),
        ([(JPEG + b"\0" * 20 * 1024 * 1024, "a.jpg")], "MB"),
    ],
)
def test_a_file_that_lies_is_too_large_or_one_too_many_is_refused_and_the_words_stay(web, signed_in, files, sentence):
    def photos():
        return [(io.BytesIO(content), name) for content, name in files]

    assert sentence in refused(web.post("/demands", data=FORM | {"photos": photos()}), 422, PLAIN)
    assert rows(Ticket) == 0
    no = write(web)
    more = web.post(f"/track/{no}/supplement", data={"words": "补充的话在这里", "photos": photos()})
    assert sentence in refused(more, 422, "补充的话在这里")
    held = prepare("handling")
    answer = signed_in("zjj_handler").post(f"/department/{held}/reply", data=REPLY | {"photos": photos()})
    assert sentence in refused(answer, 422, REPLY["public_reply"], REPLY["facts"])
    assert rows(Attachment) == 0


@pytest.mark.database
def test_fifty_sendings_of_one_form_at_once_make_one_ticket(city):
    send = lambda browser: browser.post("/demands", data=FORM | {"form_key": "k-50"})  # noqa: E731
    assert set(at_once(city, send)) == {303}
    assert rows(Ticket) == 1


# Spite in every field, at every door


def test_html_and_sql_are_kept_as_text_and_shown_as_letters(web, signed_in):
    no = write(web, VAGUE + SPITE, place=SPITE[:60], name="陈<b>桂芳")
    assert open_requester(session().get_one(Requester, no)).text == VAGUE + SPITE
    do(web, f"/track/{no}/supplement", words=SPITE)
    pages = [web.get(f"/track/{no}")]
    clerk = signed_in("dispatcher1")
    do(clerk, f"/dispatch/{no}/dispatch", department="zjj", matter_code="0101", reason=SPITE)
    unit = signed_in("zjj_handler")
    do(unit, f"/department/{no}/sign")
    do(unit, f"/department/{no}/reply", **(REPLY | dict.fromkeys(("contact_note", "facts", "handling"), SPITE)))
    pages += [unit.get(f"/department/{no}"), unit.get("/department?tab=replied"), clerk.get(f"/dispatch/{no}")]
    pages += [signed_in("supervisor1").get(f"/board/tickets/{no}")]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert sum("&lt;script&gt;alert(1)" in page.text for page in pages) >= 4
    assert rows(Ticket) == 1


def test_spite_from_partners_and_110_is_text_too(city, web, signed_in):
    with transaction():
        key = load_demo_partners(city.extensions["hotline-config"])["demo-api"]
    headers = {"X-API-Key": key, "Idempotency-Key": "spite"}
    body = {"content": VAGUE + SPITE, "place": SPITE, "name": "陈<b>桂芳"}
    taken = web.post("/api/v1/demands", json=body, headers=headers)
    assert taken.status_code == 201, taken.json
    know_police()
    pushed = message("good_push")
    said = json.loads(pushed["body"]) | {"BJNR": SPITE + VAGUE, "BJDZ": SPITE, "Title": HTML[:25], "BJDHYHM": "<b>方小满"}
    assert deliver_body(web, pushed["path"], said).status_code == 200
    drain()
    clerk = signed_in("dispatcher1")
    pages = [clerk.get(f"/dispatch/{no}") for no in session().execute(select(Ticket.ticket_no)).scalars()]
    pages += [clerk.get("/dispatch")]
    assert len(pages) == 3
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>方小满" not in page.text


# Look-up, review, sign-in


@pytest.mark.parametrize("number", ["", "0", "abc", "9" * 40, str(NOBODYS), "' OR 1=1 --", HTML[:40], "\0", EMOJI[:8]])
def test_a_look_up_that_proves_nothing_gets_one_sentence(web, number):
    for proof in ("13812345678", "AAAAAAAA", "", "' OR '1'='1", "😀" * 8):
        said = refused(web.post("/track", data={"ticket_no": number, "proof": proof}), 404, number.strip("\0"))
        assert "工单号与电话（或查询码）不匹配，请核对后重试。" in said


@pytest.mark.parametrize("path", ["", "/urge", "/withdraw", "/supplement", "/review"])
def test_a_ticket_that_was_not_proven_is_not_there(web, path):
    no = send_demand()
    send = web.post if path else web.get
    for number in (no, NOBODYS, "9" * 60):
        assert "没有找到这张工单，请核对工单号。" in refused(send(f"/track/{number}{path}"), 404)
    assert (ticket(no).state.value, rows(Review), rows(Attachment)) == ("to_dispatch", 0, 0)


def test_a_review_is_one_however_often_and_however_badly_it_is_sent(city, web, signed_in, messages):
    no = write(web)
    settle(signed_in, no)
    link = review_link(messages)
    good = {"grade": "5", "solved": "solved", "words": "可以"}
    for wrong in ({"grade": "9"}, {"grade": ""}, {"solved": SQL[:8]}, {"grade": "1", "reason": HTML[:24]}):
        refused(web.post(link, data=good | wrong), 422, "可以")
    refused(web.post(link, data=good | {"words": HUGE}), 422, HUGE[:1001])
    statuses = at_once(city, lambda browser: browser.post(link, data=good))
    assert sorted(statuses) == [200] + [410] * 49
    assert rows(Review) == 1
    refused(web.post(link, data=good | {"words": "再评一次"}), 410)
    refused(web.get(link), 410)
    refused(web.post("/r/" + "x" * 5000, data=good), 404)


@pytest.mark.parametrize("login", ["", SQL, HTML[:50], "\0", EMOJI[:9], "zjj_handler' --"])
def test_a_sign_in_with_nonsense_is_one_sentence(web, login):
    for password in ("", "' OR 1=1 --", HUGE, "\0"):
        said = refused(web.post("/login", data={"login": login, "password": password}), 401)
        assert "账号或密码不正确，或账号已被锁定。" in said
    assert HUGE[:50] not in said


def test_a_login_of_100_000_letters_is_too_long(web):
    refused(web.post("/login", data={"login": HUGE, "password": "x"}), 422)
    assert rows(Staff) > 10


# Desks


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (dict.fromkeys(REPLY, ""), 422),
        ({"facts": HUGE}, 422),
        ({"public_reply": EMOJI[:4]}, 422),
        ({"contacted": "maybe"}, 422),
        ({"fact_true": SQL}, 422),
        ({"public_reply": HTML * 100}, 422),
    ],
)
def test_a_reply_that_cannot_be_taken_comes_back_with_all_that_was_written(signed_in, changes, status):
    no, unit = prepare("handling"), signed_in("zjj_handler")
    form = REPLY | changes
    kept = [form[name] for name in ("facts", "handling", "public_reply", "contact_note") if form[name]]
    refused(unit.post(f"/department/{no}/reply", data=form), status, *kept)
    assert ticket(no).state.value == "handling"


@pytest.mark.parametrize(
    "changes",
    [{"connected": ""}, {"connected": EMOJI[:3]}, {"satisfied": "6"}, {"solved": SQL[:8]}, {"satisfied": HTML[:8]}],
)
def test_a_callback_that_cannot_be_taken_comes_back_too(signed_in, changes):
    no, caller = prepare("to_callback"), signed_in("callback1")
    form = SATISFIED | {"note": "他说还可以"} | changes
    refused(caller.post(f"/callback/{no}", data=form), 422, "他说还可以")
    refused(caller.post(f"/callback/{no}", data=SATISFIED | {"note": HUGE}), 422, HUGE[:1001])
    assert (rows(Callback), ticket(no).state.value) == (0, "to_callback")


def test_one_callback_sent_fifty_times_at_once_is_recorded_once(city, web, signed_in):
    no = write(web)
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    cookie = signed_in("callback1").get_cookie(city.config["SESSION_COOKIE_NAME"]).value

    def send(browser):
        browser.set_cookie(city.config["SESSION_COOKIE_NAME"], cookie)
        return browser.post(f"/callback/{no}", data=SATISFIED)

    statuses = at_once(city, send)
    assert (statuses.count(303), set(statuses)) == (1, {303, 409})
    assert rows(Callback) == 1


POSITIONS = ("x", "\0", "0" * 5000, "9" * 5000, "W" * 4000, "😀", "WyJhIiwgImIiLCAiYyJd", "WyIxIiwgIngiLCAiMiJd",
             "W1tbW10=", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ", SQL)  # fmt: skip
LISTS = {
    "dispatcher1": ("/dispatch?tab=replies&after=", "/dispatch?after=", "/dispatch?tab=", "/dispatch/find?q="),
    "zjj_handler": ("/department?after=", "/department?tab=", "/department/find?q="),
    "callback1": ("/callback?after=", "/callback?tab="),
    "supervisor1": ("/board/tickets?figure=open&after=", "/board/tickets?figure=", "/board?from="),
    "kbeditor": ("/entries?after=", "/entries?q=", "/entries?state="),
    "admin": ("/admin/staff?after=", "/admin/staff?q="),
    "auditor": ("/admin/access-log?before=", "/admin/access-log?who=", "/admin/access-log?ticket_no="),
    "agent1": ("/agent?draft=", "/agent/queue?draft="),
}


@pytest.mark.parametrize("login", LISTS)
def test_a_list_position_nobody_gave_out_is_refused_or_passed_over(login, signed_in):
    browser = signed_in(login)
    for address in LISTS[login]:
        for position in POSITIONS:
            answer = browser.get(address + quote(position))
            assert answer.status_code in (200, 303, 404, 422), (address, position[:20])
            assert not OURS.search(answer.text), (address, position[:20])


@pytest.mark.parametrize(("login", "path"), [
    ("zjj_handler", "/department/{}"), ("dispatcher1", "/dispatch/{}"), ("callback1", "/callback/{}"),
    ("supervisor1", "/board/tickets/{}"), ("kbeditor", "/entries/{}"), ("agent1", "/agent/tickets/{}"),
    ("dispatcher1", "/tickets/{}/files/1"), ("dispatcher1", "/tickets/1/files/{}"),
])  # fmt: skip
def test_numbers_no_ticket_has_are_not_found(login, path, signed_in):
    browser = signed_in(login)
    for number in (0, NOBODYS, 2**63 - 1, 2**63, "9" * 400):
        answer = browser.get(path.format(number))
        assert answer.status_code in (404, 422), (path, number)
        assert not OURS.search(answer.text)


# Requests that are wrong as such


def test_a_form_without_its_token_is_refused_and_its_words_stay(city, web, signed_in):
    no, unit = prepare("handling"), signed_in("zjj_handler")
    city.config["WTF_CSRF_ENABLED"] = True
    try:
        assert NO_TOKEN in refused(web.post("/demands", data=FORM), 400, PLAIN)
        for path in ("/track", "/login", "/elder", f"/track/{no}/withdraw", "/r/x"):
            assert NO_TOKEN in refused(web.post(path, data={"words": "评价的话"}), 400, "评价的话")
        back = f'href="/department/{no}?tab=handling">返回上一页'
        for came, leads_back in (
            (f"http://localhost/department/{no}?tab=handling", True),
            (f"http://localhost/department/{no}/reply", False),
            (f"http://elsewhere/department/{no}?tab=handling", False), ("", False),
        ):  # fmt: skip
            form = REPLY | {"csrf_token": "made up"}
            answer = unit.post(f"/department/{no}/reply", data=form, headers={"Referer": came})
            shown = refused(answer, 400, REPLY["public_reply"], REPLY["handling"])
            assert (NO_TOKEN in shown, back in shown, "返回上一页" in shown) == (True, leads_back, leads_back)
        token = re.search(r'name="csrf_token" value="([^"]+)"', web.get("/").text)[1]
        assert web.post("/demands", data=FORM | {"csrf_token": token}).status_code == 303
    finally:
        city.config["WTF_CSRF_ENABLED"] = False
    assert ticket(no).state.value == "handling"
    assert rows(Ticket) == 2


def test_a_session_that_ended_while_somebody_wrote_loses_no_words(web):
    no = prepare("handling")
    refused(web.post(f"/department/{no}/reply", data=REPLY), 401, REPLY["public_reply"], REPLY["facts"])


@pytest.mark.parametrize("path", ["/demands", "/track", "/login", "/elder", "/twilio/voice"])
@pytest.mark.parametrize(("kind", "length"), [("urlencoded", 3 * 10**6), ("multipart", 10**9)])
def test_what_is_too_large_is_not_read(web, path, kind, length):
    told = {"environ_overrides": {"CONTENT_LENGTH": str(length)}}
    assert SENTENCES[413] in refused(web.post(path, **form_of_bytes(kind, content=b"x"), **told), 413)


def test_a_field_of_three_megabytes_is_too_large(web):
    sent = form_of_bytes("multipart", content=b"x" * 3 * 1024 * 1024)
    assert SENTENCES[413] in refused(web.post("/demands", **sent), 413)
    assert rows(Ticket) == 0


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/demands"), ("PUT", "/demands"), ("DELETE", "/track"), ("PATCH", "/login"), ("GET", "/twilio/voice"),
    ("GET", "/api/v1/demands"), ("POST", "/api/v1/tickets/1"), ("POST", "/board"), ("DELETE", "/department/1"),
])  # fmt: skip
def test_a_wrong_method_is_named_and_the_right_ones_are_told(web, method, path):
    answer = web.open(path, method=method)
    if path.startswith("/twilio"):  # its signature is looked at first
        assert answer.status_code in (403, 405)
        return
    assert SENTENCES[405] in refused(answer, 405)
    assert answer.headers["Allow"]
