"""What follows what: a pure table from steps to the names of follow-ups, on one page.

`take_step()` writes them as outbox rows in the step's own transaction; their handlers are in
`background/jobs.py` (a house test proves that both know the same names).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.models import Ticket
from hotline.models.words import Source, State, Step


def always(_: Ticket) -> bool:
    """No condition."""
    return True


def has_contact(ticket: Ticket) -> bool:
    """There is a way to reach the requester."""
    return ticket.has_contact


def from_police(ticket: Ticket) -> bool:
    """The demand came from 110, which wants to hear of it."""
    return ticket.source is Source.POLICE110


def undispatched(ticket: Ticket) -> bool:
    """Nobody has been chosen yet."""
    return ticket.state is State.TO_DISPATCH


def has_department(ticket: Ticket) -> bool:
    """A department holds it."""
    return ticket.department_id is not None


def not_at_the_desk(ticket: Ticket) -> bool:
    """Its result does not wait for the hotline's check or callback."""
    return ticket.state not in (State.TO_CHECK, State.TO_CALLBACK)


def was_dispatched(ticket: Ticket) -> bool:
    """A department worked on it."""
    return ticket.department_id is not None and ticket.round > 0


@dataclass(frozen=True)
class Follow:
    """A follow-up's kind, and the tickets it is for."""

    kind: str
    when: Callable[[Ticket], bool] = always


CLASSIFY = Follow("classify")
TELL_DEPARTMENT = Follow("tell_department")
TELL_REQUESTER = Follow("tell_requester", has_contact)
INVITE_REVIEW = Follow("invite_review")
REPORT_TO_POLICE = Follow("report_to_police", from_police)
PUSH_TO_POLICE = Follow("push_to_police")

FOLLOWS: Mapping[Step, tuple[Follow, ...]] = {
    **{step: () for step in Step},
    Step.RECEIVE: (CLASSIFY, TELL_REQUESTER, REPORT_TO_POLICE),
    Step.REGISTER: (CLASSIFY, TELL_REQUESTER),
    Step.SUPPLEMENT: (CLASSIFY,),
    Step.CONTEST_REFUSAL: (CLASSIFY,),
    Step.UNMERGE: (CLASSIFY, TELL_REQUESTER),
    Step.COME_BACK: (CLASSIFY,),
    Step.DISPATCH: (TELL_DEPARTMENT, REPORT_TO_POLICE),
    Step.ADD_CO_UNIT: (TELL_DEPARTMENT,),
    Step.HAND_DOWN: (TELL_DEPARTMENT,),
    Step.TAKE_BACK: (TELL_DEPARTMENT,),
    Step.ACCEPT_RETURN: (TELL_DEPARTMENT,),
    Step.REJECT_RETURN: (TELL_DEPARTMENT,),
    Step.GRANT_EXTENSION: (TELL_DEPARTMENT, TELL_REQUESTER),
    Step.REFUSE_EXTENSION: (TELL_DEPARTMENT,),
    Step.REFUSE: (TELL_REQUESTER, REPORT_TO_POLICE),
    Step.GIVE_UP: (TELL_REQUESTER, REPORT_TO_POLICE),
    Step.TRANSFER_EMERGENCY: (PUSH_TO_POLICE,),
    Step.ANSWER_DIRECTLY: (INVITE_REVIEW, REPORT_TO_POLICE),
    Step.PASS_CHECK: (TELL_REQUESTER, REPORT_TO_POLICE),
    Step.FAIL_CHECK: (TELL_DEPARTMENT,),
    Step.REHANDLE: (TELL_DEPARTMENT,),
    Step.CALL_BACK: (INVITE_REVIEW, REPORT_TO_POLICE),
    Step.GIVE_BAD_REVIEW: (TELL_DEPARTMENT,),
    Step.FAIL_RECTIFICATION: (TELL_DEPARTMENT,),
    Step.VERIFY_RECTIFICATION: (INVITE_REVIEW,),
    Step.URGE: (Follow("tell_department", not_at_the_desk),),
    Step.SUPERVISE: (TELL_DEPARTMENT,),
    Step.MERGE: (TELL_REQUESTER, REPORT_TO_POLICE),
    Step.WITHDRAW: (REPORT_TO_POLICE, Follow("tell_department", was_dispatched)),
    Step.AMEND: (Follow("classify", undispatched), Follow("tell_department", has_department)),
    Step.LEAVE_WORD: (TELL_REQUESTER,),
    Step.SUSPEND: (TELL_DEPARTMENT, TELL_REQUESTER),
    Step.REFUSE_SUSPENSION: (TELL_DEPARTMENT,),
    Step.RESUME: (TELL_DEPARTMENT,),
    Step.GRANT_TERMINATION: (TELL_DEPARTMENT, TELL_REQUESTER, INVITE_REVIEW, REPORT_TO_POLICE),
    Step.REFUSE_TERMINATION: (TELL_DEPARTMENT,),
    Step.CHANGE_TYPE: (TELL_DEPARTMENT,),
    Step.REFUSE_CHANGE: (TELL_DEPARTMENT,),
    Step.GRANT_EXEMPTION: (TELL_DEPARTMENT,),
    Step.REFUSE_EXEMPTION: (TELL_DEPARTMENT,),
    Step.REOPEN: (CLASSIFY, TELL_REQUESTER, REPORT_TO_POLICE),
    Step.ASK_SUPPLEMENT: (TELL_REQUESTER,),
    Step.CALL_MEETING: (Follow("tell_invited"),),
    Step.MOVE_MEETING: (Follow("tell_invited"),),
    Step.CANCEL_MEETING: (Follow("tell_invited"),),
    Step.SUMMON: (Follow("tell_summoned"),),
    Step.HAND_IN: (Follow("tell_helped"),),
    Step.GRANT_SHARE_EXTENSION: (TELL_DEPARTMENT,),
    Step.REFUSE_SHARE_EXTENSION: (TELL_DEPARTMENT,),
}

DESK_LANE, OUTSIDE_LANE, PHONE_LANE, NOW_LANE, SLOW_LANE = "desk", "outside", "phone", "now", "slow"
"""desk: our own work; outside: calls to others; phone: the carrier, in a hurry; now: suggestions; slow:
training and trials."""

LANES: Mapping[str, str] = {
    "classify": DESK_LANE,
    "tell_department": DESK_LANE,
    "tell_requester": DESK_LANE,
    "invite_review": DESK_LANE,
    "report_to_police": DESK_LANE,
    "push_to_police": DESK_LANE,
    "tell_invited": DESK_LANE,
    "tell_summoned": DESK_LANE,
    "tell_helped": DESK_LANE,
    "tell_relieved": DESK_LANE,
    "tell_of_group": DESK_LANE,
    "reckon_again": DESK_LANE,
    "clean_photo": DESK_LANE,
    "send_message": OUTSIDE_LANE,
    "send_to_partner": OUTSIDE_LANE,
    "offer_call": PHONE_LANE,
    "bridge_call": PHONE_LANE,
    "end_call": PHONE_LANE,
    "fetch_recording": OUTSIDE_LANE,
    "train_model": SLOW_LANE,
    "try_duty_list": SLOW_LANE,
}

TOPICS: Mapping[State, tuple[str, ...]] = {
    State.TO_DISPATCH: ("dispatch", "board"),
    State.TO_SUPPLEMENT: ("dispatch", "board"),
    State.RETURN_PENDING: ("dispatch", "board"),
    State.TO_CHECK: ("dispatch", "board"),
    State.TO_CALLBACK: ("callback", "board"),
    State.TO_EVALUATE: ("callback", "board"),
    State.RECTIFYING: ("callback", "board"),
    **{state: ("board",) for state in (State.TO_SIGN, State.HANDLING, State.REHANDLING, State.CLOSED)},
}
