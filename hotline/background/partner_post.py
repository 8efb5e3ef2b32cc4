"""Sends what other platforms must hear: built anew and signed at each try, confirmed by RECEIVE=1 or tried again."""

from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.channels.partners import open_secret
from hotline.channels.police_110_messages import Confirmation, parse_confirmation
from hotline.channels.police_reports import build
from hotline.database import note_topic, session
from hotline.errors import NotConfigured
from hotline.gateways.police_110_client import Parcel, PoliceUnreached, post
from hotline.models import OutboxRow, Partner, PartnerMessage, TicketAlias

NOT_RECEIVED = "110平台答复未收到。"


def pack(row: OutboxRow) -> Parcel | None:
    """The message ready to go; None when it was confirmed already."""
    message = session().get_one(PartnerMessage, row.ref["message"])
    if message.state == "confirmed":
        return None
    message.state, message.tries = "waiting", message.tries + 1
    partner = session().get_one(Partner, message.platform)
    if partner.ended_at is not None or partner.secret_sealed is None:
        raise NotConfigured(f"平台 {message.platform} 已停用。")
    path, body = build(message)
    return Parcel(message.id, partner.url, path, body, open_secret(partner.secret_sealed))


def deliver(parcel: Parcel) -> Confirmation:
    """Send it. Raises `PoliceUnreached` unless 110 says that it got it."""
    line = current_app.extensions.get("hotline-partner-line", post)
    confirmation = parse_confirmation(line(parcel, clock.now()))
    if not confirmation.received:
        raise PoliceUnreached(NOT_RECEIVED)
    return confirmation


def record_confirmed(row: OutboxRow, confirmation: Confirmation | None) -> None:
    """Keep that 110 has it; the number it gave a ticket of ours becomes the ticket's alias."""
    message = session().get_one(PartnerMessage, row.ref["message"])
    if confirmation is None:
        return
    message.state, message.problem, message.confirmed_at = "confirmed", "", clock.now()
    if message.kind == "push":
        message.number = confirmation.alarm_no
        alias = insert(TicketAlias).values(
            platform=message.platform,
            number=confirmation.alarm_no,
            ticket_no=message.ticket_no,
            given_at=clock.now(),
        )
        session().execute(alias.on_conflict_do_nothing())
    note_topic(f"ticket:{message.ticket_no}")


def give_up(row: OutboxRow) -> None:
    """After the last try: said on the message as well as by the dead row."""
    message = session().get_one(PartnerMessage, row.ref["message"])
    message.state, message.problem = "given_up", row.problem
    note_topic(f"ticket:{message.ticket_no}", "board")
