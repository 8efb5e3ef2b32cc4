"""What the carrier says later about a text message: delivered, or not after all."""

from sqlalchemy import select

from hotline.database import note_topic, session
from hotline.models import Archive, Invitation, Message

DELIVERED = frozenset({"delivered", "read"})
LOST = frozenset({"undelivered", "failed"})
UNDELIVERED = "运营商未能送达"


def report(idempotency_key: str, status: str) -> None:
    """Keep the report, unless the file is archived; what was delivered stays so, whatever comes out of order."""
    message = _of_key(idempotency_key)
    if message is None or message.state == "delivered" or status not in DELIVERED | LOST:
        return
    if status in DELIVERED:
        message.state, message.problem = "delivered", ""
    else:
        message.state, message.problem = "lost", UNDELIVERED
        if "invitation" in message.params:
            session().get_one(Invitation, int(message.params["invitation"])).delivered_at = None
    note_topic(f"ticket:{message.ticket_no}")


def _of_key(key: str) -> Message | None:
    number = key.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) == 16):
        return None
    query = select(Message).where(Message.ticket_no == int(number), Message.idempotency_key == key)
    read_only = Message.ticket_no.in_(select(Archive.ticket_no))
    return session().execute(query.where(~read_only).limit(1)).scalar_one_or_none()
