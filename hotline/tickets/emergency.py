"""After a case went to an emergency line: its result, the way back, and the three-way call (domain.md §8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import ThreeWayCall, Ticket
from hotline.models.emergency_words import AgreedOwner, Party
from hotline.models.words import Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import Detail, lock, take_step

MIN_WORDS = 5
LINES = ("110", "119", "120", "122")
BY_MESSAGE = "移交110的工单由110以报文退回，不能由派单员收回。"


@dataclass(frozen=True)
class CallForm:
    """A three-way call as typed: for each party when it joined and left, who takes the case, and what was said."""

    times: Mapping[Party, tuple[str, str]]
    owner: str
    words: str


def line_of(ticket: Ticket) -> str:
    """The emergency line the case went to last, "" for none."""
    gone = [tag.removeprefix("to") for tag in ticket.tags if tag.startswith("to") and tag.removeprefix("to") in LINES]
    return gone[-1] if gone else ""


def note_result(ticket: Ticket, person: Person, words: str) -> None:
    """记录紧急热线结果: what the line told of the case."""
    actor = acting(person, Step.NOTE_RESULT, lock(ticket))
    take_step(ticket, Step.NOTE_RESULT, actor, Detail(data={"note": _told(ticket, words, "请写明紧急热线的处置结果。")}))


def take_back(ticket: Ticket, person: Person, words: str) -> None:
    """紧急热线退回 of 119, 120 and 122, who telephone: the case is dispatched here. 110 sends a message."""
    actor = acting(person, Step.COME_BACK, lock(ticket))
    if line_of(ticket) == "110":
        raise IllegalStep(BY_MESSAGE)
    take_step(ticket, Step.COME_BACK, actor, Detail(data={"reason": _told(ticket, words, "请写明退回的原因。")}))


def record_call(ticket: Ticket, person: Person, form: CallForm) -> ThreeWayCall:
    """三方通话: participants, when they joined and left, and the owner they agreed on (domain.md §8.3)."""
    actor = acting(person, Step.THREE_WAY, lock(ticket))
    problems = {f"{party}_joined": "请填写加入和离开的时间。" for party, span in form.times.items() if not _are_times(span)}
    if form.owner not in set(AgreedOwner):
        problems["owner"] = "请选择议定由谁办理。"
    if problems:
        raise BadInput(**problems)
    call = ThreeWayCall(
        ticket_no=ticket.ticket_no, staff_id=person.id, noted_at=clock.now(), owner=AgreedOwner(form.owner),
        parties=[{"who": party, "joined": span[0], "left": span[1]} for party, span in form.times.items()],
        words=_told(ticket, form.words, "请写明通话的情况。"),
    )  # fmt: skip
    session().add(call)
    session().flush()
    spans = "，".join(f"{party.label}{joined}至{left}" for party, (joined, left) in form.times.items())
    note = f"{spans}；{call.owner.label}。{call.words}"
    take_step(ticket, Step.THREE_WAY, actor, Detail(data={"call": call.id, "note": note}))
    return call


def _told(ticket: Ticket, words: str, sentence: str) -> str:
    if len(words.strip()) < MIN_WORDS:
        raise BadInput(words=sentence)
    return without_identity(ticket.ticket_no, words)


def _are_times(span: tuple[str, str]) -> bool:
    try:
        return all(time.fromisoformat(one) is not None and len(one) == 5 for one in span)
    except ValueError:
        return False
