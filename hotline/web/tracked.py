"""What a citizen's pages show of a ticket: public words only, in a handful of statements."""

from typing import Any, NamedTuple

from sqlalchemy import select

from hotline import clock, sealing
from hotline.database import session
from hotline.models import Asked, Assignment, Clock, Invitation, JournalEntry, Reminder, Reply, Requester, Ticket
from hotline.models.words import (
    ENDED,
    AskKind,
    BadReviewReason,
    ClockKind,
    ClosingReason,
    Decision,
    LegalRoute,
    RequestType,
    Role,
    State,
    Step,
)
from hotline.tickets import identity, rate
from hotline.tickets.dispatch import OPEN_MATTERS
from hotline.tickets.exempting import is_told
from hotline.tickets.find import by_number
from hotline.tickets.handle import latest_reply, to_requester
from hotline.tickets.lifecycle import may_take
from hotline.tickets.pressing import FOR_REQUESTER
from hotline.tickets.refusing import may_contest
from hotline.tickets.reopening import why_not
from hotline.tickets.suspending import day_words
from hotline.tickets.terminating import newest_termination
from hotline.web.shares_shown import public_units
from hotline.web.shown import JournalLine, Photo, options, unit_name

ANSWER_CLOCKS = (ClockKind.HANDLE, ClockKind.REHANDLE, ClockKind.RECTIFY)
CALLER = "热线回访员会在1个工作日内"
KEPT = "您的差评已记录在案。以后有新情况，可以再次反映。"
ENDS = "这件事到此办结。以后有新情况，可以再次反映。"
STATE_WORDS = {
    State.TO_DISPATCH: "已受理，正在派单",
    State.TO_SUPPLEMENT: "需要补充情况",
    State.TO_SIGN: "已派单，等待签收",
    State.TO_CHECK: "已办理，热线审核中",
    State.SUSPENDED: "经批准暂缓办理",
    State.TO_CALLBACK: "已办理，等待回访",
    State.TO_EVALUATE: "已办理，请您评价",
    State.RECTIFYING: "收到您的差评，正在整改",
    State.CLOSED: "已结案",
}
PUBLIC_STEPS = {
    Step.RECEIVE: "受理", Step.REGISTER: "受理", Step.DISPATCH: "派单", Step.SIGN: "承办单位签收",
    Step.CONTACT: "承办单位联系诉求人", Step.SUBMIT: "承办单位提交答复", Step.PASS_CHECK: "热线审核通过",
    Step.FAIL_CHECK: "热线要求重新办理", Step.CALL_BACK: "回访", Step.MISS_CALLBACK: "回访未接通",
    Step.REHANDLE: "回访未解决，重新办理", Step.GRANT_EXTENSION: "批准延期", Step.ACCEPT_RETURN: "改派其他单位",
    Step.ANSWER_DIRECTLY: "直接答复", Step.REFUSE: "不予受理", Step.GIVE_REVIEW: "您的评价", Step.REVIEW_AS_FOLLOWER: "您的评价",
    Step.GIVE_BAD_REVIEW: "您的差评，开始整改", Step.RECTIFY: "承办单位提交整改", Step.URGE: "催办",
    Step.VERIFY_RECTIFICATION: "整改核实通过", Step.WITHDRAW: "您撤回了诉求", Step.CLOSE: "结案",
    Step.KEEP_BAD_REVIEW: "您的差评已记录", Step.AMEND: "补充情况", Step.SUPPLEMENT: "补充情况",
    Step.TRANSFER_EMERGENCY: "已转紧急热线", Step.MERGE: "与同一事项合并办理",
    Step.UNMERGE: "改为单独办理", Step.CONTEST_REFUSAL: "您对不予受理提出异议",
    Step.SUSPEND: "批准暂缓办理", Step.RESUME: "恢复办理", Step.GRANT_TERMINATION: "批准终止办理",
    Step.REOPEN: "因新情况重新受理", Step.SUPERVISE: "热线督办", Step.ASK_SUPPLEMENT: "请您补充情况",
    Step.GIVE_UP: "补充无果，不予受理", Step.COME_BACK: "紧急热线退回，热线继续办理",
}  # fmt: skip

DONE_FOR_ALL = {Step.DISPATCH, Step.SIGN, Step.PASS_CHECK, Step.GRANT_TERMINATION, Step.ANSWER_DIRECTLY}
GRANTS = {Step.GRANT_EXTENSION, Step.SUSPEND, Step.GRANT_TERMINATION}


class PublicReply(NamedTuple):
    """One answer as the citizen reads it."""

    department: str
    at: Any
    public_reply: str
    photos: tuple[Photo, ...]


def receipt(ticket_no: int) -> dict[str, Any]:
    """The number, the code, and what comes next."""
    ticket = by_number(ticket_no)
    requester = session().get_one(Requester, ticket_no)
    return {
        "ticket_no": ticket_no,
        "query_code": sealing.query_code(identity.keys().ring, ticket_no),
        "phone_masked": identity.masked(requester)["phone"],
        "state_words": state_words(ticket),
        "deadline_words": deadline_words(ticket),
    }


def page(ticket_no: int) -> dict[str, Any]:
    """All that the track page needs."""
    ticket = by_number(ticket_no)
    entries = public_entries(ticket_no)
    invitation = rate.open_invitation(ticket) if ticket.state in (State.TO_EVALUATE, State.MERGED) else None
    words = identity.open_requester(session().get_one(Requester, ticket_no)).text
    return {
        "ticket_no": ticket_no, "title": ticket.title, "state_words": state_words(ticket),
        "state_level": "ok" if ticket.state is State.CLOSED else "" if ticket.state in ENDED else "br",
        "steps": stages(ticket, [*of_master(ticket), *entries]),
        "department": unit_name(ticket.department_id), "deadline_words": deadline_words(ticket),
        "contact_words": contact_words(ticket_no), "content": words, "replies": replies(answered_as(ticket)),
        "lines": [line(entry) for entry in reversed(entries)], "notices": notices(ticket_no, entries),
        "invited": invitation is not None, "invitation_words": until(invitation),
        "reasons": options(BadReviewReason), "bad_words": bad_words(ticket),
        "may_supplement": may_supplement(ticket),
        "may_urge": may_urge(ticket), "may_withdraw": may_take(ticket, Step.WITHDRAW, Role.REQUESTER),
        "may_contest": may_contest(ticket),
        "may_reopen": not why_not(ticket), "units": public_units(ticket) if ticket.department_id else [],
    }  # fmt: skip


def repeat(ticket: Ticket) -> dict[str, Any]:
    """How the demand stands that the same person told before."""
    day = clock.in_city(ticket.received_at)
    return {
        "ticket_no": ticket.ticket_no, "title": ticket.title, "day_words": f"{day.month}月{day.day}日",
        "state_words": state_words(ticket), "may_supplement": may_supplement(ticket),
    }  # fmt: skip


def may_supplement(ticket: Ticket) -> bool:
    """Whether somebody would read what is added now."""
    return ticket.state not in ENDED | {State.TO_EVALUATE, State.ANSWERED}


def invitation(row: Invitation) -> dict[str, Any]:
    """The page behind a review link: what was answered, nothing of who asked."""
    ticket = by_number(row.ticket_no)
    answered = by_number(answered_as(ticket))
    return {
        "title": ticket.title, "department": unit_name(answered.department_id),
        "public_reply": newest_answer(answered.ticket_no), "reasons": options(BadReviewReason),
        "bad_words": bad_words(ticket),
    }  # fmt: skip


def newest_answer(ticket_no: int) -> str:
    """The department's newest word: its reply, or why its work was ended."""
    ended, reply = newest_termination(ticket_no), latest_reply(ticket_no)
    if ended and ended.decided_at and (reply is None or reply.written_at < ended.decided_at):
        return terminated_words(ended)
    return reply.public_reply if reply else ""


def after_review(ticket_no: int) -> dict[str, Any]:
    """What the review led to."""
    ticket = by_number(ticket_no)
    kept = ticket.closing_reason is ClosingReason.BAD_REVIEW_STANDING
    told = "您的评价已记录，差评由督办员阅处。" if ticket.state is State.MERGED else KEPT if kept else ENDS
    return {"reopened": ticket.state is State.RECTIFYING, "caller_words": CALLER, "told": told}


def bad_words(ticket: Ticket) -> str:
    """What a bad review would lead to, said before it is sent."""
    if ticket.state is State.MERGED:
        return "您的评价会由督办员阅处"
    return "差评会记录在案" if rate.stands(ticket) else f"这件事会重新办理，{CALLER}给您打电话"


def state_words(ticket: Ticket) -> str:
    """The state in words for a citizen."""
    if ticket.state is State.CLOSED and ticket.closing_reason is ClosingReason.REVIEWED:
        return "已结案，感谢评价"
    if ticket.state in (State.HANDLING, State.REHANDLING, State.REPLIED, State.RETURN_PENDING):
        return "办理中"
    return STATE_WORDS.get(ticket.state, ticket.state.label)


def deadline_words(ticket: Ticket) -> str:
    """Until when the department must have answered, the lead's limit being the first of its round; its other limits
    are no promise to the citizen."""
    query = select(Clock.due_at).where(
        Clock.ticket_no == ticket.ticket_no, Clock.kind.in_(ANSWER_CLOCKS), Clock.met_at.is_(None),
        Clock.stopped_at.is_(None),
    )  # fmt: skip
    due = session().execute(query.order_by(Clock.id).limit(1)).scalar()
    return clock.shown(due) if due else ""


def public_entries(ticket_no: int) -> list[JournalEntry]:
    """The journal rows a citizen may read, oldest first."""
    query = select(JournalEntry).where(JournalEntry.ticket_no == ticket_no, JournalEntry.step.in_(PUBLIC_STEPS))
    return list(session().execute(query.order_by(JournalEntry.seq)).scalars())


def line(entry: JournalEntry) -> JournalLine:
    """One line of the public course: no names of staff."""
    words = PUBLIC_STEPS[entry.step]
    unit = unit_name(entry.data.get("department")) if entry.step is Step.DISPATCH else ""
    return JournalLine(entry.occurred_at, words, unit, "", "ok" if entry.step is Step.GIVE_REVIEW else "")


def stages(ticket: Ticket, entries: list[JournalEntry]) -> list[tuple[str, str, str]]:
    """Five stages: received, dispatched, handled, answered, reviewed; of a reopened case since it was reopened."""
    began = next((place for place, entry in enumerate(entries) if entry.step is Step.REOPEN), 0)
    at = {entry.step: f"{clock.in_city(entry.occurred_at):%m-%d %H:%M}" for entry in entries[began:]}
    reached = [
        ("受理", at.get(Step.REOPEN) or at.get(Step.RECEIVE) or at.get(Step.REGISTER, "")),
        ("派单", at.get(Step.DISPATCH) or at.get(Step.ANSWER_DIRECTLY, "")),
        ("办理", at.get(Step.SIGN) or at.get(Step.ANSWER_DIRECTLY, "")),
        ("答复", at.get(Step.PASS_CHECK) or at.get(Step.GRANT_TERMINATION) or at.get(Step.ANSWER_DIRECTLY, "")),
        ("评价", at.get(Step.GIVE_REVIEW) or at.get(Step.REVIEW_AS_FOLLOWER) or at.get(Step.CLOSE, "")),
    ]
    waiting = next((i for i, (_, when) in enumerate(reached) if not when), len(reached))
    marks = ["ok" if i < waiting else "on" if i == waiting and ticket.state not in ENDED else "" for i in range(5)]
    return [(words, when, mark) for (words, when), mark in zip(reached, marks, strict=True)]


def of_master(ticket: Ticket) -> list[JournalEntry]:
    """What was done at the master of a merged ticket until its answer; costs a statement for a merged one only."""
    master = answered_as(ticket)
    return [one for one in public_entries(master) if one.step in DONE_FOR_ALL] if master != ticket.ticket_no else []


def answered_as(ticket: Ticket) -> int:
    """The ticket whose answers are this one's: a merged one has its master's, unless that one is protected."""
    master = by_number(ticket.master_no) if ticket.state is State.MERGED else ticket
    return master.ticket_no if master.confidentiality in OPEN_MATTERS else ticket.ticket_no


def replies(ticket_no: int) -> list[PublicReply]:
    """The answers that passed the hotline's check, newest first, with the department's own photos."""
    passed = select(JournalEntry.occurred_at).where(
        JournalEntry.ticket_no == ticket_no, JournalEntry.step.in_([Step.PASS_CHECK, Step.ANSWER_DIRECTLY])
    )
    checked = session().execute(passed.order_by(JournalEntry.seq.desc()).limit(1)).scalar()
    if checked is None:
        return []
    query = (
        select(Reply, Assignment.department_id).outerjoin(Assignment, Assignment.id == Reply.assignment_id)
        .where(Reply.ticket_no == ticket_no, to_requester(), Reply.written_at <= checked).order_by(Reply.id.desc())
    )  # fmt: skip
    return [
        PublicReply(unit_name(unit) or "12345热线", reply.written_at, reply.public_reply, ())
        for reply, unit in session().execute(query)
    ]


def notices(ticket_no: int, entries: list[JournalEntry]) -> list[str]:
    """What a citizen must be told: a refusal, an extension, a suspension, a termination, each with its reason."""
    contested = max((place for place, one in enumerate(entries) if one.step is Step.CONTEST_REFUSAL), default=0)
    told = [
        f"不予受理：{entry.data['reason']}{route_words(entry)}"
        for entry in entries[contested:] if entry.step in (Step.REFUSE, Step.GIVE_UP) and "reason" in entry.data
    ]  # fmt: skip
    if entries and entries[-1].to_state is State.TRANSFERRED and entries[-1].data.get("line"):
        told += ["已转{0}处置，情况紧急请直接拨打{0}。".format(entries[-1].data["line"])]
    if entries and entries[-1].to_state is State.TO_SUPPLEMENT:
        told += [f"请您补充：{entry.data['question']}" for entry in entries if "question" in entry.data][-1:]
    if {entry.step for entry in entries} & GRANTS or not by_number(ticket_no).counts_in_assessment:
        query = select(Asked).where(Asked.ticket_no == ticket_no, Asked.decision == Decision.GRANTED)
        told += filter(None, (granted_words(one) for one in session().execute(query.order_by(Asked.id)).scalars()))
    if Step.URGE in {entry.step for entry in entries}:
        told += urged_words(ticket_no)
    return told


def urged_words(ticket_no: int) -> list[str]:
    """What the department answered to the requester's own urging."""
    query = select(Reminder).where(
        Reminder.ticket_no == ticket_no, Reminder.by_role.in_(FOR_REQUESTER), Reminder.answered_at.is_not(None)
    )
    answered = session().execute(query.order_by(Reminder.id)).scalars()
    return [f"{unit_name(one.department_id)}回复您的催办：{one.answer}" for one in answered]


def route_words(entry: JournalEntry) -> str:
    """The route that the refused requester may take instead."""
    route = entry.data.get("route")
    return f"您可以走的途径：{LegalRoute(route).label}。" if route else ""


def granted_words(asked: Asked) -> str:
    """What was granted to the department, for the citizen; a return is none of their business."""
    if asked.kind is AskKind.EXTENSION and asked.new_due_at:
        return f"经批准延期办理，新的期限为{clock.shown(asked.new_due_at)}。原因：{full_stop(asked.reason)}"
    if asked.kind is AskKind.SUSPENSION and asked.new_due_at:
        until = day_words(asked.resumed_at or asked.new_due_at)
        words = f"已于{until}恢复办理" if asked.resumed_at else f"计划于{until}恢复办理"
        return f"经批准暂缓办理，{words}。原因：{full_stop(asked.reason)}计划：{full_stop(asked.plan)}"
    if is_told(asked):
        return f"经审核按不合理诉求不计承办单位考核，办理和您的评价不受影响。理由：{full_stop(asked.reason)}"
    return terminated_words(asked) if asked.kind is AskKind.TERMINATION else ""


def full_stop(words: str) -> str:
    """A sentence with its full stop."""
    return words.rstrip("。") + "。"


def terminated_words(asked: Asked) -> str:
    """Why the work was ended without a result."""
    return f"经批准终止办理。原因：{full_stop(asked.reason)}依据：{full_stop(asked.basis)}"


def contact_words(ticket_no: int) -> str:
    """Whether the department says it spoke to the requester."""
    query = select(Assignment.contacted_at).where(
        Assignment.ticket_no == ticket_no, Assignment.contacted_at.is_not(None)
    )
    at = session().execute(query.order_by(Assignment.id.desc()).limit(1)).scalar()
    return f"承办单位已于{clock.in_city(at):%m-%d %H:%M}联系您" if at else ""


def until(row: Invitation | None) -> str:
    """Until when the invitation holds."""
    return f"评价在{clock.shown(row.expires_at)}前有效，每次办理评价一次。" if row else ""


def may_urge(ticket: Ticket) -> bool:
    """Urging makes sense while somebody works on it."""
    quiet = {State.TO_EVALUATE, State.ANSWERED, State.DRAFT}
    return ticket.request_type is not RequestType.PRAISE and ticket.state not in ENDED | quiet

