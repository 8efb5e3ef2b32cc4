"""清单与实际: who handled settled tickets beside whom the duty list names; every number opens those tickets."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import AccessLog, Department, DutyRowRecord
from hotline.models.words import Confidentiality, RequestType
from hotline.supervision import settled_cases
from hotline.tickets import handle
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.lifecycle import SYSTEM
from hotline.tickets.rulebook import forget
from tests.makers import ALONE, GOOD_REPLY, person, send_demand, ticket
from tests.web.counting import statements
from tests.web.prepared_tickets import unit_id

DUSTY = "门口的工地白天灰尘很大，希望管一管。"
PAGE = "/board/duty-list"


@pytest.fixture
def browser(signed_in):
    """A browser in which the supervisor is signed in."""
    return signed_in("supervisor1")


def settle(code, matter="0101", **flags):
    """A ticket that this department led to its result."""
    no, handler, lead = send_demand(DUSTY, place=""), person(f"{code}_handler"), person(f"{code}_lead")
    with transaction():
        for name, value in flags.items():
            setattr(ticket(no), name, value)
        dispatch(ticket(no), Order(unit_id(code), matter_code=matter), SYSTEM)
    with transaction():
        handle.sign(ticket(no), handler)
    with transaction():
        handle.reply(ticket(no), handler, GOOD_REPLY)
    with transaction():
        handle.submit(ticket(no), lead, ALONE)
    return no


def get(browser, url, status=200):
    answer = browser.get(url)
    assert answer.status_code == status, answer.text[:400]
    return answer.text


def links(html):
    """Every number of the page with the address of its tickets."""
    found = re.findall(r'href="(/board/duty-list/tickets\?[^"]+)">(\d+)</a>', html)
    return [(unescape(url), int(words)) for url, words in found]


def listed(html):
    return {int(number) for number in re.findall(r"/board/tickets/(\d{16})", html)}


def row_id(matter, lead):
    query = select(DutyRowRecord.id).where(DutyRowRecord.matter_code == matter, DutyRowRecord.lead == lead)
    return session().execute(query.where(DutyRowRecord.time == "", DutyRowRecord.object == "")).scalar_one()


def test_every_number_opens_as_many_tickets_and_the_groups_are_right(browser):
    followed = {settle("cgj"), settle("cgj")}
    against = {settle("zjj") for _ in range(3)}
    rowless = settle("zjj", matter="9901")
    send_demand()
    html = get(browser, PAGE)

    by_part = {re.search("part=([a-z_]+)", url)[1]: listed(get(browser, url)) for url, _ in links(html)[:5]}
    assert by_part == {
        "all": followed | against | {rowless},
        "with_row": followed | against,
        "followed": followed,
        "against": against,
        "without_row": {rowless},
    }
    for url, number in links(html):
        page = get(browser, url)
        assert f"{number} 件" in page, url
        assert len(listed(page)) == number, url
    group = re.search(r"<tbody>\n<tr>(.*?)</tr>", html, re.S)[1]
    assert f"第{row_id('0101', 'cgj')}行" in group
    assert [words for words in ("占道经营", "城市管理", "60%") if words not in group] == []
    assert "清单可能过时" not in html
    assert "没有发现问题。" in html
    assert f"<li>第{row_id('0901', 'wjw')}行" in html
    assert f"<li>第{row_id('0101', 'cgj')}行" not in html


def test_a_row_that_is_mostly_not_followed_is_marked(browser):
    for number in range(10):
        settle("cgj" if number < 4 else "zjj")

    assert get(browser, PAGE).count("清单可能过时或执行有偏差") == 2


def test_reports_confidential_cases_tests_and_those_given_to_another_since_are_left_out(browser):
    kept = settle("cgj")
    settle("cgj", request_type=RequestType.REPORT)
    settle("cgj", confidentiality=Confidentiality.CONFIDENTIAL)
    settle("cgj", is_test=True)
    settle("cgj", respondent_department_id=unit_id("gaj"))
    moved = settle("cgj")
    with transaction():
        ticket(moved).department_id = unit_id("zjj")

    assert listed(get(browser, f"{PAGE}/tickets?part=all")) == {kept}


def test_a_period_is_chosen_and_other_days_are_not_in_it(browser):
    settle("cgj")
    today = clock.city_day(clock.now())
    before = get(browser, f"{PAGE}?from={today - timedelta(days=9)}&to={today - timedelta(days=1)}")

    assert {number for _, number in links(before)} == {0}
    assert f'value="{today - timedelta(days=89)}"' in get(browser, PAGE)


def test_only_the_newest_are_compared_and_the_page_says_so(browser, monkeypatch):
    settled = [settle("cgj") for _ in range(3)]
    assert "只比较最近" not in get(browser, PAGE)
    monkeypatch.setattr(settled_cases, "MOST_CASES", 2)
    monkeypatch.setattr("hotline.web.duty_list_shown.MOST_CASES", 2)

    assert "只比较最近提交办结的2件。" in get(browser, PAGE)
    assert listed(get(browser, f"{PAGE}/tickets")) == set(settled[1:])


@pytest.fixture
def broken_list(desk):
    """The row of a matter has ended, and a department that leads others is no more."""
    row, unit = row_id("0901", "wjw"), unit_id("jtj")

    def end(day):
        with transaction() as current:
            current.get_one(DutyRowRecord, row).valid_to = day
            current.get_one(Department, unit).valid_to = day
        forget()

    end(date(2026, 1, 31))
    yield
    end(None)


@pytest.mark.usefixtures("broken_list")
def test_what_is_wrong_with_todays_list_is_said(browser):
    html = get(browser, PAGE)

    assert "事项0901没有兜底的主办单位" in html
    assert "的单位jtj不存在" in html


def test_a_list_is_exported_and_the_look_is_kept(browser):
    wanted = {settle("zjj"), settle("zjj")}
    settle("cgj")
    answer = browser.get(f"{PAGE}/export?part=against&department=zjj")

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {int(row[0].replace(" ", "")) for row in rows[1:]} == wanted
    log = session().execute(select(AccessLog)).scalar_one()
    assert (log.what, log.ticket_no) == ("export", None)
    assert "未按清单办理" in log.reason


def test_a_long_list_has_pages_that_miss_and_repeat_nothing(browser, monkeypatch):
    monkeypatch.setattr("hotline.tickets.find.newest_page.__defaults__", (None, 2))
    settled = sorted((settle("cgj") for _ in range(5)), reverse=True)
    found, pages, url = [], 0, f"{PAGE}/tickets?part=followed"
    while url:
        pages += 1
        html = get(browser, url)
        found += [int(number) for number in re.findall(r"/board/tickets/(\d{16})", html)]
        older = re.search(r'rel="next" href="([^"]+)"', html)
        url = unescape(older[1]) if older else None

    assert (found, pages) == (settled, 3)


@pytest.mark.parametrize(("path", "most"), [("", 4), ("/tickets?part=against", 4)])
def test_the_page_costs_a_handful_of_statements(browser, path, most):
    for _ in range(3):
        settle("zjj")
    get(browser, PAGE + path)
    with statements() as sent:
        get(browser, PAGE + path)
    assert 1 < len(sent) <= most, sent


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("/tickets?part=half", 404),
        ("/tickets?row=x", 404),
        (f"/tickets?row={'9' * 5000}", 404),
        ("/tickets?after=broken", 422),
        ("?from=2026-13-01", 422),
        ("?from=2026-02-01&to=2026-01-01", 422),
    ],
)
def test_a_wrong_question_gets_one_sentence(browser, query, status):
    assert re.search("[。！]", get(browser, PAGE + query, status))


@pytest.mark.parametrize("username", ["agent1", "dispatcher1", "zjj_lead", "callback1", "admin"])
def test_only_supervisors_see_it(signed_in, username):
    other = signed_in(username)
    for path in ("", "/tickets", "/export"):
        get(other, PAGE + path, 403)
