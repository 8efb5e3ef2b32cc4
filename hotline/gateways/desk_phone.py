"""The agents' simulated desk phones, reached through the pretend Twilio; a real one is picked up by hand."""

import requests

from hotline.errors import DeskError, IllegalStep

TIMEOUT = 3.0
"""Seconds; default."""


class PickUpByHand(DeskError):
    """There is no simulated phone here."""

    status = 409
    sentence = "请直接拿起坐席话机接听。"


def pick_up(api_url: str, address: str) -> None:
    """Pick up the phone at `address`. Raises `PickUpByHand` for a real one, `IllegalStep` when none rings."""
    if not (api_url and address.startswith("client:")):
        raise PickUpByHand
    try:
        found = requests.get(f"{api_url}/caller/calls", params={"to": address}, timeout=TIMEOUT)
        found.raise_for_status()
        ringing = [call["call"] for call in found.json()["calls"] if call["status"] in {"queued", "ringing"}]
        if not ringing:
            raise IllegalStep("话机尚未振铃或来电已挂断，请稍候再试。")
        requests.post(f"{api_url}/caller/calls/{ringing[-1]}/answer", timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as silence:
        raise IllegalStep("坐席话机没有响应，请稍候再试。") from silence
