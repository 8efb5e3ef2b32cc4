"""What each act on a ticket costs in statements, counted at the cursor: a dearer one breaks the table."""

from datetime import UTC, datetime, timedelta

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Department
from hotline.models.words import Confidentiality, Role
from hotline.people.accounts import Person
from hotline.simulation import aside_acts, joint_acts, outside_acts, supervisor_acts  # noqa: F401 - they enter acts
from hotline.simulation.acts import ACTS
from hotline.tickets.rulebook import rules
from tests.makers import drain, person, send_demand, ticket
from tests.police110.desk_and_police import know_police
from tests.web.counting import statements

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
MOST = {
    "route": 20, "sign": 11, "contact": 13, "reply": 14, "send_back": 9, "submit": 17, "fail_check": 16,
    "pass_check": 7, "call_back_solved": 13, "bad_review": 20, "contact_reviewer": 12, "rectify": 13,
    "fail_rectification": 13, "verify": 12, "review": 16, "reopen": 14, "ask_extension": 13, "refuse_extension": 13,
    "urge": 11, "ask_suspension": 13, "refuse_suspension": 12, "grant_suspension": 20, "resume": 17,
    "ask_termination": 11, "refuse_termination": 12, "grant_termination": 19, "grant_extension": 15,
    "call_back_unsolved": 19, "miss_call": 10, "ask_return": 18, "send_on": 47, "call_meeting": 18, "rule_return": 23,
    "withdraw": 15, "keep_return": 17, "ask_supplement": 10, "say_more": 11, "refuse": 14, "contest": 11,
    "miss_requester": 7, "give_up": 16, "merge": 23, "leave_master": 19, "push_to_110": 15, "answer_directly": 10,
    "call_in": 16, "sign_part": 11, "reply_part": 14, "hand_in": 14, "submit_without": 21, "give_opinion": 12,
    "answer_reminder": 11, "supervise": 11, "end_supervision": 10, "ask_change": 11, "refuse_change": 12,
    "grant_change": 16, "ask_exemption": 11, "refuse_exemption": 11, "grant_exemption": 14, "ask_grid": 11,
    "report_grid": 12, "accuse_holder": 24, "route_elsewhere": 27, "send_to_district": 18, "hand_down": 17,
    "call_in_briefly": 16, "ask_part_extension": 13, "grant_part_extension": 14, "take_back_part": 15,
    "move_meeting": 11, "cancel_meeting": 14, "call_three_ways": 7, "note_result": 6,
}  # fmt: skip
"""By act: the most statements its transaction sends, with the ticket it begins by loading."""
COURSES = (
    "route sign contact reply send_back reply submit fail_check reply submit pass_check call_back_solved bad_review "
    "contact_reviewer rectify fail_rectification rectify verify review reopen",
    "route sign ask_extension refuse_extension urge ask_suspension refuse_suspension ask_suspension grant_suspension "
    "resume ask_termination refuse_termination ask_termination grant_termination",
    "route sign ask_extension grant_extension reply submit pass_check call_back_unsolved",
    "route sign reply submit pass_check miss_call",
    "route ask_return send_on ask_return call_meeting give_opinion give_opinion rule_return withdraw",
    "route call_in call_in sign sign_part sign_part reply_part hand_in reply submit_without",
    "route ask_return keep_return",
    "ask_supplement say_more refuse contest",
    "ask_supplement miss_requester miss_requester miss_requester give_up",
    "merge leave_master push_to_110",
    "answer_directly",
    "route sign urge answer_reminder supervise answer_reminder end_supervision ask_change refuse_change ask_change "
    "grant_change ask_exemption refuse_exemption",
    "route sign ask_exemption grant_exemption ask_grid report_grid accuse_holder route_elsewhere",
    "send_to_district sign hand_down sign_part reply_part hand_in",
    "route call_in_briefly sign sign_part ask_part_extension grant_part_extension take_back_part",
    "route ask_return send_on ask_return call_meeting move_meeting cancel_meeting",
    "call_three_ways push_to_110 note_result",
)
HOLDERS = {
    Role.DISPATCHER: "dispatcher1", Role.SUPERVISOR: "supervisor1", Role.AGENT: "agent1",
    Role.CALLBACK_AGENT: "callback1", Role.GRID_WORKER: "grid1",
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
            who, n = holder(name, no), master if name == "merge" else 4
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
        code = session().get_one(Department, ACTS[name].unit(ticket(no))).code.replace("-", "_")
        return person(f"{code}_{'lead' if role is Role.DEPARTMENT_LEAD else 'handler'}")
    return person(HOLDERS[role]) if role else None
