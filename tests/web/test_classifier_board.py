"""The page on the machine's dispatching: every number opens its list, at a cost that does not grow with the tickets."""

import re
from datetime import timedelta
from html import unescape

import pytest

from hotline.background.count_guesses import count_guesses
from hotline.database import transaction
from hotline.supervision.guess_tallies import WEEK
from hotline.tickets.city_settings import change_setting
from tests.supervision.guess_weeks import Read, lay_all
from tests.supervision.test_dispatch_thresholds import ENOUGH, active, lay_history
from tests.supervision.test_guess_tallies import many_reads, slow_tally, this_week
from tests.web.counting import statements
from tests.web.prepared_tickets import unit_id

pytestmark = pytest.mark.proof


@pytest.fixture
def supervisor(signed_in):
    """The supervisor's browser."""
    return signed_in("supervisor1")


def page(browser, query=""):
    answer = browser.get(f"/board/classifier{query}")
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


def numbers(html):
    """Every number that opens a list: (address, number)."""
    found = re.findall(r'<a[^>]*href="(/board/classifier/tickets\?[^"]+)"[^>]*>(?:[^<]*<b[^>]*>)?(\d+)<', html)
    return [(unescape(url), int(number)) for url, number in found]


def test_before_the_first_night_the_page_says_so(supervisor):
    html = page(supervisor)
    assert "这段时间还没有统计" in html
    assert numbers(html) != []
    assert {number for _, number in numbers(html)} == {0}


def test_every_number_opens_a_list_of_that_length(supervisor):
    reads = many_reads(90)
    lay_all(reads)
    count_guesses()
    html = page(supervisor)
    found = dict(numbers(html))
    assert len(found) > 80
    for url, number in found.items():
        total = re.search(r"(\d+) 件", supervisor.get(url).text)
        assert int(total[1]) == number, url
    all_of_it = slow_tally(reads)
    line = html[html.index(">合计<"):]
    shown = [int(number) for number in re.findall(r">(\d+)</a>", line[: line.index("</tr>")])]
    assert shown == [
        all_of_it.automatic, all_of_it.read, all_of_it.right, all_of_it.decided, all_of_it.in_three,
        all_of_it.decided, all_of_it.automatic_right, all_of_it.automatic_decided,
    ]  # fmt: skip


def test_what_a_threshold_costs_and_which_one_reaches_what_is_wanted(supervisor):
    zjj, cgj = unit_id("zjj"), unit_id("cgj")
    laid = {0.97: (50, 50), 0.80: (40, 36), 0.60: (20, 8)}
    lay_all([
        Read(this_week(), ((zjj, sure),), zjj if i < right else cgj, "to_dispatcher")
        for sure, (number, right) in laid.items() for i in range(number)
    ] + [Read(this_week(), ((zjj, 0.99),), zjj, "barred")])  # fmt: skip
    with transaction():
        change_setting("auto_dispatch_at", "0.93", "试运行", None)
    count_guesses()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page(supervisor)))
    assert "要95%派对，全市一个门槛的话应为80%：可自动派出81.8%（90/110），其中派对95.6%（86/90）。" in text
    assert "93% 全市现行门槛50/110 45.5%50/50 100%" in text
    assert "50%110/110 100%94/110 85.5%" in text
    assert "99%0/110 0%0/0 —" in text


def test_the_commonest_confusions_lead_to_their_tickets(supervisor):
    zjj, cgj, hbj = (unit_id(code) for code in ("zjj", "cgj", "hbj"))
    wrong = [Read(this_week(), ((zjj, 0.9), (cgj, 0.05)), cgj)] * 60 + [Read(this_week(), ((zjj, 0.9),), hbj)] * 2
    sent = lay_all([*wrong, *[Read(this_week(), ((zjj, 0.9),), zjj)] * 3])
    count_guesses()
    html = page(supervisor)
    card = html[html.index("最常见的误派"):html.index("门槛的代价")]
    assert [number for _, number in numbers(card)] == [60, 2]
    found, url = [], numbers(card)[0][0]
    while url:
        listed = supervisor.get(url).text
        found += [int(number) for number in re.findall(r"/board/tickets/(\d{16})", listed)]
        older = re.search(r'rel="next" href="([^"]+)"', listed)
        url = unescape(older[1]) if older else None
    assert sorted(found) == sent[:60]
    assert "首选“市住建局” · 由“市城管局”承办" in listed


def test_a_department_with_few_cases_is_shown_last_and_not_ranked(supervisor):
    zjj, cgj = unit_id("zjj"), unit_id("cgj")
    lay_all([Read(this_week(), ((zjj, 0.9),), zjj)] * 30 + [Read(this_week(), ((zjj, 0.9),), cgj)] * 29)
    count_guesses()
    html = page(supervisor)
    card = html[html.index("按承办单位"):html.index("最常见的误派")]
    assert card.index("市住建局") < card.index("市城管局") < card.index("不足30件，不排名")
    assert card.count("不排名") == 1


def test_the_statements_do_not_grow_with_the_tickets(supervisor):
    sent = []
    for number, start in ((20, 1), (400, 1001)):
        lay_all(many_reads(number), start=2026010100000000 + start)
        count_guesses()
        for url in ("/board/classifier", "/board", "/board/classifier/tickets?part=right"):
            supervisor.get(url)
            with statements() as counted:
                assert supervisor.get(url).status_code == 200
            sent.append(len(counted))
    print(f"page, board, list: {sent[:3]} statements")
    assert sent[:3] == sent[3:]
    assert max(sent) <= 12


def test_the_tables_leave_as_files(supervisor):
    lay_all(many_reads(60))
    count_guesses()
    for table, first in (("weeks", "至"), ("departments", "局")):
        answer = supervisor.get(f"/board/classifier/export?table={table}")
        assert answer.data.startswith(b"\xef\xbb\xbf")
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("名称,已判读,自动派出")
        assert first in lines[1]
    assert supervisor.get("/board/classifier/export?table=people").status_code == 404


def test_a_period_is_widened_to_whole_weeks(supervisor):
    lay_all(many_reads(60))
    count_guesses()
    week = this_week() - WEEK
    html = page(supervisor, f"?from={week:%Y-%m-%d}&to={week:%Y-%m-%d}")
    assert f'value="{week}"' in html
    assert f'value="{week + timedelta(days=6)}"' in html
    assert html.count('scope="row" class="nowrap"') == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=1970-01-01", 422),
        ("?from=0001-01-01&to=0001-01-02", 422),
        ("?from=9999-12-01&to=9999-12-31", 422),
        ("?from=2026-02-01&to=2026-01-01", 422),
        ("/tickets?part=half", 404),
        ("/tickets?part=right&department=nobody", 404),
        ("/tickets?part=right&guessed=nobody", 404),
        ("/tickets?part=right&after=broken", 422),
        ("/tickets?part=right&sure=99999999999", 200),
    ],
)
def test_a_wrong_question_gets_one_sentence(supervisor, query, status):
    answer = supervisor.get(f"/board/classifier{query}")
    assert answer.status_code == status
    assert re.search("[。！]", answer.text)


def test_only_who_may_open_the_models_is_led_there(supervisor):
    assert "/admin/models" not in page(supervisor)
    assert "使用中" in page(supervisor)


def test_a_departments_own_threshold_opens_the_cases_it_follows_from(supervisor):
    lay_history(ENOUGH, active())
    lay_all([Read(this_week(), ((unit_id("zjj"), 0.99),), unit_id("zjj"), model="of before")], start=2026010200000001)
    count_guesses()
    html = page(supervisor)
    cell = html[html.index("78%<div"):]
    found = numbers(cell[: cell.index("</td>")])
    assert [number for _, number in found] == [210, 250, 205, 210]
    for url, number in found:
        listed = supervisor.get(url).text
        assert f"{number} 件</span>" in listed, url
        assert f"由模型“{active()}”判读" in listed
