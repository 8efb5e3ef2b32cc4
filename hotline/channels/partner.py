"""The door of other platforms: a demand sent as JSON becomes a Demand."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from hotline.errors import Conflict
from hotline.models.words import RequestType, Source
from hotline.tickets.amend import PARTNER
from hotline.tickets.anonymous import level_of, nameless
from hotline.tickets.demand import Demand, Envelope, Receipt, Upstream
from hotline.tickets.phone_number import read_phone
from hotline.tickets.receive import receive_demand

UPSTREAM_TAKEN = "该上游编号已登记为另一张工单，未重复受理。"


@dataclass(frozen=True)
class PartnerDemand:
    """What a partner's message says, as sent; its form was checked by the web."""

    content: str
    place: str = ""
    name: str = ""
    phone: str = ""
    request_type: RequestType | None = None
    confidential: bool = False
    anonymous: bool = False
    caller_label: str | None = None
    upstream_no: str = ""


def receive_partner_demand(said: PartnerDemand, envelope: Envelope) -> Receipt:
    """One ticket for one idempotency key. Raises `BadInput` for a phone number that is none, `Conflict`."""
    demand = nameless(Demand(
        source=Source.PARTNER,
        text=said.content.strip(),
        place=said.place.strip(),
        name=said.name.strip(),
        phone=read_phone(said.phone),
        request_type=said.request_type,
        confidentiality=level_of(said.anonymous, said.confidential),
        labels=(said.caller_label,) if said.caller_label else (),
        upstream=Upstream(envelope.platform, said.upstream_no) if said.upstream_no else None,
    ))  # fmt: skip
    try:
        return receive_demand(demand, envelope, PARTNER)
    except IntegrityError as problem:
        raise Conflict(UPSTREAM_TAKEN) from problem
