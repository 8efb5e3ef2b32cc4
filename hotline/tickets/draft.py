"""The agent's form while it is filled in: sealed on the server, then registered, answered or transferred."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Conflict, IllegalStep, NotFound
from hotline.models import Draft, Requester, Ticket
from hotline.models.caller_words import CallerLabel
from hotline.models.requester_words import RequesterKind
from hotline.models.words import Confidentiality, RequestType, Source, State, Step, UrgencyGrade
from hotline.people.accounts import Person
from hotline.tickets import ending, enterprise
from hotline.tickets.acting import acting
from hotline.tickets.anonymous import level_of, nameless, unnamed, whereabouts
from hotline.tickets.by_hand import explained_choice
from hotline.tickets.cannot_get_done import FIELDS as FAILED
from hotline.tickets.demand import Demand
from hotline.tickets.dispatch import PROPOSED, dispatch, find_routes, may_dispatch_alone, order_of
from hotline.tickets.ending import Citation
from hotline.tickets.find import NO_SUCH
from hotline.tickets.identity import file_ring, open_requester, sealed_fields
from hotline.tickets.lifecycle import Actor, Detail, take_step
from hotline.tickets.phone_number import read_phone
from hotline.tickets.placing import place_ticket
from hotline.tickets.receive import (
    ALARMING,
    PRIORITY,
    enterprise_tag,
    grade_ticket,
    guess_type,
    intake_data,
    is_test_call,
    mark_sensitive,
    new_ticket,
    next_ticket_no,
    priority_of,
    readable,
)
from hotline.tickets.respondent import name_respondent
from hotline.tickets.rulebook import rules
from hotline.tickets.told_besides import FIELDS as BESIDES
from hotline.tickets.told_besides import read_with
from routing.case import MatterGuess, Route
from routing.urgency import urgency_of

FIELDS = (
    "content", "place", "object", "happened_at_words", "request_type", "urgency", "matter_code", "department",
    "co_departments", "respondent", "name", "phone", "confidential", "anonymous", "caller_label", "auto", *BESIDES,
)  # fmt: skip
"""What a draft holds, as typed; `auto` names the fields that a machine filled in."""
FREE = ("content", "place", "object", "happened_at_words", *FAILED)
CALL_SOURCES = (Source.PHONE, Source.VOICEMAIL)
TITLE = "来电"
DONE = "该工单已登记或已结束，不能再改草稿。您填写的内容没有丢失。"
CHANGED = "同事刚刚改过这张草稿，请逐项选择保留哪一个。"
MOST_WAITING = 12

Form = Mapping[str, str]


class DraftChanged(Conflict):
    """Somebody saved in between: `mine` and `theirs` hold the fields that differ."""

    sentence = CHANGED

    def __init__(self, held: "HeldDraft", form: Form) -> None:
        both = {name: (form.get(name, ""), held.form.get(name, "")) for name in FIELDS if name != "auto"}
        self.mine = {name: mine for name, (mine, theirs) in both.items() if mine != theirs}
        self.theirs = {name: both[name][1] for name in self.mine}
        self.version = held.version
        super().__init__()


@dataclass(frozen=True)
class HeldDraft:
    """A draft with its ticket; version 0 and no `row` when nothing was typed yet."""

    ticket: Ticket
    requester: Requester
    row: Draft | None
    form: Form

    @property
    def version(self) -> int:
        """Counts the savings."""
        return self.row.version if self.row else 0

    @property
    def saved_at(self) -> datetime | None:
        """When it was saved last."""
        return self.row.saved_at if self.row else None


@dataclass(frozen=True)
class WaitingDraft:
    """A form to go on with, and when it was touched last."""

    ticket_no: int
    title: str
    state: State
    touched: datetime


@dataclass(frozen=True)
class Answer:
    """A direct answer: the words to the requester and the entry they rest on."""

    words: str
    citation: Citation | None


def open_draft(person: Person) -> Ticket:
    """A draft without a call, of the agent who opens it."""
    ticket = new_ticket(next_ticket_no(), Demand(Source.PHONE, text="", title=TITLE))
    ticket.agent_id = person.id
    actor = acting(person, Step.BEGIN_DRAFT, ticket)
    take_step(ticket, Step.BEGIN_DRAFT, actor, Detail(data=intake_data(ticket)))
    return ticket


def load_draft(ticket_no: int, *, locked: bool = False) -> HeldDraft:
    """The draft in one statement. Raises `NotFound`, and `IllegalStep` once it is no draft any more."""
    query = (
        select(Ticket, Requester, Draft).join(Requester, Requester.ticket_no == Ticket.ticket_no)
        .outerjoin(Draft, Draft.ticket_no == Ticket.ticket_no).where(Ticket.ticket_no == ticket_no)
    )  # fmt: skip
    if locked:
        query = query.with_for_update(of=Ticket).execution_options(populate_existing=True)
    found = session().execute(query).first()
    if found is None:
        raise NotFound(NO_SUCH)
    ticket, requester, row = found
    if not _writable(ticket, row):
        raise IllegalStep(DONE)
    form = json.loads(file_ring(requester).open(row.form_sealed)) if row else {}
    return HeldDraft(ticket, requester, row, form)


def save_draft(ticket_no: int, person: Person, form: Form, version: int) -> Draft:
    """Keep what was typed, sealed, and its readable copy for lists and suggestions.

    Raises `DraftChanged` when another saving came between and says something else.
    """
    held, form = load_draft(ticket_no, locked=True), _as_kept(form)
    if version != held.version:
        _refuse_other_words(held, form)
    row = held.row or Draft(ticket_no=ticket_no)
    row.staff_id, row.version, row.saved_at = person.id, held.version + 1, clock.now()
    row.form_sealed = file_ring(held.requester).seal(json.dumps(form, ensure_ascii=False))
    session().add(row)
    _copy_words(held.ticket, _as_typed(held, form))
    session().flush()
    return row


def register(ticket_no: int, person: Person, form: Form, version: int) -> Ticket:
    """登记: the form becomes the ticket. It goes straight to the department the agent chose when the duty list
    names it for the chosen matter and nothing forbids it; else to the dispatchers, with the proposal.

    Raises `BadInput`; words of danger must have been seen first (domain.md §18, I8): `emergency_seen`.
    """
    held = load_draft(ticket_no, locked=True)
    demand = _read(held, form, needs_place=True)
    _danger_was_seen(demand.text, form)
    actor = _store(held, person, demand, (form, version))
    route = _chosen_route(held.ticket, form)
    if route is not None:
        words = explained_choice(held.ticket, route.matter_code, route.row)
        dispatch(held.ticket, replace(order_of(route), advice=words), actor)
    elif form.get("department") or form.get("co_departments"):
        held.ticket.tags = [*held.ticket.tags, PROPOSED]
    return held.ticket


def answer_draft(ticket_no: int, person: Person, sent: tuple[Form, int], answer: Answer) -> Ticket:
    """直接答复: the form (with its version) becomes the ticket, which is settled by the words of the answer."""
    held = load_draft(ticket_no, locked=True)
    demand = _read(held, sent[0], needs_place=False)
    _danger_was_seen(demand.text, sent[0])
    _store(held, person, demand, sent)
    ending.answer_directly(held.ticket, person, answer.words, answer.citation)
    return held.ticket


def transfer_draft(ticket_no: int, person: Person, form: Form, line: str) -> Ticket:
    """转110、119、120、122: with whatever is typed so far, because it is urgent."""
    held = load_draft(ticket_no, locked=True)
    acting(person, Step.TRANSFER_EMERGENCY, held.ticket)
    _rewrite(held, _as_typed(held, form))
    _drop(held)
    ending.transfer_emergency(held.ticket, person, line)
    return held.ticket


def waiting_drafts(person: Person) -> Sequence[WaitingDraft]:
    """The agent's own drafts, newest first, then messages and missed calls that nobody returned yet."""
    mine = and_(Ticket.state == State.DRAFT, Ticket.agent_id == person.id)
    to_call = and_(Ticket.state == State.TO_SUPPLEMENT, Ticket.source.in_(CALL_SOURCES),
                   or_(Ticket.text == "", Draft.ticket_no.is_not(None)))  # fmt: skip
    touched = func.coalesce(Draft.saved_at, Ticket.received_at)
    query = (
        select(Ticket.ticket_no, Ticket.title, Ticket.state, touched)
        .outerjoin(Draft, Draft.ticket_no == Ticket.ticket_no).where(or_(mine, to_call))
        .order_by(Ticket.state, Ticket.deadline, Ticket.ticket_no.desc()).limit(MOST_WAITING)
    )  # fmt: skip
    return [WaitingDraft(*row) for row in session().execute(query)]


def _writable(ticket: Ticket, row: Draft | None) -> bool:
    """A draft, or a call to return: its form is empty or was begun here, never a citizen's own words."""
    if ticket.state is State.DRAFT:
        return True
    to_call = ticket.state is State.TO_SUPPLEMENT and ticket.source in CALL_SOURCES
    return to_call and (row is not None or not ticket.text)


def _as_kept(form: Form) -> Form:
    """What a draft keeps of the form: of an anonymous caller's the words alone, with nobody in them."""
    kept = {name: form.get(name, "") for name in FIELDS}
    if not kept["anonymous"]:
        return kept
    names = tuple(filter(None, (kept["name"], kept["company"])))
    words = {name: unnamed(kept[name], names) for name in FREE} | {"place": whereabouts(kept["place"], names)}
    return kept | words | dict.fromkeys(("name", "phone", "company", "credit_code"), "")


def _refuse_other_words(held: HeldDraft, form: Form) -> None:
    changed = DraftChanged(held, form)
    if changed.mine:
        raise changed


def _read(held: HeldDraft, form: Form, *, needs_place: bool) -> Demand:
    """The form as a demand, with the enterprise and what could not be got done. Raises `BadInput`."""
    return read_with(lambda: _read_plain(held, form, needs_place=needs_place), form)


def _read_plain(held: HeldDraft, form: Form, *, needs_place: bool) -> Demand:
    """The form as a demand. Raises `BadInput` with a sentence for every field that is wrong."""
    text, place, phone, problems = form.get("content", ""), form.get("place", ""), "", {}
    if not any(map(str.isalnum, text)):
        problems["content"] = "请写明诉求内容。"
    if needs_place and not place:
        problems["place"] = "请写明发生地点。"
    try:
        phone = read_phone(form.get("phone", ""))
    except BadInput as problem:
        problems |= problem.fields
    for name in ("department", "co_departments", "respondent"):
        if form.get(name) and form[name] not in rules().departments:
            problems[name] = "请选择有效的承办单位。"
    if problems:
        raise BadInput(**problems)
    chosen = next((one for one in RequestType if one == form.get("request_type")), None)
    told = (("被反映对象", "object"), ("发生时间", "happened_at_words"))
    details = "；".join(f"{words}：{form[name]}" for words, name in told if form.get(name))
    return replace(
        _as_typed(held, form), text=f"{text}\n{details}".strip(), phone=phone,
        request_type=chosen or guess_type(text),
        confidentiality=level_of(form.get("anonymous"), form.get("confidential")),
    )  # fmt: skip


def _as_typed(held: HeldDraft, form: Form) -> Demand:
    """What was typed so far, unchecked."""
    text, place, name = (form.get(field, "") for field in ("content", "place", "name"))
    kind, company, code = (form.get(field, "") for field in enterprise.FIELDS)
    label = form.get("caller_label", "")
    return Demand(
        held.ticket.source, text=text, place=place, name=name, company=company, credit_code=code,
        kind=RequesterKind.ENTERPRISE if kind == RequesterKind.ENTERPRISE or company else RequesterKind.PERSON,
        labels=(label,) if label in set(CallerLabel) else (),
    )  # fmt: skip


def _danger_was_seen(text: str, form: Form) -> None:
    danger = urgency_of(text, form.get("place", ""))
    if danger.grade in ALARMING and not form.get("emergency_seen"):
        told = f"请立即转{danger.line}；" if danger.line else ""
        sentence = f"内容可能有危险（{'、'.join(danger.words)}）。{told}仍要登记的，请先勾选确认。"
        raise BadInput(emergency_seen=sentence)


def _store(held: HeldDraft, person: Person, demand: Demand, sent: tuple[Form, int]) -> Actor:
    """The requester's sealed fields and the readable copies are written anew, the intake is journalled."""
    form, version = sent
    if held.row and version != held.version and held.row.staff_id != person.id:
        _refuse_other_words(held, form)
    ticket = held.ticket
    step = Step.REGISTER if ticket.state is State.DRAFT else Step.SUPPLEMENT
    actor = acting(person, step, ticket)
    _rewrite(held, demand)
    grades = [ticket.urgency, *(one for one in UrgencyGrade if one == form.get("urgency"))]
    grade_ticket(ticket, min(grades, key=lambda one: PRIORITY[one]))
    ticket.agent_id = person.id
    ticket.matter_code = form.get("matter_code", "")
    _drop(held)
    take_step(ticket, step, actor, Detail(data={**intake_data(ticket), **_proposal(form)}))
    name_respondent(ticket, actor, rules().departments.get(form.get("respondent", "")))
    return actor


def _rewrite(held: HeldDraft, demand: Demand) -> None:
    ticket, requester = held.ticket, held.requester
    ticket.is_test = ticket.is_test or is_test_call(demand)
    demand = nameless(replace(demand, calling=open_requester(requester).calling))
    for column, value in sealed_fields(file_ring(requester), demand).items():
        setattr(requester, column, value)
    requester.kind = demand.kind
    ticket.tags = list(dict.fromkeys([*ticket.tags, *demand.tags, *enterprise_tag(demand)]))
    _copy_words(ticket, demand)
    ticket.request_type = demand.request_type or ticket.request_type
    protected = ticket.request_type is RequestType.REPORT and demand.confidentiality is Confidentiality.OPEN
    ticket.confidentiality = Confidentiality.REPORT_PROTECTED if protected else demand.confidentiality
    requester.labels = list(demand.labels)
    ticket.urgency = UrgencyGrade(urgency_of(demand.text, demand.title, demand.place).grade)
    ticket.priority = priority_of(ticket.urgency, bool(demand.labels))
    ticket.alarm_open = ticket.urgency in ALARMING
    mark_sensitive(ticket, demand.text, demand.place)
    ticket.has_contact = requester.phone_hash is not None
    place_ticket(ticket, "")


def _copy_words(ticket: Ticket, demand: Demand) -> None:
    for column, words in readable(demand).items():
        if column != "title" or words:
            setattr(ticket, column, words)


def _drop(held: HeldDraft) -> None:
    if held.row is not None:
        session().delete(held.row)


def _proposal(form: Form) -> dict[str, object]:
    """Whom the agent proposes, for the dispatcher who reads the journal."""
    book = rules()
    units = {name: book.departments.get(form.get(name, "")) for name in ("department", "co_departments")}
    parts = [
        f"{words}{book.unit_names[unit]}"
        for words, unit in (("主办", units["department"]), ("协办", units["co_departments"])) if unit
    ]  # fmt: skip
    return {"proposed": units, "note": "话务员建议：" + "，".join(parts)} if parts else {}


def _chosen_route(ticket: Ticket, form: Form) -> Route | None:
    """The duty row for what the agent chose; None when a dispatcher must decide.

    The agent's choice of a matter counts as read with certainty; helping departments are the dispatchers'.
    """
    if not form.get("matter_code") or form.get("co_departments"):
        return None
    routes = find_routes(ticket, (MatterGuess(form["matter_code"], 1.0),))
    chosen = [route for route in routes if route.lead == form.get("department")]
    return chosen[0] if may_dispatch_alone(ticket, chosen) else None
