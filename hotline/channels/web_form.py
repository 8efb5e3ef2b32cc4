"""The web form: what a citizen typed becomes a Demand."""

from collections.abc import Callable, Iterable, Sequence

from hotline.channels.uploads import SomeFile, keep_files
from hotline.errors import BadInput
from hotline.models.words import Confidentiality, RequestType, Source
from hotline.tickets.demand import Demand, Envelope, Receipt
from hotline.tickets.find import by_number
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.phone_number import read_phone
from hotline.tickets.receive import receive_demand
from hotline.tickets.rulebook import setting
from hotline.tickets.supplement import supplement

MIN_CHARACTERS = 5
PLATFORM = "web"


def read_demand(typed: Callable[[str, int], str], ticked: Callable[[str], bool]) -> Demand:
    """The demand as typed. Raises `BadInput` with a sentence for every field that is wrong."""
    problems: dict[str, str] = {}

    def read(name: str, limit: int) -> str:
        try:
            return typed(name, limit)
        except BadInput as problem:
            problems.update(problem.fields)
            return ""

    text, place, name = read("content", setting("text_limit")), read("place", 200), read("name", 40)
    phone = read("phone", 40)
    try:
        phone = read_phone(phone, needed="phone" not in problems)
    except BadInput as problem:
        problems.update(problem.fields)
    if "content" not in problems and readable_length(text) < MIN_CHARACTERS:
        problems["content"] = "请写明发生了什么，至少5个字。"
    if problems:
        raise BadInput(**problems)
    kind = read("request_type", 24)
    return Demand(
        source=Source.WEB, text=text, place=place, name=name, phone=phone,
        request_type=RequestType(kind) if kind in set(RequestType) else None,
        confidentiality=Confidentiality.CONFIDENTIAL if ticked("confidential") else Confidentiality.OPEN,
    )  # fmt: skip


def receive_web_form(demand: Demand, form_key: str, files: Iterable[SomeFile] = ()) -> Receipt:
    """One ticket for one form, however often it is sent; photos are kept the first time only."""
    receipt = receive_demand(demand, Envelope(PLATFORM, form_key, body_of(demand)))
    if not receipt.repeated:
        keep_files(receipt.ticket_no, files, "citizen")
    return receipt


def supplement_ticket(ticket_no: int, words: str) -> None:
    """The requester adds something: sealed beside the original, readable in the masked copy."""
    supplement(by_number(ticket_no), REQUESTER, words)


def body_of(demand: Demand) -> bytes:
    """What makes two sendings of one form the same."""
    parts: Sequence[str] = (
        demand.text, demand.place, demand.name, demand.phone, demand.confidentiality, demand.request_type or "",
    )  # fmt: skip
    return "\n".join(parts).encode()


def readable_length(text: str) -> int:
    """How many letters, digits or characters the text has; emoji and signs don't count."""
    return sum(1 for one in text if one.isalnum())
