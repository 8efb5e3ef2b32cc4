"""A desk that knows the 110 platform of the hand-written messages, and ways to talk to it."""

import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline import clock
from hotline.channels.partners import SEALED_FOR, add_partner
from hotline.database import session, transaction
from hotline.models import JournalEntry, OutboxRow, Partner, PartnerMessage, Requester
from hotline.signing import sign
from hotline.tickets.identity import keys, open_requester
from tests.police110.written_messages import message

PLATFORM = "jz110"
SECRET = message("good_push")["secret"]


def know_police(url: str = "http://127.0.0.1:9") -> None:
    """Register the platform with the secret of the written messages, or give it another address."""
    with transaction():
        if session().get(Partner, PLATFORM) is None:
            add_partner(PLATFORM, "江州市公安局110", "police", url)
        partner = session().get_one(Partner, PLATFORM)
        partner.url, partner.secret_sealed = url, keys().ring.seal(SECRET.encode(), SEALED_FOR)
        partner.next_secret_sealed = partner.ended_at = None


def deliver(client: FlaskClient, name: str) -> TestResponse:
    """Send a hand-written message as it stands."""
    written = message(name)
    headers = {"X-Timestamp": written["timestamp"], "X-Signature": written["signature"]}
    return client.post(written["path"], data=written["body"].encode(), headers=headers)


def deliver_body(client: FlaskClient, path: str, body: dict[str, str], secret: str = SECRET) -> TestResponse:
    """Send another message, signed now."""
    raw, stamp = json.dumps(body, ensure_ascii=False).encode(), str(int(clock.now().timestamp()))
    headers = {"X-Timestamp": stamp, "X-Signature": sign(secret, stamp, "POST", path, raw)}
    return client.post(path, data=raw, headers=headers)


def said(ticket_no: int) -> Any:
    """The requester in clear."""
    return open_requester(session().get_one(Requester, ticket_no, populate_existing=True))


def journal(ticket_no: int) -> list[JournalEntry]:
    """The journal of a ticket."""
    query = select(JournalEntry).where(JournalEntry.ticket_no == ticket_no).order_by(JournalEntry.seq)
    return list(session().execute(query).scalars())


def to_police(ticket_no: int) -> list[PartnerMessage]:
    """Our messages about a ticket."""
    query = select(PartnerMessage).where(PartnerMessage.ticket_no == ticket_no).order_by(PartnerMessage.id)
    return list(session().execute(query.execution_options(populate_existing=True)).scalars())


def make_due() -> None:
    """Let all waiting follow-ups be due now instead of after their back-off."""
    with transaction() as current:
        for row in current.execute(select(OutboxRow).where(OutboxRow.dead_at.is_(None))).scalars():
            row.not_before = clock.now()
