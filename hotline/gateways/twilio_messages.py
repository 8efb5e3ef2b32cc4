"""Text messages through Twilio."""

from collections.abc import Mapping

from hotline.gateways.carrier import CallGone, CarrierRefused
from hotline.gateways.messages import MessageRefused, Receipt, render
from hotline.gateways.twilio_account import TwilioAccount, capabilities, in_our_words


class TwilioMessages:
    """See `messages.Messages`. `status_url`, absolute and without query, is where Twilio reports delivery.

    The report's address carries the idempotency key, so that it must hold no personal data.
    Twilio itself knows no such key: a message whose answer was lost is sent once more.
    """

    def __init__(self, account: TwilioAccount, status_url: str) -> None:
        self.account = account
        self.status_url = status_url
        self.client = account.connect()

    def send(self, to: str, template: str, params: Mapping[str, str], idempotency_key: str) -> Receipt:
        """See `Messages.send`."""
        able = capabilities(to)
        if not able.sms_out:
            raise MessageRefused
        words = render(template, params, links=able.url_in_sms)
        try:
            with in_our_words():
                sent = self.client.messages.create(
                    to=to, from_=self.account.number, body=words,
                    status_callback=f"{self.status_url}?key={idempotency_key}")
        except (CarrierRefused, CallGone) as refusal:
            raise MessageRefused from refusal
        return Receipt(sent.sid)
