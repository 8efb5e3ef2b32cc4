"""The carrier's later word about a text message, believed only when signed, in whatever order it comes."""

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from hotline.database import session, transaction
from hotline.models import Invitation, Message
from hotline.tickets import ending
from tests.makers import drain, person, send_demand, ticket


@pytest.fixture
def invited(desk, messages):
    """An invitation that the carrier took."""
    no = send_demand("请问居住证到期了怎么办理续签，需要什么材料。")
    with transaction():
        ending.answer_directly(ticket(no), person("dispatcher1"), "请携带身份证到派出所窗口办理。", None)
    drain()
    query = select(Message).where(Message.ticket_no == no, Message.template == "review_invitation")
    return session().execute(query).scalar_one()


def tell(web, config, key, status, signature=None):
    address = f"{config.base_url}/twilio/message-status?key={key}"
    form = {"MessageSid": "SM1", "MessageStatus": status}
    signed = signature or RequestValidator(config.twilio_token).compute_signature(address, form)
    path = f"/twilio/message-status?key={key}"
    return web.post(path, data=form, headers={"X-Twilio-Signature": signed}).status_code


def state_of(message):
    return session().get_one(Message, message.id, populate_existing=True).state


def delivered_at(message):
    number = int(message.params["invitation"])
    return session().get_one(Invitation, number, populate_existing=True).delivered_at


def test_a_lost_invitation_no_longer_counts_as_delivered(web, config, invited):
    assert delivered_at(invited) is not None
    assert tell(web, config, invited.idempotency_key, "undelivered") == 200
    assert (state_of(invited), delivered_at(invited)) == ("lost", None)


def test_a_delivered_message_stays_delivered_when_an_older_report_comes_late(web, config, invited):
    assert tell(web, config, invited.idempotency_key, "delivered") == 200
    assert tell(web, config, invited.idempotency_key, "failed") == 200
    assert state_of(invited) == "delivered"


def test_a_forged_report_and_an_unknown_key_change_nothing(web, config, invited):
    assert tell(web, config, invited.idempotency_key, "failed", "forged") == 403
    assert tell(web, config, "nonsense", "failed") == 200
    assert state_of(invited) == "sent"
