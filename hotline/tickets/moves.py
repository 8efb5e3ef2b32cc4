"""The table of steps on one page: from where, to where, who may, and what each step's clocks do.

Source: domain.md §5.2 as completed by spine.md ("Two step tables, one door"). `docs/life_of_a_ticket.md`
is drawn from this page; `lifecycle.take_step()` alone acts by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline.models.words import (
    ENDED,
    OPEN,
    AssignmentState,
    ClockKind,
    Role,
    State,
    Step,
)

S, A, R, C = State, AssignmentState, Role, ClockKind
STAYS = frozenset[State]()


@dataclass(frozen=True)
class Move:
    """One row of the table: from where, to where (empty: it stays), who may, and what its clocks do.

    `share` is what the assignment becomes; `meets`, `starts` name clocks; `stops` ends the others.
    """

    step: Step
    start: frozenset[State | None]
    to: frozenset[State]
    who: frozenset[Role]
    share: AssignmentState | None = None
    meets: tuple[ClockKind, ...] = ()
    starts: tuple[ClockKind, ...] = ()
    stops: bool = False


def _move(step: Step, start: Any, to: Any, who: Any, **rest: Any) -> tuple[Step, Move]:
    def several(one: Any) -> frozenset[Any]:
        return frozenset(one) if isinstance(one, (set, frozenset)) else frozenset({one})

    return step, Move(step, several(start), several(to), several(who), **rest)


UNIT = {R.HANDLER, R.DEPARTMENT_LEAD}
DESK = {R.DISPATCHER, R.SUPERVISOR}
WORKING = {S.HANDLING, S.REHANDLING}
WITH_A_UNIT = {S.TO_SIGN, S.RETURN_PENDING, S.SUSPENDED, S.REPLIED, *WORKING}
COUNTED = {
    S.SUSPENDED, S.REPLIED, S.TO_CHECK, S.TO_CALLBACK, S.TO_EVALUATE, S.RECTIFYING, S.CLOSED, *WORKING,
}  # fmt: skip
BEFORE_DISPATCH = {S.DRAFT, S.TO_DISPATCH, S.TO_SUPPLEMENT}
HELD = {S.TO_SIGN, S.RETURN_PENDING, S.SUSPENDED, S.REPLIED, S.TO_CHECK, S.TO_CALLBACK, *WORKING}
"""Where a unit that must recuse itself can still be relieved of the ticket (default: until the citizen reviews)."""
ROUND = (C.SIGN, C.CONTACT, C.RETURN, C.HANDLE)

# fmt: off
MOVES: Mapping[Step, Move] = dict((
    # intake
    _move(Step.RECEIVE, None, S.TO_DISPATCH, {R.SYSTEM, R.REQUESTER, R.PARTNER, R.AGENT}, starts=(C.DISPATCH,)),
    _move(Step.BEGIN_DRAFT, None, S.DRAFT, {R.SYSTEM, R.AGENT}),
    _move(Step.REGISTER, S.DRAFT, S.TO_DISPATCH, R.AGENT, starts=(C.DISPATCH,)),
    _move(Step.LEAVE_WORD, S.DRAFT, S.TO_SUPPLEMENT, R.SYSTEM, starts=(C.SUPPLEMENT,)),
    _move(Step.ASK_SUPPLEMENT, S.TO_DISPATCH, S.TO_SUPPLEMENT, R.DISPATCHER,
          stops=True, starts=(C.SUPPLEMENT,)),
    _move(Step.SUPPLEMENT, S.TO_SUPPLEMENT, S.TO_DISPATCH, {R.AGENT, R.DISPATCHER, R.REQUESTER},
          meets=(C.SUPPLEMENT,), starts=(C.DISPATCH,)),
    _move(Step.GIVE_UP, S.TO_SUPPLEMENT, S.NOT_ACCEPTED, {R.AGENT, R.DISPATCHER}, stops=True),
    _move(Step.MISS_SUPPLEMENT, S.TO_SUPPLEMENT, STAYS, {R.AGENT, R.DISPATCHER}),
    # the hotline decides
    _move(Step.CLASSIFY, S.TO_DISPATCH, STAYS, R.SYSTEM),
    _move(Step.ANSWER_DIRECTLY, BEFORE_DISPATCH, S.ANSWERED, {R.AGENT, R.DISPATCHER},
          meets=(C.DISPATCH, C.SUPPLEMENT)),
    _move(Step.REFUSE, S.TO_DISPATCH, S.NOT_ACCEPTED, R.DISPATCHER, meets=(C.DISPATCH,), stops=True),
    _move(Step.CONTEST_REFUSAL, S.NOT_ACCEPTED, S.TO_DISPATCH, {R.REQUESTER, R.AGENT, *DESK},
          starts=(C.DISPATCH,)),
    _move(Step.MERGE, {S.TO_DISPATCH, S.TO_SUPPLEMENT}, S.MERGED, R.DISPATCHER,
          meets=(C.DISPATCH,), stops=True),
    _move(Step.UNMERGE, S.MERGED, S.TO_DISPATCH, {R.SYSTEM, R.DISPATCHER}, starts=(C.DISPATCH,)),
    _move(Step.TRANSFER_EMERGENCY, BEFORE_DISPATCH, S.TRANSFERRED, {R.AGENT, R.DISPATCHER},
          meets=(C.DISPATCH, C.ALARM), stops=True),
    _move(Step.COME_BACK, S.TRANSFERRED, S.TO_DISPATCH, {R.PARTNER, R.DISPATCHER}, starts=(C.DISPATCH,)),
    _move(Step.NOTE_RESULT, S.TRANSFERRED, STAYS, {R.AGENT, *DESK}),
    _move(Step.THREE_WAY, {S.TO_DISPATCH, S.TO_SUPPLEMENT, S.TRANSFERRED}, STAYS, {R.AGENT, *DESK}),
    _move(Step.DISPATCH, S.TO_DISPATCH, S.TO_SIGN, {R.SYSTEM, R.AGENT, *DESK},
          share=A.TO_SIGN, meets=(C.DISPATCH,), starts=ROUND),
    _move(Step.ADD_CO_UNIT, {S.TO_SIGN, S.RETURN_PENDING, *WORKING}, STAYS, {R.SYSTEM, R.AGENT, *DESK},
          share=A.TO_SIGN, starts=ROUND),
    # the department works
    _move(Step.HAND_DOWN, WORKING, STAYS, UNIT, share=A.TO_SIGN, starts=(C.SIGN, C.HANDLE)),
    _move(Step.SIGN, S.TO_SIGN, S.HANDLING, {R.SYSTEM, *UNIT}, share=A.HANDLING, meets=(C.SIGN,)),
    _move(Step.CONTACT, {S.SUSPENDED, *WORKING}, STAYS, UNIT, meets=(C.CONTACT,)),
    _move(Step.MISS_CONTACT, {S.SUSPENDED, S.RECTIFYING, *WORKING}, STAYS, UNIT),
    _move(Step.ASK_RETURN, {S.TO_SIGN, S.HANDLING}, S.RETURN_PENDING, UNIT,
          share=A.RETURN_PENDING, meets=(C.RETURN,), starts=(C.DECIDE,)),
    _move(Step.ACCEPT_RETURN, S.RETURN_PENDING, S.TO_DISPATCH, DESK,
          share=A.ENDED, meets=(C.DECIDE, C.MEETING), stops=True, starts=(C.DISPATCH,)),
    _move(Step.REJECT_RETURN, S.RETURN_PENDING, S.HANDLING, DESK,
          share=A.HANDLING, meets=(C.SIGN, C.DECIDE, C.MEETING)),
    _move(Step.CALL_MEETING, S.RETURN_PENDING, STAYS, R.SUPERVISOR, meets=(C.DECIDE,), starts=(C.MEETING,)),
    _move(Step.MOVE_MEETING, S.RETURN_PENDING, STAYS, R.SUPERVISOR),
    _move(Step.CANCEL_MEETING, S.RETURN_PENDING, STAYS, R.SUPERVISOR, meets=(C.MEETING,), starts=(C.DECIDE,)),
    _move(Step.GIVE_OPINION, S.RETURN_PENDING, STAYS, UNIT),
    _move(Step.ASK_EXTENSION, WORKING, STAYS, UNIT),
    _move(Step.GRANT_EXTENSION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.REFUSE_EXTENSION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.ASK_SUSPENSION, WORKING, STAYS, UNIT),
    _move(Step.SUSPEND, WORKING, S.SUSPENDED, R.SUPERVISOR, share=A.SUSPENDED),
    _move(Step.REFUSE_SUSPENSION, WORKING, STAYS, R.SUPERVISOR),
    _move(Step.RESUME, S.SUSPENDED, WORKING, {R.SYSTEM, R.DEPARTMENT_LEAD, R.SUPERVISOR}),
    _move(Step.ASK_TERMINATION, WORKING, STAYS, UNIT),
    _move(Step.GRANT_TERMINATION, {S.REPLIED, *WORKING}, S.TO_EVALUATE, R.SUPERVISOR, share=A.DONE, stops=True),
    _move(Step.REFUSE_TERMINATION, {S.REPLIED, *WORKING}, STAYS, R.SUPERVISOR),
    _move(Step.REPLY, WORKING, S.REPLIED, UNIT, share=A.REPLIED),
    _move(Step.SEND_BACK, S.REPLIED, WORKING, R.DEPARTMENT_LEAD),
    _move(Step.SUBMIT, S.REPLIED, S.TO_CHECK, R.DEPARTMENT_LEAD,
          share=A.DONE, meets=(C.CONTACT, C.HANDLE, C.REHANDLE), stops=True, starts=(C.CHECK,)),
    # check, callback, review
    _move(Step.PASS_CHECK, S.TO_CHECK, S.TO_CALLBACK, DESK),
    _move(Step.FAIL_CHECK, S.TO_CHECK, S.HANDLING, DESK,
          share=A.HANDLING, stops=True, starts=(C.REHANDLE,)),
    _move(Step.MISS_CALLBACK, S.TO_CALLBACK, STAYS, R.CALLBACK_AGENT),
    _move(Step.CALL_BACK, S.TO_CALLBACK, S.TO_EVALUATE, R.CALLBACK_AGENT, meets=(C.CHECK,)),
    _move(Step.REHANDLE, S.TO_CALLBACK, S.REHANDLING, R.CALLBACK_AGENT,
          share=A.REHANDLING, meets=(C.CHECK,), starts=(C.REHANDLE,)),
    _move(Step.INVITE_REVIEW, {S.ANSWERED, S.TO_EVALUATE}, S.TO_EVALUATE, R.SYSTEM, starts=(C.EVALUATE,)),
    _move(Step.GIVE_REVIEW, S.TO_EVALUATE, S.CLOSED, R.REQUESTER, meets=(C.EVALUATE,), stops=True),
    _move(Step.GIVE_BAD_REVIEW, S.TO_EVALUATE, S.RECTIFYING, R.REQUESTER,
          meets=(C.EVALUATE,), starts=(C.RECTIFY_CONTACT, C.RECTIFY)),
    _move(Step.KEEP_BAD_REVIEW, S.TO_EVALUATE, S.CLOSED, R.REQUESTER, meets=(C.EVALUATE,), stops=True),
    _move(Step.REVIEW_AS_FOLLOWER, S.MERGED, STAYS, R.REQUESTER),
    _move(Step.ACKNOWLEDGE_REVIEW, S.MERGED, STAYS, R.SUPERVISOR),
    _move(Step.CONTACT_REVIEWER, S.RECTIFYING, STAYS, {R.CALLBACK_AGENT, R.SUPERVISOR, *UNIT},
          meets=(C.RECTIFY_CONTACT,)),
    _move(Step.RECTIFY, S.RECTIFYING, STAYS, UNIT, meets=(C.RECTIFY,)),
    _move(Step.VERIFY_RECTIFICATION, S.RECTIFYING, S.TO_EVALUATE, {R.CALLBACK_AGENT, R.SUPERVISOR},
          stops=True),
    _move(Step.FAIL_RECTIFICATION, S.RECTIFYING, STAYS, {R.CALLBACK_AGENT, R.SUPERVISOR},
          starts=(C.RECTIFY,)),
    # endings
    _move(Step.CLOSE, {S.ANSWERED, S.TO_CALLBACK, S.TO_EVALUATE}, S.CLOSED, {R.SYSTEM, R.CALLBACK_AGENT},
          stops=True),
    _move(Step.WITHDRAW, OPEN, S.WITHDRAWN, {R.REQUESTER, R.AGENT}, stops=True),
    _move(Step.REOPEN, S.CLOSED, S.TO_DISPATCH, {R.REQUESTER, R.AGENT, *DESK}, starts=(C.DISPATCH,)),
    _move(Step.ARCHIVE, ENDED - {S.ARCHIVED}, S.ARCHIVED, R.SYSTEM),
    # on the way
    _move(Step.AMEND, OPEN | {S.TRANSFERRED}, STAYS, {R.PARTNER, R.REQUESTER, R.AGENT, R.DISPATCHER}),
    _move(Step.URGE, OPEN, STAYS, {R.REQUESTER, R.SYSTEM, R.AGENT, R.SUPERVISOR}),
    _move(Step.SUPERVISE, OPEN, STAYS, {R.SYSTEM, R.SUPERVISOR}),
    _move(Step.ASK_CHANGE, {S.TO_SIGN, S.SUSPENDED, *WORKING}, STAYS, {R.DISPATCHER, *UNIT}),
    _move(Step.CHANGE_TYPE, WITH_A_UNIT, STAYS, R.SUPERVISOR),
    _move(Step.REFUSE_CHANGE, WITH_A_UNIT, STAYS, R.SUPERVISOR),
    _move(Step.ASK_EXEMPTION, COUNTED, STAYS, UNIT),
    _move(Step.GRANT_EXEMPTION, COUNTED, STAYS, R.SUPERVISOR),
    _move(Step.REFUSE_EXEMPTION, COUNTED, STAYS, R.SUPERVISOR),
    _move(Step.ANSWER_REMINDER, OPEN, STAYS, UNIT),
    _move(Step.END_SUPERVISION, OPEN, STAYS, R.SUPERVISOR),
    _move(Step.SET_RESPONDENT, BEFORE_DISPATCH | HELD, STAYS, {R.AGENT, *DESK}),
    _move(Step.ANSWER_ALARM, frozenset(S) - {S.ARCHIVED}, STAYS, {R.AGENT, *DESK}, meets=(C.ALARM,)),
    _move(Step.RECKON_AGAIN, OPEN, STAYS, R.SYSTEM),
    _move(Step.LET_GO, frozenset(S) - {S.DRAFT, S.ARCHIVED}, STAYS, R.DISPATCHER),
    _move(Step.RECUSE, HELD, S.TO_DISPATCH, {R.SYSTEM, *DESK}, share=A.ENDED, stops=True, starts=(C.DISPATCH,)),
    _move(Step.SET_CONFIDENTIALITY, frozenset(S) - {S.DRAFT, S.ARCHIVED}, STAYS, {R.AGENT, *DESK}),
    _move(Step.WRITE_EXTRACT, OPEN, STAYS, DESK),
    # a helping unit's share
    _move(Step.HAND_IN, S.REPLIED, STAYS, R.DEPARTMENT_LEAD,
          share=A.DONE, meets=(C.CONTACT, C.HANDLE), stops=True),
    _move(Step.GRANT_SHARE_EXTENSION, WITH_A_UNIT, STAYS, DESK),
    _move(Step.REFUSE_SHARE_EXTENSION, WITH_A_UNIT, STAYS, DESK),
    _move(Step.TAKE_BACK, {S.TO_SIGN, S.RETURN_PENDING, S.REPLIED, *WORKING}, STAYS, DESK | UNIT,
          share=A.ENDED, stops=True),
    _move(Step.ASK_GRID, OPEN, STAYS, {*DESK, *UNIT}),
    _move(Step.REPORT_GRID, OPEN, STAYS, R.GRID_WORKER),
    _move(Step.SUMMON, OPEN | ENDED - {S.ARCHIVED}, STAYS, R.SUPERVISOR),
))
# fmt: on
