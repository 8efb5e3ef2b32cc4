"""What the agent's console shows: the caller, the call, the seat, the queue, suggestions and knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import phonenumbers
from flask import url_for
from sqlalchemy import func, select

from classifier.matters import load_matters
from hotline import clock
from hotline.asking import FoundEntries, Suggestions
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import Call, Recording, Requester, Seat, Ticket
from hotline.models.caller_words import CallerLabel
from hotline.models.phone_words import Desk, SeatState
from hotline.models.requester_words import RequesterKind
from hotline.models.words import ENDED, ClockKind, RequestType, State, UrgencyGrade
from hotline.people.accounts import Person
from hotline.telephone import calls, pairing, seats
from hotline.tickets.cannot_get_done import REFUSED_FIELDS
from hotline.tickets.draft import Form, HeldDraft, WaitingDraft, waiting_drafts
from hotline.tickets.flagging import flag_of
from hotline.tickets.identity import masked, open_requester, phone_hash
from hotline.tickets.phone_number import read_phone, shown_phone
from hotline.tickets.receive import ALARMING
from hotline.tickets.repeats import told_again, told_nearby
from hotline.tickets.rulebook import rules, setting
from hotline.web.marking import marked
from hotline.web.shown import Row, Tag, label_words, matter_path, options, row_of, unit_name, unit_options
from routing.choose import located
from routing.sensitive import sensitive_in
from routing.time_limits import due_at
from routing.urgency import urgency_of

SHOWN_TICKETS = 20
RECENTLY = timedelta(days=30)
"""Within which a further call counts as a repeated one; default."""
SURE_ENOUGH = 0.6
"""From this probability on a suggestion is filled in, below it nothing is offered (ux 5); default."""
ALIKE_HINT = 3
"""So many alike within seven days are told before dispatch (ux 11)."""
TYPES = (
    RequestType.COMPLAINT, RequestType.HELP, RequestType.CONSULTATION, RequestType.REPORT,
    RequestType.SUGGESTION, RequestType.PRAISE,
)  # fmt: skip
URGENCIES = (UrgencyGrade.NORMAL, UrgencyGrade.URGENT, UrgencyGrade.CRITICAL)
PHRASES = (
    ("要求回电", "诉求人要求承办单位回电告知处理结果。"),
    ("再次反映", "诉求人称此前已反映过，问题仍未解决。"),
    ("现场核实", "诉求人希望承办单位到现场核实。"),
    ("告知时限", "已告知诉求人办理时限和查询方式。"),
    ("复述确认", "已向诉求人复述并确认以上内容。"),
)
LEVELS: Mapping[SeatState, str] = {
    SeatState.OFFLINE: "bad", SeatState.READY: "ok", SeatState.BUSY: "warn", SeatState.RINGING: "br",
    SeatState.TALKING: "br", SeatState.WRAP_UP: "vio",
}  # fmt: skip
SEAT_WORDS: Mapping[SeatState, str] = {
    SeatState.READY: "示闲中，来电会自动出现在这里。",
    SeatState.BUSY: "示忙中，来电不会转给您。",
    SeatState.OFFLINE: "尚未上线，选择示闲后接听来电。",
}


@dataclass(frozen=True)
class CallerCard:
    """Who is calling, masked unless just revealed, and what they told before."""

    name: str
    phone: str
    region: str
    known: bool
    tags: Sequence[Tag]
    likely: Any
    tickets: Sequence[Row]
    recordings: Sequence[Recording]
    unmask_url: str
    shown: bool


def caller_card(ticket: Ticket, requester: Requester, *, reveal: bool = False) -> CallerCard:
    """The caller's card in one statement, two when there is a message to listen to."""
    before = told_before(requester)
    earlier = [one for one, _ in before]
    who, number = masked(requester), open_requester(requester)
    name = who["name"] or next(filter(None, (masked(one)["name"] for _, one in before)), "")
    if reveal:
        name, phone = number.name or name, shown_phone(number.phone or number.calling)
    else:
        phone = who["phone"]
    return CallerCard(
        name=name, phone=phone, region=region_of(number.phone or number.calling), known=bool(earlier),
        tags=caller_tags(requester, earlier), likely=likely_cause(earlier),
        tickets=[row_of(one) for one in earlier], shown=reveal,
        recordings=calls.recordings_of(ticket.ticket_no) if ticket.state is State.TO_SUPPLEMENT else (),
        unmask_url=url_for("ticket_files.reveal_identity", ticket_no=ticket.ticket_no) if phone else "",
    )  # fmt: skip


def told_before(requester: Requester) -> Sequence[tuple[Ticket, Requester]]:
    """The newest earlier tickets of the same number, each with who it was said to be from."""
    if requester.phone_hash is None:
        return []
    query = select(Ticket, Requester).join(Requester, Requester.ticket_no == Ticket.ticket_no).where(
        Requester.phone_hash == requester.phone_hash, Requester.ticket_no != requester.ticket_no,
        Ticket.state != State.DRAFT,
    )  # fmt: skip
    found = session().execute(query.order_by(Requester.ticket_no.desc()).limit(SHOWN_TICKETS)).all()
    return [(ticket, row) for ticket, row in found]


def caller_tags(requester: Requester, earlier: Sequence[Ticket]) -> list[Tag]:
    """Who they are, and how often they told something lately (重复诉求)."""
    lately = sum(one.received_at > clock.now() - RECENTLY for one in earlier)
    repeated = [(f"30 天内第 {lately + 1} 次来电", "warn")] if lately else []
    flag = flag_of(requester.phone_hash)
    marked = [(f"骚扰标记，至 {clock.in_city(flag.until):%m-%d}：{flag.reason}", "bad")] if flag and flag.until else []
    return [*marked, *((label, "vio") for label in label_words(requester)), *repeated]


def likely_cause(earlier: Sequence[Ticket]) -> Any:
    """可能来意: the newest of their tickets that is still under way."""
    newest = next((one for one in earlier if one.state not in ENDED), None)
    if newest is None:
        return None
    day = clock.in_city(newest.received_at)
    words = f"追问 {day.month} 月 {day.day} 日的一件（{newest.state.label}）："
    return SimpleNamespace(ticket_no=newest.ticket_no, title=newest.title, words=words)


def region_of(number: str) -> str:
    """Where a number belongs, as far as the number itself tells."""
    if not number.startswith("+"):
        return "短号" if number else ""
    parsed = phonenumbers.parse(number)
    if parsed.country_code != 86:
        return f"境外 +{parsed.country_code}"
    national = str(parsed.national_number)
    length = phonenumbers.length_of_geographical_area_code(parsed)
    return f"固话 0{national[:length]}" if length else "国内手机"


def call_bar(seat: Seat, call: Call | None, card: CallerCard | None, notice: str = "") -> dict[str, Any]:
    """The variables of agent/call_bar.html."""
    choices = options(seats.CHOICES)
    words, told = notice or seats.notice(seat), SEAT_WORDS.get(seat.state, "")
    idle = {"seat_words": told, "notice": words, "next_states": choices, "call": None, "desks": options(Desk)}
    if call is None or card is None or seat.state not in pairing.BUSY_WITH_CALL:
        return idle
    ended, begun = call.ended_at or clock.now(), call.answered_at or call.since
    shown = SimpleNamespace(
        tags=[*((f"{one.label}专席", "br") for one in Desk if one == call.queue), *card.tags],
        id=call.call_id, state=seat.state.value, phone=card.phone, region=card.region, name=card.name,
        ticket_no=call.ticket_no, rings_since=seat.since,
        ring_seconds=setting("ring_seconds"), talks_since=begun,
        recorded=call.bridged_at is not None, lasted_words=minutes(ended - begun),
        wrap_up_ends=seat.wrap_up_until, next_state=seat.next_state.value,
        wrap_up_seconds=int((seat.wrap_up_until - seat.since).total_seconds()) if seat.wrap_up_until else 0,
    )  # fmt: skip
    return idle | {"call": shown}


def seat_state(seat: Seat, notice: str = "") -> dict[str, Any]:
    """The variables of agent/_state.html."""
    later = seat.state in pairing.BUSY_WITH_CALL
    return {"seat": SimpleNamespace(
        state_label=seat.state.label, level=LEVELS[seat.state], since=seat.since,
        choices=options(seats.CHOICES), next_label=seat.next_state.label if later else "", notice=notice,
    )}  # fmt: skip


def queue(person: Person) -> dict[str, Any]:
    """The variables of agent/_queue.html, in three statements."""
    lengths = seats.queue_lengths()
    longest = max((seconds for _, seconds in lengths.values()), default=0)
    ready, online = seats.seats_open()
    today = int(clock.city_day(clock.now()).strftime("%Y%m%d")) * 10**8
    mine = select(func.count()).where(
        Ticket.ticket_no >= today, Ticket.agent_id == person.id, Ticket.state != State.DRAFT
    )
    return {"queue": SimpleNamespace(
        waiting=sum(number for number, _ in lengths.values()), ready=ready, online=online,
        longest_words=minutes(timedelta(seconds=longest)),
        mine_today=session().execute(mine).scalar_one(),
        desks=[(one.label, lengths[one][0]) for one in Desk if one in lengths],
    )}  # fmt: skip


def history(card: CallerCard | None, person: Person) -> dict[str, Any]:
    """The variables of agent/history.html."""
    return {"caller": card, "drafts": [draft_line(one) for one in waiting_drafts(person)]}


def draft_line(one: WaitingDraft) -> Any:
    """One form to go on with: an own draft, or a message to return."""
    words = ("草稿", "warn") if one.state is State.DRAFT else ("待回拨", "bad")
    return SimpleNamespace(ticket_no=one.ticket_no, title=one.title, saved_at=one.touched, tag=words)


def console(held: HeldDraft | None, form: Form, errors: Mapping[str, str]) -> dict[str, Any]:
    """The variables of the form itself."""
    number, version, saved_at = (held.ticket.ticket_no, held.version, held.saved_at) if held else (0, 0, None)
    return {
        "ticket_no": number, "version": form.get("version") or version, "saved_at": saved_at,
        "form": form, "errors": errors, "auto": form.get("auto", "").split(),
        "request_types": options(TYPES), "urgencies": options(URGENCIES), "caller_labels": options(CallerLabel),
        "matters": matter_options(),
        "departments": unit_options(), "phrases": PHRASES,
        "kinds": options(RequesterKind), "refused_fields": REFUSED_FIELDS, "max_text": setting("text_limit"),
    }  # fmt: skip


def matter_options() -> list[tuple[str, str]]:
    """The matters a demand can be about: code and path."""
    return [(code, matter_path(code)) for code in load_matters() if len(code) > 2]


def suggestions(form: Form, found: Suggestions | None, ticket_no: int) -> dict[str, Any]:
    """The variables of agent/suggestions.html; without the lane's answer all but the departments stands."""
    routes = found["departments"] if found else []
    place = located(form.get("place", ""), form.get("content", ""), rules().gazetteer)
    matter = form.get("matter_code") or (routes[0]["matter"] if routes else "")
    alike = told_nearby(matter, place, ticket_no) if place and matter else []
    return {
        "available": found is not None or not form.get("content"),
        "guesses": [guess_shown(route) for route in routes],
        "fills": [*place_fill(place), *sure_fills(routes)], "deadline_words": deadline_words(form),
        "alarm": alarm_of(form), "sensitive": sensitive_in(form.get("content", "")),
        "repeats": [repeat_shown(one) for one in told_again(number_of(form, ticket_no), matter, ticket_no)],
        "alike": len(alike) if len(alike) >= ALIKE_HINT else 0,
        "alike_url": url_for("agent_tickets.ticket_page", ticket_no=alike[0]) if alike else "",
    }  # fmt: skip


def number_of(form: Form, ticket_no: int) -> bytes | None:
    """The hash of the number typed, else of the one that calls."""
    try:
        typed = phone_hash(read_phone(form.get("phone", "")))
    except BadInput:
        typed = None
    held = session().get(Requester, ticket_no) if ticket_no and typed is None else None
    return held.phone_hash if held else typed


def repeat_shown(ticket: Ticket) -> Any:
    """How the same person's earlier ticket of this matter stands."""
    day = clock.in_city(ticket.received_at)
    return SimpleNamespace(
        day_words=f"{day.month}月{day.day}日", state=ticket.state.label, ticket_no=ticket.ticket_no,
        url=url_for("agent_tickets.ticket_page", ticket_no=ticket.ticket_no),
    )  # fmt: skip


def guess_shown(route: Any) -> Any:
    """One suggestion as the template wants it."""
    code, matter = route["department"], route["matter"]
    return SimpleNamespace(
        department_code=code, department=unit_name(rules().departments.get(code)),
        matter_code=matter, matter_path=matter_path(matter), probability=route["probability"],
        evidence=route["evidence"], reason=route["reason"], duty_row_id=route["duty_row"],
        direct=route["direct"],
    )  # fmt: skip


def place_fill(place: Any) -> list[tuple[str, str, str]]:
    """The place named in what was told."""
    if place is None:
        return []
    words = "".join(dict.fromkeys(filter(None, (place.district, place.street, place.community, place.name))))
    return [("place", words, "发生地点")]


def sure_fills(routes: Sequence[Any]) -> list[tuple[str, str, str]]:
    """Matter and department where the first suggestion is sure enough."""
    best = routes[0] if routes else None
    if best is None or best["probability"] < SURE_ENOUGH or not best["department"]:
        return []
    return [("matter_code", best["matter"], "事项分类"), ("department", best["department"], "主办单位")]


def deadline_words(form: Form) -> str:
    """The department's limit, were it dispatched now; empty before anything is told."""
    kind, urgency = form.get("request_type") or RequestType.HELP.value, form.get("urgency") or "normal"
    book, moment = rules(), clock.now()
    limit = book.limits.find(ClockKind.HANDLE.value, kind, urgency, clock.city_day(moment))
    if limit is None or not form.get("content"):
        return ""
    due = due_at(moment, limit, book.calendar, book.counting)
    return f"现在派单，办理时限至 {clock.shown(due.at)}{'（暂定）' if due.provisional else ''}。"


def alarm_of(form: Form) -> Any:
    """Words of danger in what was told, heard here and now (spine.md, “The web never thinks”)."""
    heard = urgency_of(form.get("content", ""), form.get("place", ""))
    if heard.grade not in ALARMING:
        return None
    return SimpleNamespace(words=heard.words, line=heard.line, seen=bool(form.get("emergency_seen")))


def knowledge(found: FoundEntries | None, *, asked: bool) -> dict[str, Any]:
    """The variables of agent/knowledge.html."""
    hits = [
        SimpleNamespace(
            entry_id=one["id"], version=one["version"], title=one["title"], answer=one["answer_short"],
            snippet=marked(one["excerpt"], one["words"]), source=one["owner"], updated_on=one["date"],
            expired=one["expired"],
        )
        for one in (found["entries"] if found else ())
    ]  # fmt: skip
    return {"available": found is not None or not asked, "asked": asked, "hits": hits}


def minutes(span: timedelta) -> str:
    """04:18."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
