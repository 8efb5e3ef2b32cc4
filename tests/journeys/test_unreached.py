"""Nobody answers the callback: three half-days and a message, and only then closed as unreached."""

import time_machine

from hotline.models.words import ClosingReason, State
from tests.journeys.front_door import do, entry, running, sent, steps, work, write
from tests.makers import drain, send_demand, ticket

MISSED = {"connected": "no", "note": "响铃无人接听"}


def test_three_half_days_and_a_message_close_a_ticket_as_unreached(web, signed_in, messages):
    with time_machine.travel("2026-03-10T01:00:00+00:00", tick=True) as traveller:
        no = write(web)
        work(signed_in, no)
        do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
        caller = signed_in("callback1")
        url = f"/callback/{no}"
        for moment in ("2026-03-10T02:00:00+00:00", "2026-03-10T03:00:00+00:00", "2026-03-10T07:00:00+00:00"):
            traveller.move_to(moment)
            do(caller, url, **MISSED)
        early = caller.post(f"{url}/unreached")
        assert early.status_code == 409
        assert "3个不同的半天" in early.text
        assert f"{url}/unreached" not in caller.get(url).text
        assert "callback_unreached" not in sent(messages)
        traveller.move_to("2026-03-11T02:00:00+00:00")
        caller = signed_in("callback1")
        assert caller.post(url, data=MISSED).status_code == 303
        untold = caller.post(f"{url}/unreached")
        assert untold.status_code == 409
        assert "短信尚未送达" in untold.text
        drain()
        assert sent(messages).count("callback_unreached") == 1
        page = caller.get(url).text
        assert page.count("未接通 · 响铃无人接听") == 4
        assert f"{url}/unreached" in page
        do(caller, f"{url}/unreached")
        done = ticket(no)
        assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.UNREACHED)
        assert entry(no, "close").data["evidence"]["table"] == "callback"
        assert steps(no)[-5:] == ["miss_callback"] * 4 + ["close"]
        assert running(no) == set()
        assert "多次回访未接通" in caller.get(url).text


def test_whoever_left_no_way_of_contact_is_not_called_and_the_ticket_is_closed_with_that_reason(web, signed_in):
    no, reachable = send_demand(phone=""), write(web)
    for one in (no, reachable):
        work(signed_in, one)
        do(signed_in("dispatcher1"), f"/dispatch/{one}/check", decision="pass")
    caller = signed_in("callback1")
    assert "没有留下联系方式" in caller.get(f"/callback/{no}").text
    assert "没有留下联系方式" not in caller.get(f"/callback/{reachable}").text
    assert caller.post(f"/callback/{reachable}/unreached").status_code == 409
    do(caller, f"/callback/{no}/unreached")
    done = ticket(no)
    assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.NO_CONTACT)
    assert entry(no, "close").data["evidence"] == {"table": "ticket", "id": no}
    assert running(no) == set()
