"""Text messages: every template can be filled, links only where they are allowed, one key one message."""

import re
from collections.abc import Iterator

import pytest

from hotline.errors import BadInput
from hotline.gateways.messages import TEMPLATES, MessageRefused, MessagesInMemory, render
from hotline.gateways.twilio_account import TwilioAccount
from hotline.gateways.twilio_messages import TwilioMessages
from hotline.telephone.pretend_twilio import PretendSettings, serving
from tests.gateways.checked_http import CheckedHttp
from tests.telephone.toy_desk import TOKEN, serving_on_loopback

SID, NUMBER = "AC" + "1" * 32, "+85230012345"
PARAMS = {"city": "江州", "ticket_no": "20261121 0000 4318", "query_code": "ABCD2345",
          "link": "https://desk.example.com/r/x", "department": "望湖区城市管理执法局",
          "due": "2月27日 24:00", "callers": "12"}


@pytest.fixture
def line() -> Iterator[tuple[TwilioMessages, list[dict[str, str]]]]:
    """Twilio's messages on a pretend Twilio, and what arrives there."""
    server = serving(PretendSettings(SID, TOKEN, NUMBER, ""), 0)
    with serving_on_loopback(server) as base:
        account = TwilioAccount(SID, TOKEN, NUMBER, api_base_url=base)
        messages = TwilioMessages(account, "http://127.0.0.1:9/twilio/message-status")
        messages.client.http_client = CheckedHttp(base)
        yield messages, server.app.extensions["network"].messages


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_filled_and_free_of_links_where_they_are_forbidden(template: str) -> None:
    for links in (True, False):
        words = render(template, PARAMS, links=links)
        assert "{" not in words
        assert links or "http" not in words


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_names_its_sender_first_and_fits_four_message_parts(template: str) -> None:
    words = render(template, PARAMS, links=True)
    assert re.match("【江州12345】", words)
    assert len(words) <= 4 * 67


def test_an_unknown_template_and_a_missing_parameter_are_refused() -> None:
    with pytest.raises(BadInput):
        render("greeting_card", PARAMS, links=True)
    with pytest.raises(BadInput):
        render("ticket_received", {"city": "江州"}, links=True)


def test_the_same_key_is_one_message() -> None:
    messages = MessagesInMemory()
    first = messages.send("+8613900000001", "ticket_received", PARAMS, "k1")
    assert messages.send("+8613900000001", "ticket_received", PARAMS, "k1") == first
    assert messages.send("+8613900000001", "ticket_received", PARAMS, "k2") != first
    assert len(messages.sent) == 2


def test_a_mainland_number_gets_words_and_a_foreign_one_a_link(
        line: tuple[TwilioMessages, list[dict[str, str]]]) -> None:
    messages, arrived = line
    messages.send("+8613900000001", "review_invitation", PARAMS, "k1")
    receipt = messages.send("+85261234567", "review_invitation", PARAMS, "k2")
    assert receipt.message_id == arrived[1]["sid"]
    assert "http" not in arrived[0]["body"]
    assert "ABCD2345" in arrived[0]["body"]
    assert PARAMS["link"] in arrived[1]["body"]


def test_a_number_that_takes_no_messages_is_refused(
        line: tuple[TwilioMessages, list[dict[str, str]]]) -> None:
    messages, arrived = line
    for number in ("client:agent-7", "13900000001"):
        with pytest.raises(MessageRefused):
            messages.send(number, "ticket_received", PARAMS, "k")
    assert arrived == []
