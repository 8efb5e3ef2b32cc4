"""The web form: what a citizen typed becomes a Demand."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from hotline.channels.uploads import SomeFile, keep_files
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import InboxRow, Ticket
from hotline.models.caller_words import CallerLabel
from hotline.models.words import Confidentiality, RequestType, Source
from hotline.tickets.anonymous import level_of, nameless
from hotline.tickets.demand import Demand, Envelope, Receipt
from hotline.tickets.find import by_number
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.phone_number import read_phone
from hotline.tickets.receive import receive_demand
from hotline.tickets.repeats import own_repeat
from hotline.tickets.rulebook import setting
from hotline.tickets.supplement import supplement
from hotline.tickets.told_besides import FIELDS, read_with
from routing.empty_text import says_nothing

PLATFORM = "web"
ASK_BACK = "看不出您要反映什么。请写明发生了什么、在哪里、什么时候；如果就是这些话，再点一次提交即可。"
ASKED_BACK = 200
"""So many characters of a text tell that it is the one that was asked back about."""


def read_demand(typed: Callable[[str, int], str], ticked: Callable[[str], bool]) -> Demand:
    """The demand as typed, with the enterprise and what could not be got done. Raises `BadInput`."""
    besides = {name: typed(name, 200) for name in FIELDS}
    return read_with(lambda: _read_plain(typed, ticked), besides)


def _read_plain(typed: Callable[[str, int], str], ticked: Callable[[str], bool]) -> Demand:
    """The demand as typed. Raises `BadInput` with a sentence for every field that is wrong; a text that says nothing
    is asked back about once."""
    problems: dict[str, str] = {}

    def read(name: str, limit: int) -> str:
        try:
            return typed(name, limit)
        except BadInput as problem:
            problems.update(problem.fields)
            return ""

    text, place, name = read("content", setting("text_limit")), read("place", 200), read("name", 40)
    level, phone = level_of(ticked("anonymous"), ticked("confidential")), read("phone", 40)
    nobody = level is Confidentiality.ANONYMOUS
    try:
        phone = "" if nobody else read_phone(phone, needed="phone" not in problems)
    except BadInput as problem:
        problems.update(problem.fields)
    if not text and "content" not in problems:
        problems["content"] = "请写明发生了什么。"
    elif says_nothing(text) and read("asked_back", ASKED_BACK) != text[:ASKED_BACK]:
        problems.setdefault("content", ASK_BACK)
    if problems:
        raise BadInput(**problems)
    kind, label = read("request_type", 24), read("caller_label", 24)
    return nameless(Demand(
        source=Source.WEB, text=text, place=place, name=name, phone=phone,
        request_type=RequestType(kind) if kind in set(RequestType) else None,
        confidentiality=level,
        labels=(label,) if label in set(CallerLabel) else (),
    ))  # fmt: skip


def receive_web_form(demand: Demand, form_key: str, files: Iterable[SomeFile] = ()) -> Receipt:
    """One ticket for one form, however often it is sent; photos are kept the first time only."""
    receipt = receive_demand(demand, Envelope(PLATFORM, form_key, body_of(demand)))
    if not receipt.repeated:
        keep_files(receipt.ticket_no, files, "citizen")
    return receipt


def told_before(demand: Demand, form_key: str, proven: Sequence[str]) -> Ticket | None:
    """The ticket by which this browser's person told the same; None for a form that is only sent twice."""
    again = own_repeat(demand, proven)
    return None if again is None or session().get(InboxRow, (PLATFORM, form_key)) is not None else again


def supplement_ticket(ticket_no: int, words: str) -> None:
    """The requester adds something: sealed beside the original, readable in the masked copy."""
    supplement(by_number(ticket_no), REQUESTER, words)


def body_of(demand: Demand) -> bytes:
    """What makes two sendings of one form the same."""
    parts: Sequence[str] = (
        demand.text, demand.place, demand.name, demand.phone, demand.confidentiality, demand.request_type or "",
        demand.kind, demand.company, demand.credit_code,
    )  # fmt: skip
    return "\n".join(parts).encode()


def to_send_again(form: Mapping[str, str], problems: Mapping[str, str]) -> str:
    """What the page keeps when it asks back, so that the same words are taken the second time."""
    return form.get("content", "").strip()[:ASKED_BACK] if problems.get("content") == ASK_BACK else ""
