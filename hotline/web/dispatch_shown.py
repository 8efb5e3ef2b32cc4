"""What the dispatcher's pages show: queues, the machine's suggestions, and what waits for a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from classifier.matters import load_matters
from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import Asked, MachineGuess, Ticket
from hotline.models.words import (
    OPEN,
    AskKind,
    Decision,
    LegalRoute,
    RefusalReason,
    RequestType,
    State,
    Step,
    UrgencyGrade,
)
from hotline.people.accounts import Person
from hotline.tickets.acting import offered, offered_on_return
from hotline.tickets.consulting import goes_to_meeting, waiting_return
from hotline.tickets.dispatch import latest_guess
from hotline.tickets.find import in_states
from hotline.tickets.missing_facts import too_early
from hotline.tickets.refusing import SCRIPT
from hotline.tickets.reopening import why_not
from hotline.tickets.rulebook import rules, setting
from hotline.tickets.splitting import already_split
from hotline.tickets.suspending import proposed
from hotline.web import alike_shown
from hotline.web.alarms_shown import alarm_of, alarmed
from hotline.web.desk_lists import Drawer
from hotline.web.reminders_shown import reminders_of
from hotline.web.requests_shown import OTHERS, change_form, waiting_shown
from hotline.web.secrecy_shown import secrecy_shown
from hotline.web.shares_shown import HOTLINE, shares_shown
from hotline.web.shown import matter_path, options, unit_name, unit_options
from hotline.web.ticket_parts import AskedShown, asked_shown, code_of, detail, newest_reply

TOP_GUESSES = 3
STOPS = (AskKind.SUSPENSION, AskKind.TERMINATION)
STEPS = {
    "dispatch": Step.DISPATCH, "ask_more": Step.ASK_SUPPLEMENT, "add_supplement": Step.SUPPLEMENT,
    "give_up": Step.GIVE_UP, "refuse": Step.REFUSE, "transfer": Step.TRANSFER_EMERGENCY,
    "push_to_110": Step.TRANSFER_EMERGENCY, "merge": Step.MERGE, "answer_directly": Step.ANSWER_DIRECTLY,
    "check_reply": Step.PASS_CHECK, "unmerge": Step.UNMERGE, "resume": Step.RESUME,
    "add_co_unit": Step.ADD_CO_UNIT, "amend": Step.AMEND,
}  # fmt: skip


@dataclass(frozen=True)
class GuessShown:
    """One suggestion of the machine; `duty_row_id` None: no row of the duty list stands behind it; `helps`: by its row
    the unit only helps; `co_units`: the codes of who helps then."""

    department_code: str
    department: str
    matter_code: str
    matter_path: str
    probability: float
    evidence: list[str]
    reason: str
    duty_row_id: int | None
    helps: bool = False
    co_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartShown:
    """One of several demands in a text: its words, matter and unit; `split_to`: the ticket made of it, or None."""

    words: str
    matter_path: str
    department: str
    split_to: int | None


def drawers() -> dict[str, Drawer]:
    """The dispatcher's tabs."""
    return {
        "to_dispatch": Drawer("待派单", "br", in_states([State.TO_DISPATCH])),
        "alarms": Drawer("警示", "bad", alarmed()),
        "returns": Drawer("退单", "warn", asked_about(AskKind.RETURN)),
        "replies": Drawer("待审核", "br", in_states([State.TO_CHECK])),
        "extensions": Drawer("延期", "warn", asked_about(AskKind.EXTENSION)),
        "to_supplement": Drawer("待补充", "", in_states([State.TO_SUPPLEMENT])),
        "stops": Drawer("挂起终止", "warn", asked_about(*STOPS)),
        "unhappy": Drawer("并单差评", "bad", in_states([State.MERGED]).where(Ticket.unhappy_follower)),
        "suspended": Drawer("挂起中", "", in_states([State.SUSPENDED])),
        "others": Drawer("变更考核", "warn", asked_about(*OTHERS, states=(*OPEN, State.CLOSED))),
        "unsigned": Drawer("超时未签收", "bad", in_states([State.TO_SIGN]).where(Ticket.deadline <= clock.now())),
    }


def asked_about(*kinds: AskKind, states: Iterable[State] = OPEN) -> Any:
    """The tickets in these states with a request of these kinds that waits for its decision."""
    waiting = select(Asked.ticket_no).where(Asked.kind.in_(kinds), Asked.decision == Decision.PENDING)
    return in_states(sorted(states)).where(Ticket.ticket_no.in_(waiting))


def ticket_page(ticket: Ticket, person: Person) -> dict[str, Any]:
    """All that a dispatcher's page of a ticket needs but for what was typed."""
    parts = detail(ticket, person, "dispatch_desk.ticket_page", f"ticket:{ticket.ticket_no}")
    steps, asked, guess = offered(person, ticket), asked_shown(ticket), latest_guess(ticket.ticket_no)
    waiting = [one for one in asked if one.row.decision is Decision.PENDING]
    reply, guesses = newest_reply(ticket, parts.photos) if was_answered(ticket) else None, guesses_of(guess)
    forms = choices() | change_form(ticket, "dispatch_requests.ask_change", steps, asked)
    return parts.variables | forms | to_decide(ticket, steps, waiting) | return_to_decide(ticket, person, waiting) | {
        "reopen_url": None if why_not(ticket) else url_for("dispatch_desk.reopen", ticket_no=ticket.ticket_no),
        "reminders": reminders_of(ticket, person),
        "guesses": guesses, "helpers": helpers_of(guesses), "held_back": held_back(guess), "parts": parts_shown(guess),
        "alarm": alarm_of(ticket),
        "alarm_url": url_for("dispatch_desk.answer_alarm", ticket_no=ticket.ticket_no)
        if Step.ANSWER_ALARM in steps else "",
        "reply": reply, "respondent": code_of(ticket.respondent_department_id),
        **alike_shown.beside(ticket), "may": may(ticket, steps),
        "shares": shares_shown(parts.shares, person, HOTLINE), "request_photos": parts.photos,
        "exemption_url": None, "exemption_reasons": [], "secrecy": secrecy_shown(ticket, person, steps),
    }  # fmt: skip


def to_decide(ticket: Ticket, steps: frozenset[Step], waiting: list[AskedShown]) -> dict[str, Any]:
    """What departments asked for that waits, and whether this person decides it."""
    longer = asked_for(waiting, AskKind.EXTENSION)
    by_whom = Step.GRANT_SHARE_EXTENSION if longer and longer.helper else Step.GRANT_EXTENSION
    return {
        "asked_extension": longer,
        "asked_stop": next((one for one in waiting if one.row.kind in STOPS), None),
        "stop_due": new_limit(ticket, asked_for(waiting, AskKind.SUSPENSION)),
        "may_decide_extension": by_whom in steps,
        "requests": waiting_shown(ticket, waiting),
        "may_decide_requests": bool(steps & {Step.CHANGE_TYPE, Step.GRANT_EXEMPTION}),
        "may_decide_stop": bool(steps & {Step.SUSPEND, Step.GRANT_TERMINATION}),
    }


def new_limit(ticket: Ticket, asked: AskedShown | None) -> str:
    """The limit that results if a suspension is granted now, "" where none is asked or none could be any more."""
    if asked is None or asked.row.new_due_at is None:
        return ""
    try:
        return clock.shown(proposed(ticket, clock.city_day(asked.row.new_due_at)).at)
    except (BadInput, IllegalStep):
        return ""


def return_to_decide(ticket: Ticket, person: Person, waiting: list[AskedShown]) -> dict[str, Any]:
    """The return that waits, the lead's before a helping unit's, and whether this person decides it, alone or by a
    meeting."""
    returned = waiting_return(ticket) if asked_for(waiting, AskKind.RETURN) else None
    if returned is None:
        return {"asked_return": None, "may_decide_return": False, "ruling_url": None}
    shown = next(one for one in waiting if one.id == returned.asked.id)
    steps, by_meeting = offered_on_return(person), goes_to_meeting(ticket, returned)
    return {
        "asked_return": shown, "may_decide_return": Step.ACCEPT_RETURN in steps and not by_meeting,
        "ruling_url": ruling_url(ticket) if Step.CALL_MEETING in steps else None,
    }


def ruling_url(ticket: Ticket) -> str:
    """The page of the meeting about a return."""
    return url_for("ruling_desk.ticket_page", ticket_no=ticket.ticket_no)


def may(ticket: Ticket, steps: frozenset[Step]) -> dict[str, bool]:
    """Which forms the page offers."""
    offers = {name: step in steps for name, step in STEPS.items()}
    offers["give_up"] = offers["give_up"] and not too_early(ticket)
    return offers


def was_answered(ticket: Ticket) -> bool:
    """Whether there may be a reply to show; one that its department's lead has not sent is nobody else's."""
    fresh = ticket.state is State.TO_DISPATCH and not ticket.round and not ticket.reopens
    return ticket.state is not State.REPLIED and not fresh


def choices() -> dict[str, list[tuple[str, str]]]:
    """The closed lists of the page."""
    return {
        "departments": unit_options(), "matters": matters(), "request_types": options(RequestType),
        "urgencies": options(UrgencyGrade), "refuse_reasons": options(RefusalReason),
        "routes": options(LegalRoute), "scripts": [(one.label, setting(SCRIPT + one)) for one in RefusalReason],
    }  # fmt: skip


def matters() -> list[tuple[str, str]]:
    """Every matter one can choose, with its path."""
    return [(code, matter_path(code)) for code, matter in load_matters().items() if matter.is_leaf]


def asked_for(waiting: list[AskedShown], kind: AskKind) -> AskedShown | None:
    """The request of this kind that waits."""
    return next((one for one in waiting if one.row.kind is kind), None)


def guesses_of(guess: MachineGuess | None) -> list[GuessShown]:
    """The best routes; where the duty list has none, the matters alone."""
    if guess is None:
        return []
    routes = [
        GuessShown(
            code_of(one["department"]), unit_name(one["department"]), one["matter"],
            matter_path(one["matter"]), one["probability"], one["evidence"], one["reason"], one["row"],
            one.get("helps", False), tuple(code for code in one["co_units"] if code in rules().departments),
        )
        for one in guess.routes[:TOP_GUESSES]
    ]  # fmt: skip
    return routes or [
        GuessShown(
            "", "", one["matter_code"], matter_path(one["matter_code"]), one["probability"],
            list(one["evidence"]), guess.why, None,
        )
        for one in guess.guesses[:TOP_GUESSES]
    ]  # fmt: skip


def helpers_of(guesses: Iterable[GuessShown]) -> list[tuple[str, str]]:
    """The units that help by the suggested rows, code and name, each once."""
    units = rules().departments
    return [(code, unit_name(units[code])) for code in dict.fromkeys(code for one in guesses for code in one.co_units)]


def parts_shown(guess: MachineGuess | None) -> list[PartShown]:
    """The demands of a text that seems to hold several."""
    found = guess.parts if guess is not None else []
    split = already_split(guess.ticket_no, [one["text"] for one in found]) if guess is not None else {}
    return [
        PartShown(words, matter_path(one["matter"]), unit_name(one["department"]), split.get(words))
        for one in found for words in [one["text"]]
    ]  # fmt: skip


def held_back(guess: MachineGuess | None) -> str:
    """Why the machine left the dispatch to a person."""
    return guess.why if guess is not None and guess.decision != "automatic" else ""


def waits(ticket: Ticket, kind: AskKind, asked_id: int) -> bool:
    """Whether this very request still waits for its decision."""
    found = session().get(Asked, asked_id)
    if found is None or found.ticket_no != ticket.ticket_no:
        return False
    return found.kind is kind and found.decision is Decision.PENDING
