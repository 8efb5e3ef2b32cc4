"""Random walks: anybody does anything to some tickets, and no invariant of domain.md §18 ever breaks.

A walk takes mostly what comes next at a desk, sometimes whatever anybody might try, in wrong roles and from wrong
departments too; the workers work and time passes between. An act succeeds or is refused with a Chinese sentence. The
ticket is checked after each act, all of a walk at its end, all of all walks at the very end.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule, run_state_machine_as_test

from hotline import clock
from hotline.config import Config
from hotline.database import session, transaction
from hotline.errors import DeskError
from hotline.models.words import Confidentiality, Source
from hotline.people.accounts import Person
from hotline.supervision.rates import FIGURES, Part, count_figures, listed
from hotline.supervision.scope import Scope
from hotline.tickets import draft
from hotline.tickets.amend import PARTNER
from hotline.tickets.demand import Demand, Envelope, Upstream
from hotline.tickets.receive import receive_demand
from tests.entry_makers import published
from tests.hotline import walked_acts, walked_secrecy  # noqa: F401 - registers its acts
from tests.hotline.invariants_read import broken
from tests.hotline.walk_order import NEXT
from tests.hotline.walk_registry import ACTS, TEXTS, UNITS, nth, unit
from tests.makers import drain, person, ticket, unit_of
from tests.police110.desk_and_police import PLATFORM, know_police

for acts in sorted(Path(__file__).parent.glob("walked_*.py")):
    import_module(f"tests.hotline.{acts.stem}")  # they enter their acts
FIRST_MOMENT = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
"""A Monday morning in the city, ten days before a year without a calendar."""
PEOPLE = (
    "agent1", "agent2", "dispatcher1", "dispatcher2", "supervisor1", "callback1", "callback2", "kbeditor", "admin",
    "auditor", "grid1", *(f"{code.replace('-', '_')}_{role}" for code in UNITS for role in ("handler", "lead")),
)  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")
NUMBERS = st.integers(0, 59)
TICKETS_A_WALK = 8


class Walk(RuleBasedStateMachine):
    """One walk over some tickets, on a city that stays; its own time runs on with every act."""

    connection: psycopg.Connection
    outcomes: Counter[str]
    numbers: list[int]
    people: dict[str, Person]
    tickets: Bundle[int] = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.moment, self.mine = FIRST_MOMENT, list[int]()

    @initialize(target=tickets, doors=st.lists(NUMBERS, min_size=TICKETS_A_WALK, max_size=TICKETS_A_WALK))
    def demands_come(self, doors: list[int]) -> object:
        """By every door; the same message twice makes one ticket (I9)."""
        self.now(lambda: [self.receive(n) for n in doors])
        assert len(self.mine) == len(doors)
        self.numbers += self.mine
        return multiple(*self.mine)

    def receive(self, n: int) -> None:
        """A call, a web message, or a push of 110; sometimes about a department, sometimes a test."""
        if n % 5 == 0:
            with transaction():
                self.mine.append(draft.open_draft(self.people["agent1"]).ticket_no)
            return
        police, mark = n % 5 == 1, f"walk-{len(self.numbers)}-{len(self.mine)}"
        demand = Demand(
            Source.POLICE110 if police else Source.WEB, nth(TEXTS, n), "望湖区湖滨街道金桂苑小区", "陈桂芳",
            nth(("+8613812345678", ""), n), confidentiality=nth(Confidentiality, n // 5), is_test=n % 11 == 0,
            upstream=Upstream(PLATFORM, mark) if police else None,
        )  # fmt: skip
        envelope = Envelope(PLATFORM if police else "web", mark, mark.encode())
        for _ in range(2):
            with transaction():
                number = receive_demand(demand, envelope, *([PARTNER] if police else [])).ticket_no
                ticket(number).respondent_department_id = unit(n) if n % 7 == 0 else None
            self.mine = [*dict.fromkeys([*self.mine, number])]

    @rule(no=tickets, acts=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=9))
    def it_goes_on(self, no: int, acts: list[tuple[int, int]]) -> None:
        """Somebody whose it is does what each state waits for, and the workers follow; an ended ticket rests."""
        for nth_act, n in acts:
            after = NEXT.get(ticket(no).state.value)
            if after:
                name, whose = nth(after, nth_act)
                self.does(no, name, self.whose(no, whose), n)
                self.workers_work(no)

    @rule(no=tickets, name=st.sampled_from(sorted(ACTS)), login=st.sampled_from(PEOPLE), n=NUMBERS)
    def anybody_tries_anything(self, no: int, name: str, login: str, n: int) -> None:
        """Whoever it is, whatever it is."""
        if name not in ("withdraw", "archive", "transfer") or n % 4 == 0:
            self.does(no, name, self.people[login], n)

    @rule(no=tickets, master=tickets, login=st.sampled_from(["dispatcher1", "dispatcher2", "zjj_lead"]), n=NUMBERS)
    def merges(self, no: int, master: int, login: str, n: int) -> None:
        """Now and then one ticket under another."""
        if n % 9 == 0:
            self.does(no, "merge_into", self.people[login], master)
            self.check(master)

    def workers_work(self, no: int) -> None:
        """Whatever follows is done, but for the post to 110, which answers nobody here."""
        self.connection.execute("DELETE FROM outbox WHERE kind = 'send_to_partner'")
        self.now(drain)
        self.check(no)

    @rule(hours=st.sampled_from([1, 5, 12, 24, 100]))
    def time_passes(self, hours: int) -> None:
        """For all of them."""
        self.moment += timedelta(hours=hours)

    def does(self, no: int, name: str, who: Person, n: int) -> None:
        """One act: it succeeds, or says in Chinese why not; then the ticket is looked through."""
        done = "done"
        try:
            with transaction():
                verb = ACTS.get(name, walked_acts.merge_into)
                self.now(lambda: verb(no, who, n))
        except DeskError as refusal:
            done = str(refusal.status)
            assert all(map(CHINESE.search, [refusal.sentence, *refusal.fields.values()])), refusal.fields
        self.outcomes[f"{name} {done}"] += 1
        self.check(no)

    def whose(self, no: int, whose: str) -> Person:
        """The person of a post at this ticket."""
        if whose in ("handler", "lead"):
            return unit_of(no, whose)
        return self.people[whose or "admin"]

    def now(self, do: Callable[[], object]) -> None:
        """Let it happen a second later than the last."""
        self.moment += timedelta(seconds=1)
        with time_machine.travel(self.moment, tick=False):
            do()

    def check(self, *numbers: int) -> None:
        """No invariant is broken."""
        session().rollback()
        assert [words for no in numbers for words in broken(self.connection, no)] == []

    def teardown(self) -> None:
        """All tickets of the walk once more."""
        self.check(*self.mine)


@pytest.fixture
def city(desk: Flask, config: Config) -> Flask:
    """The desk, an entry to cite, 110 on the line, and one connection to look through the tables."""
    know_police()
    published()
    Walk.outcomes, Walk.numbers, Walk.people = Counter(), [], {login: person(login) for login in PEOPLE}
    with psycopg.connect(config.database_url, autocommit=True) as Walk.connection:
        yield desk


def walk(tickets: int, acts: int, **kind: object) -> None:
    """So many tickets, a few a walk."""
    run_state_machine_as_test(Walk, settings=settings(
        max_examples=tickets // TICKETS_A_WALK, stateful_step_count=acts, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), **kind,
    ))  # fmt: skip
    print(*(f"{many:6} {name}" for name, many in sorted(Walk.outcomes.items())), sep="\n")
    assert len(Walk.numbers) >= tickets
    assert [words for no in Walk.numbers for words in broken(Walk.connection, no)] == []
    figures_hold()


def figures_hold() -> None:
    """Who is left out of a figure is counted and listed, nobody twice (I13); a test is never in one (I20)."""
    scope = Scope(FIRST_MOMENT.date() - timedelta(days=1), FIRST_MOMENT.date() + timedelta(days=365), clock.now())
    for figure in FIGURES.values():
        kept, left_out = (set(session().execute(listed(figure, part, scope)).scalars())
                          for part in (Part.ALL if figure.among else Part.COUNTED, Part.EXCLUDED))  # fmt: skip
        counts = count_figures([figure], scope).values()
        shown = [one[figure.key].among if figure.among else one[figure.key].counted for one in counts]
        assert sum(shown) == len(kept), figure.key  # a plain count shows no denominator
        assert sum(sum(one[figure.key].excluded.values()) for one in counts) == len(left_out), figure.key
        assert not kept & left_out
        assert not [ticket for ticket in kept if ticket.is_test]


@pytest.mark.proof
def test_two_hundred_tickets_walk(city):
    walk(200, acts=18, derandomize=True)


@pytest.mark.slow
def test_five_thousand_tickets_walk(city):
    walk(5000, acts=40)
