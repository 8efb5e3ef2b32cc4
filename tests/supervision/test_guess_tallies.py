"""The nightly counts equal what a slow reader counts by hand, and come out the same however often they are made."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import literal_column, select, text

from hotline import clock
from hotline.background.count_guesses import count_guesses
from hotline.database import session, transaction
from hotline.models import GuessCount, GuessWeek, JournalEntry, MachineGuess, Ticket
from hotline.models.words import AssignmentState, ClosingReason, Confidentiality, RequestType, State
from hotline.supervision.guess_outcomes import PARTS, Slice, outcomes, tickets_of
from hotline.supervision.guess_tallies import WEEK, WEEKS, Tally, count_week, left_out, monday, tallies
from hotline.supervision.rates import number_of
from hotline.supervision.scope import Scope
from hotline.tickets import handle, requesting, returning
from hotline.tickets.ending import withdraw
from tests.makers import drain, person, send_demand, ticket, unit_of
from tests.supervision.guess_weeks import Read, lay_all, moved
from tests.web.counting import statements
from tests.web.prepared_tickets import unit_id

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("desk")]
OUT = (
    (("request_type", RequestType.REPORT),),
    (("confidentiality", Confidentiality.CONFIDENTIAL),),
    (("is_test", True),),
    (("state", State.MERGED), ("closing_reason", ClosingReason.MERGED)),
)


def this_week() -> date:
    """The Monday of this week."""
    return monday(clock.city_day(clock.now()))


def last_weeks(number: int) -> Scope:
    """So many weeks up to this one."""
    return Scope(this_week() - (number - 1) * WEEK, this_week() + timedelta(days=6), clock.now())


def many_reads(number: int, weeks: int = 4) -> list[Read]:
    """Tickets of all kinds, the same each time."""
    dice, units = random.Random(7), [unit_id(code) for code in ("zjj", "cgj", "hbj", "gaj")]
    reads = []
    for _ in range(number):
        dice.shuffle(units)
        sure = dice.choice((0.4531, 0.72, 0.9, 0.9049, 0.97))
        routes = tuple(zip(units[: dice.randint(0, 3)], (sure, 0.02, 0.01), strict=False))
        accepted = dice.choice((units[0], units[0], units[0], *units, None))
        share = dice.choice((AssignmentState.HANDLING, AssignmentState.DONE, AssignmentState.TO_SIGN))
        decision = dice.choice(("automatic", "to_dispatcher", "barred")) if routes else "barred"
        flags = dice.choice(OUT) if dice.random() < 0.2 else ()
        week = this_week() - dice.randrange(weeks) * WEEK
        reads.append(Read(week, routes, accepted, decision, share, dice.choice(("0203", "1101")), flags=flags))
    return reads


def slow_tally(reads: list[Read]) -> Tally:
    """Counted one after the other, by nothing that the desk uses."""
    kept = [one for one in reads if not one.flags]
    decided = [one for one in kept if one.unit and one.share is not AssignmentState.TO_SIGN]
    undecided = [one for one in kept if one not in decided]
    first = [one.routes[0] if one.routes else (0, 0.0) for one in decided]
    right = [one for one, (unit, _) in zip(decided, first, strict=True) if unit == one.unit]
    return Tally(
        read=len(decided) + sum(one.unit is None or one.share is AssignmentState.TO_SIGN for one in undecided),
        automatic=sum(one.decision == "automatic" for one in kept),
        decided=len(decided),
        right=len(right),
        in_three=sum(one.unit in dict(one.routes) for one in decided),
        automatic_decided=sum(one.decision == "automatic" for one in decided),
        automatic_right=sum(one.decision == "automatic" for one in right),
        stated=pytest.approx(sum(sure for _, sure in first)),
    )


def counted_rows() -> Counter[tuple]:
    """All counts as they stand."""
    session().rollback()
    rows = session().execute(select(GuessCount)).scalars()
    names = [column.name for column in GuessCount.__table__.columns]
    return Counter(tuple(getattr(row, name) for name in names) for row in rows)


def test_the_counts_of_each_week_equal_a_slow_count():
    reads = many_reads(300)
    lay_all(reads)
    count_guesses()
    by_week = tallies(last_weeks(4), GuessCount.week)
    assert sorted(by_week) == [this_week() - back * WEEK for back in (3, 2, 1, 0)]
    for week, found in by_week.items():
        assert found == slow_tally([one for one in reads if one.week == week])
    flags = Counter(one.flags for one in reads)
    out = {code: number for code, _, number in left_out(last_weeks(4))}
    assert [out[code] for code in ("report", "confidential", "test", "merged")] == [flags[one] for one in OUT]


def test_every_part_is_as_long_as_its_list():
    lay_all(many_reads(120))
    count_guesses()
    scope = last_weeks(4)
    whole = tallies(scope, GuessCount.department_id)
    for unit, tally in whole.items():
        for part in ("read", "automatic", "decided", "right", "in_three", "automatic_decided", "automatic_right"):
            assert number_of(tickets_of(scope, Slice(part, unit))) == getattr(tally, part), part
    for code, _, number in left_out(scope):
        assert number_of(tickets_of(scope, Slice(code))) == number
    listed = sum(number_of(tickets_of(scope, Slice(part))) for part in ("read", *(set(PARTS) & {
        "test", "report", "confidential", "merged", "withdrawn", "no_unit"})))  # fmt: skip
    assert listed == 120


def test_counting_twice_or_after_a_broken_night_changes_nothing(monkeypatch):
    lay_all(many_reads(120))
    count_guesses()
    before = counted_rows()
    count_guesses()
    assert counted_rows() == before

    def break_off(week: date) -> None:
        count_week(week)
        if week == this_week() - 2 * WEEK:
            raise RuntimeError("the machine went dark")

    read_all_again()
    monkeypatch.setattr("hotline.supervision.guess_tallies.count_week", break_off)
    with pytest.raises(RuntimeError):
        count_guesses()
    assert counted_rows() == before


def test_a_night_reads_only_the_tickets_that_moved_and_counts_as_if_it_had_read_all():
    reads = many_reads(300)
    lay_all(reads[:240])
    count_guesses()
    with statements() as sent:
        count_guesses()
    assert [one for one in sent if "machine_guess" in one or "FROM ticket" in one or "INTO guess_count" in one] == []
    numbers = lay_all(reads[240:], start=2026010200000001)
    with transaction() as current:
        current.query(Ticket).filter(Ticket.ticket_no.in_(numbers[:9])).update({"is_test": True})
        current.add_all(moved(no, clock.now()) for no in (*numbers[:9], 2026010100000001))
    count_guesses()
    quick = counted_rows()
    read_all_again()
    count_guesses()
    assert counted_rows() == quick


def test_what_moved_is_found_by_indexes(desk):
    some = outcomes(last_weeks(WEEKS), MachineGuess.ticket_no.in_([2026010100000001, 2026010100000002]))
    feed = select(JournalEntry.ticket_no).where(JournalEntry.xact >= literal_column("'1000'")).distinct()
    session().execute(text("SET LOCAL enable_seqscan = off"))
    ways = ((select(some), ("ix_machine_guess_ticket_no", "pk_ticket")), (feed, ("ix_journal_entry_feed",)))
    for query, indexes in ways:
        said = str(query.compile(session().connection(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(session().execute(text("EXPLAIN " + said.replace(":", r"\:"))).scalars())
        assert all(index in plan for index in indexes), plan
        assert "Seq Scan" not in plan


def read_all_again() -> None:
    """As on the first night: nothing of the journal was read."""
    with transaction() as current:
        current.query(GuessWeek).update({"unread_from": None})


def test_what_was_counted_long_ago_stays():
    old = this_week() - WEEKS * WEEK
    (no,) = lay_all([Read(old, ((unit_id("zjj"), 0.9),), unit_id("zjj"))])
    with clock.hold(clock.now() - WEEKS * WEEK):
        count_guesses()
    with transaction() as current:
        current.execute(MachineGuess.__table__.update().values(decision="barred"))
        current.add(moved(no, clock.now()))
    count_guesses()
    assert [(row[0], row[6]) for row in counted_rows()] == [(old, "automatic")]


def test_the_truth_is_who_accepts_in_the_end(desk):
    kept, passed_on, waiting, gone = (send_demand() for _ in range(4))
    drain()
    first = {no: ticket(no).department_id for no in (kept, passed_on, waiting, gone)}
    assert all(first.values())
    with transaction():
        handle.sign(ticket(kept), unit_of(kept))
        form = requesting.ReturnForm("not_our_duty", "不属本单位职责", "三定方案第五条", unit_id("cgj"))
        returning.ask_return(ticket(passed_on), unit_of(passed_on, "lead"), form)
        withdraw(ticket(gone))
    now = {code: number for code, _, number in counted_now()[1]}
    assert now == {"withdrawn": 1, "undecided": 2}
    with transaction():
        returning.decide_return(
            ticket(passed_on), person("dispatcher1"), grant=True, note="应由城管局办理", department_id=unit_id("cgj")
        )
    with transaction():
        handle.sign(ticket(passed_on), unit_of(passed_on))
    tally, out = counted_now()
    assert (tally.read, tally.automatic, tally.decided, tally.right) == (3, 3, 2, 1)
    assert (tally.automatic_decided, tally.automatic_right) == (2, 1)
    assert {code: number for code, _, number in out} == {"withdrawn": 1, "undecided": 1}
    wrong = tickets_of(last_weeks(1), Slice("wrong", unit_id("cgj"), first[passed_on]))
    assert [row.ticket_no for row in session().execute(wrong).scalars()] == [passed_on]


def counted_now() -> tuple[Tally, list[tuple[str, str, int]]]:
    """This week, counted this moment."""
    count_guesses()
    return tallies(last_weeks(1), GuessCount.week)[this_week()], left_out(last_weeks(1))


def test_a_ticket_counts_once_by_the_reading_it_was_dispatched_by():
    zjj, cgj = unit_id("zjj"), unit_id("cgj")
    (no,) = lay_all([Read(this_week() - WEEK, ((zjj, 0.9),), zjj)])
    with transaction() as current:
        read = current.execute(select(MachineGuess)).scalar_one()
        same = {one.name: getattr(read, one.name) for one in MachineGuess.__table__.columns if one.name != "id"}
        later = same | {"routes": [{"department": cgj, "probability": 0.8}], "guessed_at": clock.now()}
        current.add_all([MachineGuess(**later), MachineGuess(**later | {"chosen_at": None}), moved(no, clock.now())])
    count_guesses()
    assert tallies(last_weeks(4), GuessCount.guessed_department_id).keys() == {zjj}
    assert number_of(tickets_of(last_weeks(4), Slice("read"))) == 1
    with transaction() as current:
        current.execute(MachineGuess.__table__.update().values(chosen_at=None))
        current.add(moved(no, clock.now()))
    count_guesses()
    found = session().execute(select(GuessCount.week, GuessCount.guessed_department_id, GuessCount.tickets)).all()
    assert found == [(this_week(), cgj, 1)]
    assert no
