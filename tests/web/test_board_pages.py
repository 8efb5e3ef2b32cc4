"""The supervisor's pages: every number opens its list, the list leaves as a file, a ticket can be read."""

import csv
import io
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select

from hotline.database import db, session, transaction
from hotline.models import AccessLog, Staff
from hotline.models.words import Solved, State
from hotline.tickets import call_back, checking, handle
from tests.makers import ALONE, GOOD_REPLY, PHONE, drain, person, send_demand, ticket, unit_of


@pytest.fixture
def client(desk):
    """A browser in which the supervisor is signed in."""
    return browser(desk, "supervisor1")


def browser(desk, username):
    found = session().execute(select(Staff).where(Staff.username == username)).scalar_one()
    made = desk.test_client()
    with made.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = f"{found.id}.{found.session_epoch}", True
    return made


def called_back(solved=Solved.SOLVED, satisfied="5"):
    """A ticket whose requester was asked by telephone."""
    no = send_demand()
    drain()
    lead = unit_of(no, "lead")
    with transaction():
        handle.sign(ticket(no), unit_of(no))
    with transaction():
        handle.reply(ticket(no), unit_of(no), GOOD_REPLY)
    with transaction():
        handle.submit(ticket(no), lead, ALONE)
    with transaction():
        checking.pass_check(ticket(no), person("dispatcher1"))
    with transaction():
        form = call_back.CallbackForm(True, True, solved, satisfied, "")
        call_back.record_callback(ticket(no), person("callback1"), form)
    return no


def get(client, url, status=200):
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    return answer


def links(html):
    """Every address of a list on a page, with the number it stands on."""
    found = re.findall(r'<a[^>]*href="(/board/tickets\?[^"]+)"[^>]*>\s*(?:[^<]*<b[^>]*>)?([^<]*)<', html)
    return [(unescape(url), words.strip()) for url, words in found]


def test_every_number_of_the_board_opens_a_list_of_that_length(client):
    called_back()
    called_back(Solved.PARTLY, "3")
    send_demand()
    html = get(client, "/board").get_data(as_text=True)
    seen = 0
    for url, words in links(html):
        total = int(re.search(r"(\d+) 件", get(client, url).get_data(as_text=True))[1])
        if words.isdigit():
            assert total == int(words), url
            seen += total
    assert seen > 20
    assert "50%" in html


def test_the_board_costs_at_most_ten_statements(client):
    called_back()
    for url in (
        "/board",
        "/board/figures",
        "/board/tickets?figure=open",
        "/board/tickets?figure=satisfaction&part=all",
    ):
        get(client, url)
        with counted_statements() as statements:
            get(client, url)
        assert len(statements) <= 10, statements


class counted_statements:
    """The statements sent within the block, transaction control not counted."""

    def __enter__(self):
        self.sent = []
        event.listen(db.engine, "before_cursor_execute", self.note)
        return self.sent

    def note(self, _connection, _cursor, statement, *_):
        self.sent.append(statement)

    def __exit__(self, *_):
        event.remove(db.engine, "before_cursor_execute", self.note)


def test_a_department_and_a_period_narrow_the_board(client):
    called_back()
    html = get(client, "/board?department=hbj&from=2026-01-01&to=2026-01-31").get_data(as_text=True)
    assert 'value="2026-01-31"' in html
    assert {int(words) for _, words in links(html) if words.isdigit()} == {0}
    undispatched = get(client, "/board/tickets?figure=open&department=none").get_data(as_text=True)
    assert "0 件" in undispatched


def test_a_long_list_has_pages_that_miss_and_repeat_nothing(client):
    sent = sorted((send_demand() for _ in range(120)), reverse=True)
    found, url = [], "/board/tickets?figure=open"
    while url:
        html = get(client, url).get_data(as_text=True)
        found += [int(number) for number in re.findall(r"/board/tickets/(\d{16})", html)]
        older = re.search(r'rel="next" href="([^"]+)"', html)
        url = unescape(older[1]) if older else None
    assert sorted(found, reverse=True) == sent
    assert "120 件" in html


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_the_list_with_chinese_headings_and_without_identity(client, kind):
    wanted = {called_back(), called_back()}
    open_one = send_demand("=HYPERLINK(0)金桂苑夜里施工，我的电话13812345678，请回电")
    answer = get(client, f"/board/export?figure=open&format={kind}")
    rows = read_table(answer.data, kind)
    assert rows[0][:3] == ["工单号", "标题", "诉求内容"]
    assert {int(row[0].replace(" ", "")) for row in rows[1:]} == wanted | {open_one}
    assert PHONE[3:] not in str(rows)
    assert "陈桂芳" not in str(rows)
    if kind == "csv":
        assert not any(cell.startswith("=") for row in rows for cell in row)
    log = session().execute(select(AccessLog)).scalar_one()
    assert (log.what, log.ticket_no) == ("export", None)
    assert "在办" in log.reason
    assert kind in log.reason


def read_table(data, kind):
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet["A2"].data_type == sheet["B2"].data_type == "s"
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_a_ticket_is_read_with_its_requester_masked_and_shown_once_after_a_reason(client):
    no = called_back()
    page = get(client, f"/board/tickets/{no}").get_data(as_text=True)
    assert "13812345678" not in page
    assert "陈桂芳" not in page
    assert State.TO_EVALUATE.label in page
    client.post(
        f"/tickets/{no}/identity",
        data={"reason": "核实回访情况"},
        headers={"Referer": f"/board/tickets/{no}"},
    )
    assert "陈桂芳" in get(client, f"/board/tickets/{no}").get_data(as_text=True)
    assert "陈桂芳" not in get(client, f"/board/tickets/{no}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=2026-13-01", 422),
        ("?from=2026-02-01&to=2026-01-01", 422),
        ("?from=2020-01-01&to=2026-01-01", 422),
        ("?department=nobody", 404),
        ("/tickets?figure=nothing", 404),
        ("/tickets?figure=open&part=half", 404),
        ("/tickets?figure=open&after=broken", 422),
        ("/export?figure=open&format=pdf", 422),
        ("/tickets/1", 404),
    ],
)
def test_a_wrong_question_gets_one_sentence(client, query, status):
    page = get(client, f"/board{query}", status).get_data(as_text=True)
    assert re.search("[。！]", page)


@pytest.mark.parametrize("username", ["agent1", "zjj_lead", "callback1", "admin"])
def test_only_supervisors_see_the_board(desk, username):
    other = browser(desk, username)
    for url in ("/board", "/board/figures", "/board/tickets?figure=open", "/board/export?figure=open"):
        get(other, url, 403)


def test_a_stranger_is_led_to_the_sign_in(desk):
    answer = get(desk.test_client(), "/board", 303)
    assert urlsplit(answer.headers["Location"]).path == "/login"
