"""How the pretend Twilio delivers a webhook: signed, retried as the address asks, and on request badly."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag
from uuid import uuid4

import requests
from twilio.request_validator import RequestValidator
from urllib3.exceptions import ProtocolError


class NoAnswer(Exception):
    """No usable answer came, retries and fallback included; the sentence is what happened last."""


@dataclass(frozen=True)
class Overrides:
    """What stands behind `#` in a webhook's address. Times in seconds (milliseconds there)."""

    connect: float
    read: float
    retries: int
    policies: frozenset[str]


@dataclass(frozen=True)
class Mischief:
    """A bad day: each message `copies` times, the first answers lost, statuses told last one first."""

    copies: int = 1
    lost_answers: int = 0
    statuses_reversed: bool = False


def read_overrides(url: str) -> tuple[str, Overrides]:
    """The address without its fragment, and the fragment's wishes or Twilio's defaults for them."""
    address, fragment = urldefrag(url)
    wishes = {name: values[-1] for name, values in parse_qs(fragment).items()}
    total = int(wishes.get("tt", 15000))
    return address, Overrides(
        connect=int(wishes.get("ct", 5000)) / 1000,
        read=min(int(wishes.get("rt", 15000)), total) / 1000,
        retries=min(max(int(wishes.get("rc", 1)), 0), 5),
        policies=frozenset(wishes.get("rp", "ct").split(",")))


class Webhooks:
    """Delivers to the desk. `fallback_url` is asked when the address of a call's step gives no answer."""

    def __init__(self, account_sid: str, token: str, fallback_url: str = "",
                 mischief: Mischief | None = None) -> None:
        self.account_sid = account_sid
        self.validator = RequestValidator(token)
        self.fallback_url = fallback_url
        self.mischief = mischief or Mischief()
        self._to_lose = self.mischief.lost_answers

    def ask(self, url: str, params: Mapping[str, str]) -> str:
        """The TwiML a step answers with. Raises NoAnswer."""
        try:
            return self._deliver(url, params)
        except NoAnswer as failed:
            if not self.fallback_url:
                raise
            return self._deliver(self.fallback_url, {**params, "ErrorCode": "11200", "ErrorUrl": url,
                                                     "ErrorMessage": str(failed)})

    def tell(self, url: str, params: Mapping[str, str]) -> None:
        """A notice; like Twilio's, best effort."""
        with contextlib.suppress(NoAnswer):
            self._deliver(url, params)

    def _deliver(self, url: str, params: Mapping[str, str]) -> str:
        address, wishes = read_overrides(url)
        sent = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", **params}
        headers = {"X-Twilio-Signature": self.validator.compute_signature(address, sent),
                   "I-Twilio-Idempotency-Token": str(uuid4())}
        failure = ""
        for _ in range(wishes.retries + 1):
            for _ in range(self.mischief.copies):
                answer, kind, failure = self._post(address, sent, headers, wishes)
            if answer is not None:
                return answer
            if not wishes.policies & {kind, "all"}:
                break
        raise NoAnswer(failure)

    def _post(self, address: str, sent: Mapping[str, str], headers: Mapping[str, str],
              wishes: Overrides) -> tuple[str | None, str, str]:
        """The answer or None, the kind of failure as retry policies name it, and a sentence."""
        try:
            answer = requests.post(address, data=sent, headers=headers, timeout=(wishes.connect, wishes.read))
        except requests.RequestException as broken:
            late = isinstance(broken, requests.ReadTimeout) or isinstance(broken.args[0], ProtocolError)
            return None, "rt" if late else "ct", type(broken).__name__
        if self._to_lose:
            self._to_lose -= 1
            return None, "rt", "answer lost"
        if answer.status_code >= 400:
            return None, f"{answer.status_code // 100}xx", f"HTTP {answer.status_code}"
        return answer.text, "", ""
