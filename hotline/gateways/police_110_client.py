"""Posts a signed message to a 110 platform; what came back is for the caller to read."""

from dataclasses import dataclass
from datetime import datetime

import requests

from hotline.errors import DeskError
from hotline.signing import sign

TIMEOUT_SECONDS = (3, 6)
"""To connect, and between two parts of the answer."""
LONGEST_ANSWER = 20_000


class PoliceUnreached(DeskError):
    """No answer, or one that refuses the message: to be tried again."""

    status = 502
    sentence = "110平台没有应答。"


@dataclass(frozen=True)
class Parcel:
    """One message ready to be sent; `url` is the platform's address, `path` what is signed with the body."""

    message_id: int
    url: str
    path: str
    body: bytes
    secret: str


def post(parcel: Parcel, now: datetime) -> bytes:
    """The raw answer. Raises `PoliceUnreached` for silence and for every status but 200."""
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Timestamp": timestamp,
        "X-Signature": sign(parcel.secret, timestamp, "POST", parcel.path, parcel.body),
    }
    try:
        with requests.Session() as line:
            line.trust_env = False  # a proxy or .netrc of this machine is none of 110's business
            answer = line.post(
                parcel.url.rstrip("/") + parcel.path, data=parcel.body, headers=headers,
                timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True,
            )  # fmt: skip
            if answer.status_code != 200:
                raise PoliceUnreached(f"110平台没有接收，答复代码{answer.status_code}。")
            return next(answer.iter_content(LONGEST_ANSWER), b"")
    except requests.RequestException as problem:
        raise PoliceUnreached() from problem
