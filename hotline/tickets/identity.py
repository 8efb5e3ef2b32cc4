"""Seals and opens what identifies a requester; every opening by a person goes through `people.access`
first."""

import json
from dataclasses import dataclass

from flask import current_app

from classifier.normalise import mask
from hotline import sealing
from hotline.database import session
from hotline.keys_file import Secrets
from hotline.models import Requester, Ticket
from hotline.models.words import Confidentiality
from hotline.sealing import FileRing
from hotline.tickets.anonymous import unnamed
from hotline.tickets.demand import Demand
from hotline.tickets.phone_number import shown_phone


@dataclass(frozen=True)
class Identity:
    """One requester in clear: only for those who may, or for the machine that dials."""

    name: str
    phone: str
    calling: str
    text: str
    place: str
    company: str
    credit_code: str


def keys() -> Secrets:
    """The desk's keys in this process."""
    found: Secrets = current_app.extensions["hotline-keys"]
    return found


def phone_hash(phone: str) -> bytes | None:
    """The keyed hash tickets of one number meet by."""
    return keys().ring.hash("phone", phone) if phone else None


def seal_requester(ticket_no: int, demand: Demand) -> Requester:
    """The requester's row for a new ticket."""
    file_key = keys().ring.new_file_key()
    ring = keys().ring.file_ring(file_key)
    return Requester(
        ticket_no=ticket_no,
        file_key=file_key,
        kind=demand.kind,
        labels=list(demand.labels),
        named=demand.named,
        **sealed_fields(ring, demand),
    )


def sealed_fields(ring: FileRing, demand: Demand) -> dict[str, bytes | None]:
    """The columns that hold what this person said and who they are."""
    words = json.dumps({"content": demand.text, "place": demand.place}, ensure_ascii=False)
    company = json.dumps({"company": demand.company, "credit_code": demand.credit_code}, ensure_ascii=False)
    return {
        "name_sealed": ring.seal(demand.name) if demand.name else None,
        "phone_sealed": ring.seal(demand.phone) if demand.phone else None,
        "calling_sealed": ring.seal(demand.calling) if demand.calling else None,
        "company_sealed": ring.seal(company) if demand.company else None,
        "words_sealed": ring.seal(words),
        "phone_hash": phone_hash(demand.phone or demand.calling),
    }


def file_ring(requester: Requester) -> FileRing:
    """What seals and opens this case's words and files."""
    return keys().ring.file_ring(requester.file_key)


def open_requester(requester: Requester) -> Identity:
    """The requester in clear."""
    ring = file_ring(requester)
    words, company = json.loads(ring.open(requester.words_sealed)), company_of(requester)
    name, phone, calling = (
        ring.open(sealed) if sealed else ""
        for sealed in (requester.name_sealed, requester.phone_sealed, requester.calling_sealed)
    )
    return Identity(
        name=name, phone=phone, calling=calling, text=words["content"], place=words["place"],
        company=company.get("company", ""), credit_code=company.get("credit_code", ""),
    )  # fmt: skip


def company_of(requester: Requester) -> dict[str, str]:
    """Name and code of an enterprise; empty for a person."""
    sealed = requester.company_sealed
    found: dict[str, str] = json.loads(file_ring(requester).open(sealed)) if sealed else {}
    return found


def masked(requester: Requester) -> dict[str, str]:
    """Name and number as screens show them: 张**, 138****5678."""
    who = open_requester(requester)
    number = who.phone or who.calling
    return {
        "name": sealing.mask_name(who.name),
        "phone": sealing.mask_phone(shown_phone(number)) if number else "",
        "company": sealing.mask_name(who.company),
    }


def without_identity(ticket_no: int, words: str) -> str:
    """What staff wrote, with numbers and the names of requester and company replaced by marks before it is stored."""
    words = as_kept(ticket_no, words)
    requester = session().get_one(Requester, ticket_no)
    name = file_ring(requester).open(requester.name_sealed) if requester.name_sealed else ""
    names = (name, company_of(requester).get("company", ""))
    return mask(words.strip(), tuple(filter(None, names)))


def as_kept(ticket_no: int, words: str) -> str:
    """Free words as a ticket's file may keep them sealed: as said, but for an anonymous one with nobody in them."""
    nobody = session().get_one(Ticket, ticket_no).confidentiality is Confidentiality.ANONYMOUS
    return unnamed(words) if nobody else words.strip()


def seal_words(requester: Requester, words: str) -> bytes | None:
    """Free words of or about the requester, sealed beside the first ones; None for none."""
    kept = as_kept(requester.ticket_no, words)
    return file_ring(requester).seal(kept) if kept else None


def add_words(requester: Requester, words: str, mark: str = "补充") -> None:
    """Seal what the requester added beside what they said first, after a mark that keeps it apart."""
    words = as_kept(requester.ticket_no, words)
    ring = file_ring(requester)
    said = json.loads(ring.open(requester.words_sealed))
    said["content"] += f"\n{mark}：{words}"
    requester.words_sealed = ring.seal(json.dumps(said, ensure_ascii=False))
