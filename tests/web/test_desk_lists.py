"""The desks' lists go by key, hold only what belongs to them, and cost a handful of statements."""

import re

import pytest

from hotline.database import transaction
from hotline.models.words import Step
from hotline.tickets.acting import acting
from hotline.tickets.city_settings import change_setting
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.rulebook import rules
from tests.journeys.front_door import do, work, write
from tests.makers import drain, person, send_demand, ticket
from tests.web.counting import statements
from tests.web.prepared_tickets import prepare

MANY = 55
LIST, DETAIL, LOGGED = 10, 14, 2
"""Statements; a page opened outside one's own work is logged, and compared with the day's other looks."""


def hand_to(no, code):
    """The dispatcher gives a ticket to a department."""
    with transaction():
        found, clerk = ticket(no), person("dispatcher1")
        order = Order(rules().departments[code], advice="请现场查看")
        dispatch(found, order, acting(clerk, Step.DISPATCH, found))


def numbers(page, desk):
    """The tickets listed on a page, in order."""
    return [int(no) for no in re.findall(rf'class="title" href="/{desk}/(\d+)"', page)]


def older(page):
    """The address of the next page."""
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


def count(browser, path, **headers):
    """How many statements a page costs once the process is warm."""
    assert browser.get(path).status_code == 200
    with statements() as sent:
        assert browser.get(path, headers=headers).status_code == 200
    assert len(sent) > 1
    return len(sent)


@pytest.mark.database
@pytest.mark.parametrize(("place", "login"), [("dispatch", "dispatcher1"), ("department", "zjj_handler")])
def test_pages_go_by_key_without_a_gap_or_a_double_and_without_foreign_rows(place, login, signed_in):
    mine = [send_demand(f"第{n}号路灯坏了，请派人来修。") for n in range(MANY)]
    foreign = [send_demand() for _ in range(3)]
    if place == "department":
        [hand_to(no, "zjj") for no in mine]
        [hand_to(no, "hbj") for no in foreign]
    else:
        [hand_to(no, "zjj") for no in foreign]
    browser = signed_in(login)
    first = browser.get(f"/{place}").text
    second = browser.get(older(first)).text
    seen = numbers(first, place) + numbers(second, place)
    assert sorted(seen) == sorted(mine)
    assert len(numbers(first, place)) == 50
    assert older(second) is None
    assert 'rel="prev"' in second
    assert browser.get(f"/{place}?after=nonsense").status_code == 422
    assert count(browser, older(first)) <= LIST


def test_every_list_and_every_page_of_a_ticket_keeps_its_budget(web, signed_in):
    to_dispatch, signed = send_demand("这里的情况一直没有人来看过，想请人来看。"), write(web)
    [send_demand() for _ in range(3)]
    hand_to(to_dispatch, "zjj")
    waiting, called = send_demand("还有一件事想请人来看看。"), write(web, content="东门区桥洞积水，请排水。")
    work(signed_in, signed)
    do(signed_in("dispatcher1"), f"/dispatch/{signed}/check", decision="pass")
    zjj, clerk, caller = signed_in("zjj_handler"), signed_in("dispatcher1"), signed_in("callback1")
    do(zjj, f"/department/{to_dispatch}/sign")
    for reached in ("no", "no", "yes"):
        do(zjj, f"/department/{to_dispatch}/contact", contacted=reached, contact_note="拨打诉求人电话")
    queues = ("to_dispatch", "alarms", "returns", "replies", "extensions", "to_supplement", "stops", "suspended")
    lists = [(clerk, f"/dispatch?tab={tab}") for tab in queues]
    lists += [(zjj, f"/department?tab={tab}") for tab in ("to_sign", "due", "asked", "helping")]
    lists += [(caller, f"/callback?tab={tab}") for tab in ("to_callback", "rectifying", "waiting")]
    costs = {path: count(browser, path) for browser, path in lists}
    assert not {path: cost for path, cost in costs.items() if cost > LIST}
    pages = [(clerk, f"/dispatch/{no}") for no in (waiting, signed, to_dispatch, called)]
    pages += [(zjj, f"/department/{to_dispatch}"), (caller, f"/callback/{signed}")]
    for situation in ("suspension_asked", "suspended", "termination_asked", "closed"):
        no = prepare(situation)
        pages += [(clerk, f"/dispatch/{no}"), (zjj, f"/department/{no}")]
    with transaction():
        change_setting("looks_same_caller", "1000", "所有工单都是同一人的", None)
    costs = {path: count(browser, path) for browser, path in pages}
    logged = [path for browser, path in pages if browser is clerk or path.endswith(f"/{no}")]  # the last one is closed
    most = {path: DETAIL + (LOGGED if path in logged else 0) for path in costs}
    assert not {path: cost for path, cost in costs.items() if cost > most[path]}


def test_a_fragment_comes_with_its_etag_and_304_when_nothing_changed(web, signed_in):
    no = write(web, "这里的情况一直没有人来看过，想请有关单位过来看看。")
    clerk = signed_in("dispatcher1")
    for path in ("/dispatch", f"/dispatch/{no}"):
        first = clerk.get(path, headers={"HX-Request": "true"})
        assert "<html" not in first.text
        again = clerk.get(path, headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.text) == (304, "")
    hand_to(no, "zjj")
    headers = {"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
    changed = clerk.get(f"/dispatch/{no}", headers=headers)
    assert changed.status_code == 200
    assert "派至 市住建局" in changed.text


def test_live_parts_name_the_topics_their_people_may_hear(web, signed_in):
    no = write(web)
    hand = signed_in("dispatcher1")
    assert 'data-topics="dispatch"' in hand.get("/dispatch").text
    assert f'data-topics="ticket:{no}"' in hand.get(f"/dispatch/{no}").text
    assert 'data-topics="callback"' in signed_in("callback1").get("/callback").text
    unit = ticket(no).department_id
    code = next(code for code, number in rules().departments.items() if number == unit)
    page = signed_in(f"{code.replace('-', '_')}_handler").get(f"/department/{no}").text
    assert f'data-topics="department:{unit}"' in page
    assert "ticket:" not in page


def test_several_tickets_are_signed_at_once_and_foreign_ones_refused(signed_in):
    mine, foreign = [send_demand() for _ in range(3)], send_demand()
    [hand_to(no, "zjj") for no in mine]
    hand_to(foreign, "hbj")
    unit = signed_in("zjj_handler")
    assert unit.post("/department/sign", data={"ticket_no": [str(mine[0]), str(foreign)]}).status_code == 404
    assert ticket(mine[0]).state.value == "to_sign"
    do(unit, f"/department/{mine[2]}/sign")
    do(unit, "/department/sign", ticket_no=[str(no) for no in mine])
    assert {ticket(no).state.value for no in mine} == {"handling"}
    assert "已签收2件，1件状态已变化。" in unit.get("/department").text
    drain()


def test_a_part_that_refreshes_itself_takes_back_neither_a_message_nor_a_signing_out(signed_in):
    """Its request may have left before the form was sent, and come back after."""
    browser = signed_in("zjj_handler")
    assert "Set-Cookie" in browser.get("/department").headers
    refreshed = browser.get("/department", headers={"HX-Request": "true"})
    assert refreshed.status_code == 200
    assert "Set-Cookie" not in refreshed.headers
