"""The demand (诉求): what any channel hands in, and the envelope that lets it come twice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.models.words import Confidentiality, RequestType, Source


@dataclass(frozen=True)
class Upstream:
    """The number another platform gave this demand."""

    platform: str
    number: str


@dataclass(frozen=True)
class Demand:
    """What one person wants, as typed. `phone` is in the form of `read_phone`; `calling` came from the
    network."""

    source: Source
    text: str
    place: str = ""
    name: str = ""
    phone: str = ""
    calling: str = ""
    title: str = ""
    request_type: RequestType | None = None
    confidentiality: Confidentiality = Confidentiality.OPEN
    named: bool = False
    kind: str = "person"
    company: str = ""
    credit_code: str = ""
    labels: tuple[str, ...] = ()
    upstream: Upstream | None = None
    occurred_at: datetime | None = None
    is_test: bool = False
    tags: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the other platform says besides, for the journal; no identity."""


@dataclass(frozen=True)
class Envelope:
    """Where a message came from, its key there, and its body: same key and body → the same answer."""

    platform: str
    key: str
    body: bytes

    @property
    def body_hash(self) -> bytes:
        """What is kept of the body."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True)
class Receipt:
    """What the sender gets back. `repeated` is true when this very message was here before."""

    ticket_no: int
    query_code: str
    repeated: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
