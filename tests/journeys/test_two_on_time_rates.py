"""An extension moves the limit of one rate and not of the other; lights and ages stand on the lists."""

from datetime import date

import time_machine

from hotline import clock
from hotline.database import session, transaction
from hotline.supervision.rates import Part, count_figures, figure_named, listed
from hotline.supervision.scope import Scope
from hotline.tickets.city_settings import change_setting
from hotline.web.shown import time_left
from tests.journeys.front_door import clock_of, do, entry, login_of, work, write

TUESDAY, NEXT_TUESDAY, DAY_AFTER = (f"2026-03-{day}T02:00:00+00:00" for day in (10, 17, 18))
ASK = {"reason": "需等待检测报告出具", "basis": "检测规程第三条", "days": "1"}


def on_time(key):
    """Numerator, denominator and the tickets listed behind the numerator."""
    figure, scope = figure_named(key), Scope(date(2026, 3, 1), date(2026, 3, 31), clock.now())
    (mine,) = count_figures((figure,), scope).values()
    query = listed(figure, Part.COUNTED, scope)
    return mine[key].counted, mine[key].among, [row.ticket_no for row in session().execute(query).scalars()]


def light(no):
    """The colour of the handling limit."""
    running = clock_of(no, "handle")
    return time_left(running.started_at, running.due_at).level


def test_an_extended_ticket_is_on_time_by_the_extended_limit_alone(web, signed_in):
    with time_machine.travel(TUESDAY, tick=True):
        no = write(web)
        handler = signed_in(login_of(no))
        do(handler, f"/department/{no}/sign")
        do(handler, f"/department/{no}/contact", contacted="yes", contact_note="电话联系过诉求人")
        do(handler, f"/department/{no}/extension", **ASK)
        asked = entry(no, "ask_extension").data["asked"]
        assert light(no) == "ok"
    with time_machine.travel(NEXT_TUESDAY, tick=True):
        handler, supervisor = signed_in(login_of(no)), signed_in("supervisor1")
        assert clock.shown(clock_of(no, "handle").due_at) == "3月17日 24:00"
        assert light(no) == "warn"
        assert "受理至今5个工作日（7天）" in handler.get("/department?tab=handling").text
        with transaction():
            change_setting("yellow_percent", "100", "试行", None)
            change_setting("yellow_working_days", "0", "试行", None)
        assert light(no) == "ok"
        do(supervisor, f"/dispatch/{no}/extensions/{asked}", decision="granted", words="同意延期")
    with time_machine.travel(DAY_AFTER, tick=True):
        work(signed_in, no)
        assert on_time("on_time") == (1, 1, [no])
        assert on_time("on_time_at_first") == (0, 1, [])
        assert "按原时限办结率" in signed_in("supervisor1").get("/board?from=2026-03-01&to=2026-03-31").text
        assert "受理至今6个工作日（8天）" in signed_in("dispatcher1").get(f"/dispatch/{no}").text
