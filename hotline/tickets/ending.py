"""Endings and turns of the desk itself: direct answer, withdrawal, supplement, emergency."""

from collections.abc import Mapping
from dataclasses import dataclass

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, IllegalStep
from hotline.models import EntryVersion, KnowledgeEntry, Reply, Ticket
from hotline.models.words import ClosingReason, EntryState, Step
from hotline.people.accounts import Person
from hotline.tickets.acting import acting, actor_of
from hotline.tickets.alarming import is_dangerous, raise_alarm
from hotline.tickets.identity import without_identity
from hotline.tickets.lifecycle import REQUESTER, Actor, Detail, lock, take_step
from hotline.tickets.merge import release_followers, tell_followers
from hotline.tickets.missing_facts import too_early

MIN_WORDS = 5


@dataclass(frozen=True)
class Citation:
    """The knowledge entry and version an answer rests on (domain.md §18, I17)."""

    entry_id: int
    version: int


def answer_directly(ticket: Ticket, person: Person, words: str, citation: Citation | None) -> Reply:
    """直接答复: settled at the desk, citing entry and version; then the requester is invited to review."""
    ticket = lock(ticket)
    actor = acting(person, Step.ANSWER_DIRECTLY, ticket)
    _need(words, "public_reply", "请写明给诉求人的答复。")
    if citation is not None:
        _check_citation(citation)
    reply = Reply(
        ticket_no=ticket.ticket_no,
        staff_id=person.id,
        contacted=True,
        fact_true=None,
        facts="",
        handling="",
        public_reply=without_identity(ticket.ticket_no, words),
        written_at=clock.now(),
        entry_id=citation.entry_id if citation else None,
        entry_version=citation.version if citation else None,
    )
    session().add(reply)
    session().flush()
    ticket.department_id = actor.department_id
    data = {"reply": reply.id, "entry": reply.entry_id, "entry_version": reply.entry_version}
    take_step(ticket, Step.ANSWER_DIRECTLY, actor, Detail(data=data))
    tell_followers(ticket)
    return reply


def give_up(ticket: Ticket, person: Person, reason: str) -> None:
    """补充无果: what was asked for never came, after enough tries or in time; not accepted, and the requester is told
    why."""
    actor = acting(person, Step.GIVE_UP, lock(ticket))
    if early := too_early(ticket):
        raise IllegalStep(early)
    _need(reason, "reason", "请写明如何联系、为何无法补充。")
    words = without_identity(ticket.ticket_no, reason)
    _ending(ticket, Step.GIVE_UP, actor, ClosingReason.NOT_ACCEPTED, {"reason": words})


def withdraw(ticket: Ticket, who: Person | Actor = REQUESTER, note: str = "") -> None:
    """撤单: only the requester's side, from every open state (spine.md, (f)); an agent says how that is known."""
    ticket = lock(ticket)
    actor = actor_of(who, Step.WITHDRAW, ticket)
    if isinstance(who, Person):
        _need(note, "note", "请写明如何核实是诉求人本人、为何撤单。")
    _ending(ticket, Step.WITHDRAW, actor, ClosingReason.WITHDRAWN, _noted(ticket, note))
    if is_dangerous(note):  # only now: who takes the demand back may, and the alarm stays for a person
        raise_alarm(ticket, note, "撤单")


def ask_supplement(ticket: Ticket, person: Person, question: str) -> None:
    """Ask the agents, or the requester, for what is missing."""
    actor = acting(person, Step.ASK_SUPPLEMENT, lock(ticket))
    _need(question, "reason", "请写明需要补充什么。")
    take_step(
        ticket,
        Step.ASK_SUPPLEMENT,
        actor,
        Detail(data={"question": without_identity(ticket.ticket_no, question)}),
    )


def transfer_emergency(ticket: Ticket, person: Person, line: str, words: str = "") -> None:
    """转紧急热线: 110 gets it pushed, 119, 120 and 122 by telephone; the note of the line is the evidence."""
    actor = acting(person, Step.TRANSFER_EMERGENCY, lock(ticket))
    if line not in ("110", "119", "120", "122"):
        raise BadInput(line="请选择110、119、120或122。")
    ticket.tags = [*ticket.tags, f"to{line}"]
    data = {"line": line, "note": without_identity(ticket.ticket_no, words)}
    _ending(ticket, Step.TRANSFER_EMERGENCY, actor, ClosingReason.TRANSFERRED, data)




def _noted(ticket: Ticket, note: str) -> dict[str, str]:
    return {"note": without_identity(ticket.ticket_no, note)} if note.strip() else {}


def _ending(ticket: Ticket, step: Step, actor: Actor, reason: ClosingReason, data: Mapping[str, object]) -> None:
    evidence = {"table": "ticket", "id": ticket.ticket_no, "by": actor.kind}
    take_step(ticket, step, actor, Detail(ending=reason, data={**data, "evidence": evidence}))
    release_followers(ticket)


def _check_citation(citation: Citation) -> None:
    entry = session().get(KnowledgeEntry, citation.entry_id)
    if entry is None or entry.current != citation.version:
        raise BadInput(entry="引用的知识已更新或下架，请重新选择。")
    day = clock.city_day(clock.now())
    found = session().query(EntryVersion).filter_by(entry_id=citation.entry_id, version=citation.version).one()
    if found.state is not EntryState.PUBLISHED or (found.valid_to and found.valid_to < day) or found.valid_from > day:
        raise BadInput(entry="引用的知识已过期，请重新选择。")


def _need(text: str, field: str, sentence: str) -> None:
    if len(text.strip()) < MIN_WORDS:
        raise BadInput(**{field: sentence})
