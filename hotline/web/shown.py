"""What templates get: plain values made from the rows, in a handful of statements, identity masked."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.models import Asked, Attachment, JournalEntry, Partner, Requester, Staff, Ticket, TicketAlias
from hotline.models.caller_words import CallerLabel
from hotline.models.ticket import NO_DEADLINE
from hotline.models.words import (
    ClosingReason,
    Confidentiality,
    LegalRoute,
    RequestType,
    ReturnReason,
    Role,
    Source,
    State,
    Step,
    UrgencyGrade,
)
from hotline.people.accounts import Person
from hotline.tickets import cannot_get_done, enterprise, identity
from hotline.tickets.acting import is_contested
from hotline.tickets.copying import copied_to
from hotline.tickets.extract import reads_extract, title_for, words_for
from hotline.tickets.find import TicketPage, shown_number
from hotline.tickets.pressing import desk_is_urged
from hotline.tickets.receive import SENSITIVE, goes_first
from hotline.tickets.rulebook import rules
from hotline.tickets.suspending import day_words, under_way
from hotline.web.age import age_words
from hotline.web.change_words import change_words, review_words, wanted_words
from routing.lights import LightRules, yellow_from
from routing.sensitive import TIERS

Tag = tuple[str, str]
GOOD_STEPS = frozenset({Step.SIGN, Step.SUBMIT, Step.PASS_CHECK, Step.GIVE_REVIEW, Step.CLOSE, Step.CALL_BACK})
OF_A_SHARE = frozenset({Step.ADD_CO_UNIT, Step.HAND_DOWN, Step.HAND_IN, Step.TAKE_BACK,
                        Step.GRANT_SHARE_EXTENSION, Step.REFUSE_SHARE_EXTENSION})  # fmt: skip
"""Steps whose line names the unit of the share."""
OTHER_TICKETS = {"master": "并入", "merged": "并入本件的是", "unmerged_from": "原并入", "unmerged": "移出",
                 "split_from": "拆自", "split_to": "另立"}  # fmt: skip
"""What a journal row's number of another ticket means."""
OTHER_SOURCES = {Source.POLICE110: "110 转来", Source.PROACTIVE: Source.PROACTIVE.label}
SAYS_ITS_END = frozenset({Step.GIVE_REVIEW, Step.MERGE, Step.REFUSE, Step.TRANSFER_EMERGENCY, Step.WITHDRAW})
"""Steps whose name says why the case ended."""
RETURN_REASONS = {one.value: one.label for one in ReturnReason}
BAD_STEPS = frozenset(
    {Step.ASK_RETURN, Step.FAIL_CHECK, Step.GIVE_BAD_REVIEW, Step.KEEP_BAD_REVIEW, Step.URGE, Step.SUPERVISE}
)


@dataclass(frozen=True)
class TimeLeft:
    """A limit in words, with how much of it is used (0–100)."""

    started_at: datetime
    due_at: datetime
    words: str
    level: str
    used: int
    due_words: str
    provisional: bool = False


@dataclass(frozen=True)
class Row:
    """One line of any list."""

    ticket_no: int
    title: str
    place: str
    state: State
    request_type: RequestType
    urgency: UrgencyGrade
    department: str
    time_left: TimeLeft | None
    tags: Sequence[Tag]
    received_at: datetime
    age: str


@dataclass(frozen=True)
class Page:
    """One page of rows; `newer` and `older` are addresses."""

    rows: Sequence[Row]
    newer: str | None
    older: str | None


@dataclass(frozen=True)
class Photo:
    """One attachment."""

    name: str
    url: str
    is_image: bool
    size_words: str
    side: str = "citizen"


@dataclass(frozen=True)
class TicketShown(Row):
    """A ticket's page: a row and what stands around it."""

    content: str = ""
    content_original: str | None = None
    object: str = ""
    happened_at_words: str = ""
    source_label: str = ""
    deadline: TimeLeft | None = None
    co_departments: Sequence[str] = ()
    photos: Sequence[Photo] = ()
    aliases: Sequence[tuple[str, str]] = ()
    matter_path: str = ""
    sensitive: Sequence[str] = ()
    suspended: str = ""
    copied_to: Sequence[str] = ()


@dataclass(frozen=True)
class IdentityShown:
    """Who spoke: masked, or in clear once after a logged reason."""

    shown: bool
    name: str
    phone: str
    named: bool
    confidential: bool
    labels: Sequence[str] = ()
    company: str = ""
    credit_code: str = ""


@dataclass(frozen=True)
class JournalLine:
    """One step as a line of the timeline."""

    at: datetime
    words: str
    who: str
    data_words: str
    level: str


@dataclass(frozen=True)
class View:
    """Who looks: decides whether originals and names of colleagues are shown."""

    person: Person
    reveal: bool = False
    granted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def time_left(started_at: datetime, due_at: datetime, *, provisional: bool = False) -> TimeLeft:
    """Remaining time in words; yellow as the city decided, red when overdue (domain.md §6.3, lights)."""
    moment, book = clock.now(), rules()
    lights = LightRules(book.settings["yellow_percent"], book.settings["yellow_working_days"])
    whole, gone = (due_at - started_at).total_seconds(), (moment - started_at).total_seconds()
    used = min(100, max(0, round(100 * gone / whole))) if whole > 0 else 100
    late = moment >= due_at
    yellow = moment >= yellow_from(started_at, due_at, lights, book.calendar)
    level = "bad" if late else "warn" if yellow else "ok"
    words = ("超期 " if late else "剩 ") + span_words(abs(due_at - moment))
    return TimeLeft(started_at, due_at, words, level, used, clock.shown(due_at), provisional)


def span_words(span: timedelta) -> str:
    """4 天 3 小时, 5 小时 2 分, 8 分钟."""
    minutes = int(span.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分钟"


def ticket_time(ticket: Ticket) -> TimeLeft | None:
    """The nearest duty of a ticket as a bar from the moment it began, None when nothing runs."""
    if ticket.deadline >= NO_DEADLINE:
        return None
    return time_left(ticket.deadline_since or ticket.received_at, ticket.deadline)


def row_of(ticket: Ticket, units: Collection[int] = ()) -> Row:
    """One line of a list, as these units may read it; costs no statement."""
    return Row(
        ticket_no=ticket.ticket_no, title=title_for(ticket, units),
        place="" if reads_extract(ticket, units) else ticket.place, state=ticket.state,
        request_type=ticket.request_type, urgency=ticket.urgency, department=unit_name(ticket.department_id),
        time_left=ticket_time(ticket), tags=tags_of(ticket), received_at=ticket.received_at,
        age=age_words(ticket),
    )  # fmt: skip


def tags_of(ticket: Ticket) -> list[Tag]:
    """What a list must say beside the title."""
    found: list[Tag] = [("警示", "bad")] if ticket.alarm_open else []
    if desk_is_urged(ticket):
        found.append(("诉求人催办", "bad"))
    if goes_first(ticket):
        found.append(("优先", "vio"))
    if ticket.told_by > 1:
        found.append((f"{ticket.told_by} 人反映", "warn"))
    if ticket.unhappy_follower:
        found.append(("并单人差评", "bad"))
    if ticket.returns:
        found.append((f"退单 {ticket.returns} 次", "vio"))
    if ticket.rehandles:
        found.append((f"重办 {ticket.rehandles} 次", "bad"))
    if ticket.reopens:
        found.append(("重新受理", "warn"))
    if ticket.rectify_rounds and ticket.state is not State.RECTIFYING:
        found.append(("差评", "bad"))
    if ticket.confidentiality is not Confidentiality.OPEN:
        found.append((ticket.confidentiality.label, "vio"))
    if enterprise.TAG in ticket.tags and ticket.confidentiality is Confidentiality.OPEN:
        found.append(("企业诉求", "br"))
    if cannot_get_done.TAG in ticket.tags:
        found.append(("办不成事", "vio"))
    if is_contested(ticket):
        found.append(("不予受理有异议", "warn"))
    if ticket.source in OTHER_SOURCES:
        found.append((OTHER_SOURCES[ticket.source], "br"))
    if ticket.is_test:
        found.append(("测试", ""))
    return found


def page_of(found: TicketPage, endpoint: str, units: Collection[int] = (), **arguments: Any) -> Page:
    """A page with the addresses of its neighbours."""
    older = url_for(endpoint, after=found.older, **arguments) if found.older else None
    first = url_for(endpoint, **arguments) if request.args.get("after") else None
    return Page([row_of(ticket, units) for ticket in found.tickets], first, older)


def unit_name(department_id: int | None) -> str:
    """A department's short name from the snapshot of rules."""
    return rules().unit_names.get(department_id or 0, "")


def matter_path(code: str) -> str:
    """城市管理 / 占道经营."""
    matters = rules().matters
    names = [matters[part] for part in (code[:2], code) if part in matters]
    return " / ".join(dict.fromkeys(names))


def ticket_shown(ticket: Ticket, view: View) -> TicketShown:
    """A ticket's page. The original words only for those who may have them, and only after a logged look."""
    units = frozenset() if is_hotline(view.person) else view.person.unit_ids()
    row, content = row_of(ticket, units), words_for(ticket, units)
    original = None
    if view.reveal and (is_hotline(view.person) or ticket.confidentiality is Confidentiality.OPEN):
        original = identity.open_requester(session().get_one(Requester, ticket.ticket_no)).text
    return TicketShown(
        **vars(row), content=content, content_original=original, source_label=ticket.source.label,
        deadline=row.time_left,
        photos=photos_of(ticket, view), aliases=aliases_of(ticket) if is_hotline(view.person) else [],
        matter_path=matter_path(ticket.matter_code), suspended=suspended_words(ticket),
        sensitive=sensitive_of(ticket) if is_hotline(view.person) else [],
        copied_to=[unit_name(unit) for unit in copied_to(ticket.ticket_no)] if ticket.round else [],
    )  # fmt: skip


def sensitive_of(ticket: Ticket) -> list[str]:
    """What a person must look at, in Chinese; for the hotline's own people only."""
    return [TIERS[tag.removeprefix(SENSITIVE)].label for tag in ticket.tags if tag.startswith(SENSITIVE)]


def suspended_words(ticket: Ticket) -> str:
    """Until when the work stands still and what is planned; costs a statement for a suspended ticket only."""
    found = under_way(ticket)
    if found is None or found.new_due_at is None:
        return ""
    reason, plan = found.reason.rstrip("。"), found.plan.rstrip("。")
    return f"已挂起，{day_words(found.new_due_at)}恢复办理。原因：{reason}；计划：{plan}。"


def identity_shown(ticket: Ticket, view: View) -> IdentityShown:
    """The requester, masked unless just revealed; a unit gets no name or number of a confidential case
    (I6) but for a look that was granted."""
    requester = session().get_one(Requester, ticket.ticket_no)
    confidential = ticket.confidentiality is not Confidentiality.OPEN
    hidden = confidential and not is_hotline(view.person) and not view.granted
    if hidden:
        shown = {"name": "保密", "phone": "保密", "company": ""}
    elif view.reveal:
        who = identity.open_requester(requester)
        shown = {"name": who.name, "phone": identity.shown_phone(who.phone or who.calling),
                 "company": who.company, "credit_code": who.credit_code}  # fmt: skip
    else:
        shown = identity.masked(requester)
    return IdentityShown(
        shown=view.reveal and not hidden, name=shown["name"] or "未留姓名", phone=shown["phone"] or "未留电话",
        named=requester.named, confidential=confidential,
        labels=label_words(requester) if is_hotline(view.person) else (),
        company=shown["company"], credit_code=shown.get("credit_code", ""),
    )  # fmt: skip


def label_words(requester: Requester) -> list[str]:
    """What the hotline knows of somebody's situation, in Chinese."""
    return [CallerLabel(one).label for one in requester.labels]


def is_hotline(person: Person) -> bool:
    """Whether the person works at the hotline rather than for a department."""
    return person.has(Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.CALLBACK_AGENT)


def journal_of(ticket_no: int, unsaid: Callable[[JournalEntry], bool] = lambda _: False) -> list[JournalLine]:
    """The timeline of a ticket, newest first, in one statement; the steps `unsaid` without their words."""
    query = (
        select(JournalEntry, Staff.name).outerjoin(Staff, Staff.id == JournalEntry.actor_id)
        .where(JournalEntry.ticket_no == ticket_no).order_by(JournalEntry.seq.desc())
    )  # fmt: skip
    return [journal_line(entry, name, unsaid(entry)) for entry, name in session().execute(query)]


def journal_line(entry: JournalEntry, name: str | None, unsaid: bool) -> JournalLine:
    """One line: what, by whom, and unless they are unsaid the words that belong to it."""
    who = name or {"requester": "诉求人", "system": "系统", "partner": "合作平台"}.get(entry.actor_kind, "")
    unit = unit_name(entry.actor_department_id)
    level = "bad" if entry.step in BAD_STEPS else "ok" if entry.step in GOOD_STEPS else ""
    words = entry.step.label
    if entry.step is Step.DISPATCH:
        words = f"派至 {unit_name(entry.data.get('department'))}"
    elif entry.step in OF_A_SHARE:
        words = f"{entry.step.label}：{unit_name(entry.department_id)}"
    return JournalLine(entry.occurred_at, words, f"{unit} {who}".strip(), "" if unsaid else data_words(entry), level)


def data_words(entry: JournalEntry) -> str:
    """What of a step's data a person wants to read."""
    told = [str(entry.data[key]) for key in ("why", "reason", "note", "question") if entry.data.get(key)]
    parts = [RETURN_REASONS.get(words, words) for words in told]
    parts += [f"途径：{LegalRoute(entry.data['route']).label}"] if entry.data.get("route") else []
    parts += [f"{words} {shown_number(entry.data[key])}" for key, words in OTHER_TICKETS.items() if key in entry.data]
    parts += review_words(entry.data)
    parts += change_words(entry.data)
    parts += [wanted_words(entry.data["wanted"])] if entry.data.get("wanted") else []
    if "new_due_at" in entry.data:
        parts.append("新期限 " + clock.shown(datetime.fromisoformat(entry.data["new_due_at"])))
    if "ending" in entry.data and entry.step not in SAYS_ITS_END:
        parts.append({one.value: one.label for one in ClosingReason}.get(entry.data["ending"], ""))
    return "；".join([*(one.rstrip("。") for one in parts[:-1]), *parts[-1:]])


def photos_of(ticket: Ticket, view: View) -> list[Photo]:
    """The attachments this person may open; a unit never gets the citizen's photos of a confidential case."""
    hidden = ticket.confidentiality is not Confidentiality.OPEN and not is_hotline(view.person)
    query = select(Attachment).where(Attachment.ticket_no == ticket.ticket_no).order_by(Attachment.id)
    found = session().execute(query).scalars()
    return [photo_of(one) for one in found if not (hidden and one.side == "citizen")]


def photo_of(one: Attachment) -> Photo:
    """An attachment as a link; its given name stays sealed, a number names it."""
    image = one.content_type.startswith("image/")
    size = f"{one.size / 1024 / 1024:.1f} MB" if one.size >= 1024 * 1024 else f"{max(1, one.size // 1024)} KB"
    words = f"{'照片' if image else '文件'} {one.id}"
    url = url_for("ticket_files.show_file", ticket_no=one.ticket_no, attachment_id=one.id)
    return Photo(words, url, image, size, one.side)


def aliases_of(ticket: Ticket) -> list[tuple[str, str]]:
    """The numbers other platforms gave the ticket; our own doors give none, which costs no statement."""
    if ticket.source not in (Source.POLICE110, Source.PARTNER) and "to110" not in ticket.tags:
        return []
    query = select(Partner.name, TicketAlias.number).where(Partner.platform == TicketAlias.platform)
    found = session().execute(query.where(TicketAlias.ticket_no == ticket.ticket_no))
    return [(row.name, row.number) for row in found]


def asked_of(ticket_no: int) -> list[Asked]:
    """All that departments asked about a ticket, newest first."""
    query = select(Asked).where(Asked.ticket_no == ticket_no).order_by(Asked.id.desc())
    return list(session().execute(query).scalars())


def unit_options() -> list[tuple[str, str]]:
    """Departments to choose from: code and name."""
    book = rules()
    return [(code, book.unit_names[number]) for code, number in book.departments.items() if number in book.unit_names]


def options(kind: Any) -> list[tuple[str, str]]:
    """A closed list as choices."""
    return [(one.value, one.label) for one in kind]
