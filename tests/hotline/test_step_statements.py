"""What each act on a ticket costs in statements, counted at the cursor: a dearer one breaks the table."""

from datetime import UTC, datetime, timedelta

from hotline import clock
from hotline.database import transaction
from hotline.models.words import Confidentiality, Role
from hotline.people.accounts import Person
from hotline.simulation import outside_acts  # noqa: F401 - its acts are entered
from hotline.simulation.acts import ACTS
from hotline.tickets.rulebook import rules
from tests.makers import drain, person, send_demand, ticket, unit_of
from tests.police110.desk_and_police import know_police
from tests.web.counting import statements

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
MOST = {
    "route": 21, "sign": 12, "contact": 14, "reply": 15, "send_back": 10, "submit": 18, "fail_check": 17,
    "pass_check": 8, "call_back_solved": 14, "bad_review": 21, "contact_reviewer": 13, "rectify": 14,
    "fail_rectification": 14, "verify": 11, "review": 17, "reopen": 15, "ask_extension": 14, "refuse_extension":
    14, "urge": 12, "ask_suspension": 14, "refuse_suspension": 13, "grant_suspension": 21, "resume": 18,
    "ask_termination": 12, "refuse_termination": 13, "grant_termination": 20, "grant_extension": 16,
    "call_back_unsolved": 20, "miss_call": 11, "ask_return": 19, "send_on": 48, "call_meeting": 19,
    "rule_return": 24, "miss_requester": 8,
    "withdraw": 15, "keep_return": 18, "ask_supplement": 11, "say_more": 13, "refuse": 15,
    "contest": 13, "give_up": 17,
    "merge": 26, "leave_master": 21, "push_to_110": 16, "answer_directly": 12,
}  # fmt: skip
"""By act: the most statements its transaction sends, with the ticket it begins by loading."""
COURSES = (
    "route sign contact reply send_back reply submit fail_check reply submit pass_check call_back_solved bad_review "
    "contact_reviewer rectify fail_rectification rectify verify review reopen",
    "route sign ask_extension refuse_extension urge ask_suspension refuse_suspension ask_suspension grant_suspension "
    "resume ask_termination refuse_termination ask_termination grant_termination",
    "route sign ask_extension grant_extension reply submit pass_check call_back_unsolved",
    "route sign reply submit pass_check miss_call",
    "route ask_return send_on ask_return call_meeting rule_return withdraw",
    "route ask_return keep_return",
    "ask_supplement say_more refuse contest",
    "ask_supplement miss_requester miss_requester miss_requester give_up",
    "merge leave_master push_to_110",
    "answer_directly",
)
HOLDERS = {
    Role.DISPATCHER: "dispatcher1", Role.SUPERVISOR: "supervisor1", Role.AGENT: "agent1",
    Role.CALLBACK_AGENT: "callback1",
}  # fmt: skip
ELSEWHERE = {"police_return", "close_unreached"}
"""The first is an answer of 110 (tests/police110), the second waits for three half-days (tests/journeys)."""


def test_every_act_costs_no_more_statements_than_its_row_says(desk, messages):
    know_police()
    dearest: dict[str, int] = {}
    for course in COURSES:
        for name, counted in walked(course.split()):
            dearest[name] = max(dearest.get(name, 0), counted)
    print(dearest)
    assert dearest.keys() == MOST.keys() == ACTS.keys() - ELSEWHERE
    assert not {name: counted for name, counted in dearest.items() if counted > MOST[name]}


def walked(names: list[str]) -> list[tuple[str, int]]:
    """A ticket's way by these acts, with the statements of each."""
    moment, found = MONDAY, []
    with clock.hold(moment):
        master, no = send_demand(), send_demand(confidentiality=Confidentiality.CONFIDENTIAL)
        drain()
    for name in names:
        moment += HALF_AN_HOUR
        with clock.hold(moment):
            who, n = holder(name, no), master if name == "merge" else 3
            ticket(no), rules()
            with statements() as sent, transaction():
                ACTS[name].verb(ticket(no), who, n)
            found.append((name, len(sent)))
            drain()
    return found


def holder(name: str, no: int) -> Person | None:
    """Who takes this act on this ticket."""
    role = ACTS[name].role
    if role in (Role.HANDLER, Role.DEPARTMENT_LEAD):
        return unit_of(no, "lead" if role is Role.DEPARTMENT_LEAD else "handler")
    return person(HOLDERS[role]) if role else None
