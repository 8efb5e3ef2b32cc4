"""How the desk talks to Twilio's REST interface: credentials, addresses, time-outs, errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests import RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from hotline.errors import NotConfigured
from hotline.gateways.carrier import CallGone, Capabilities, CarrierFailed, CarrierRefused

TIMEOUT = 10.0
"""Seconds to wait for Twilio; default."""
GONE = {20404, 21220}
MAINLAND = "+86"


@dataclass(frozen=True)
class TwilioAccount:
    """One account. `number` is ours in E.164; `region` and `edge` empty for us1.

    `api_base_url` sends every request elsewhere, such as to the pretend Twilio of the demo.
    """

    sid: str
    token: str
    number: str
    region: str = ""
    edge: str = ""
    api_base_url: str = ""

    def connect(self) -> Client:
        """A client that takes nothing from TWILIO_* variables: those silently change where requests go."""
        http = RedirectedHttp(self.api_base_url) if self.api_base_url else TwilioHttpClient(timeout=TIMEOUT)
        return Client(self.sid, self.token, region=self.region, edge=self.edge, http_client=http,
                      environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""})

    def media_url(self, recording: str) -> str:
        """Where a recording's sound is, as WAV."""
        region = self.region or ("us1" if self.edge else "")
        place = ".".join(filter(None, ["api", self.edge, region, "twilio.com"]))
        host = self.api_base_url.rstrip("/") or f"https://{place}"
        return f"{host}/2010-04-01/Accounts/{self.sid}/Recordings/{recording}.wav"


class RedirectedHttp(TwilioHttpClient):
    """Sends requests for api.twilio.com to `base_url`, and refuses every other host."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self.base_url = base_url.rstrip("/")

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        """As the parent's. Raises NotConfigured for a host that has no place here."""
        asked = urlsplit(url)
        ours = urlsplit(self.base_url).netloc
        if asked.netloc not in {"api.twilio.com", ours}:
            raise NotConfigured(f"电话服务请求了未配置的地址（{asked.netloc}）。")
        query = f"?{asked.query}" if asked.query else ""
        return super().request(method, f"{self.base_url}{asked.path}{query}", *args, **kwargs)


def capabilities(number: str) -> Capabilities:
    """What Twilio can do for a number.

    Twilio places no calls to mainland China since 2023-11-30 (Twilio Support, "Calling Limitations to
    China"); messages there go one way and may hold no link (Twilio's China SMS guidelines).
    """
    if number.startswith(("client:", "sip:")):
        return Capabilities(voice_out=True, sms_out=False, sms_in=False, url_in_sms=False)
    if number.startswith(MAINLAND):
        return Capabilities(voice_out=False, sms_out=True, sms_in=False, url_in_sms=False)
    known = number.startswith("+")
    return Capabilities(voice_out=known, sms_out=known, sms_in=known, url_in_sms=known)


def refuse_voice(number: str) -> None:
    """Raises CarrierRefused when no call can be placed to `number`."""
    if not capabilities(number).voice_out:
        raise CarrierRefused("Twilio线路不能呼叫中国大陆号码，请改用其他线路或联系方式。"
                             if number.startswith(MAINLAND) else "号码格式有误，请使用带国家代码的号码。")


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what Twilio's client raises into the refusals of `carrier`."""
    try:
        yield
    except TwilioRestException as refusal:
        if refusal.code in GONE or refusal.status == 404:
            raise CallGone from refusal
        if refusal.status == 401:
            raise NotConfigured("电话服务账号验证失败，请管理员核对密钥。") from refusal
        if refusal.status == 429 or refusal.status >= 500:
            raise CarrierFailed from refusal
        raise CarrierRefused(f"电话线路拒绝了请求（代码{refusal.code}）。") from refusal
    except RequestException as silence:
        raise CarrierFailed from silence
