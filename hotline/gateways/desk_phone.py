"""The agents' simulated desk phones, reached through the pretend Twilio; a real one is picked up by hand."""

import time

from hotline.errors import DeskError, IllegalStep

TIMEOUT = 3.0
LOOKS, PAUSE = 10, 0.2
"""Seconds, and how often to look whether it rings: whoever clicks at once need not click twice; default."""


class PickUpByHand(DeskError):
    """There is no simulated phone here."""

    status = 409
    sentence = "请直接拿起坐席话机接听。"


def pick_up(api_url: str, address: str) -> None:
    """Pick up the phone at `address`, which may begin to ring within a moment.

    Raises `PickUpByHand` for a real phone, `IllegalStep` when none rings.
    """
    import requests  # a web process without simulated phones never loads it

    if not (api_url and address.startswith("client:")):
        raise PickUpByHand
    try:
        leg = _ringing(api_url, address)
        requests.post(f"{api_url}/caller/calls/{leg}/answer", timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as silence:
        raise IllegalStep("坐席话机没有响应，请稍候再试。") from silence


def _ringing(api_url: str, address: str) -> str:
    import requests

    for _ in range(LOOKS):
        found = requests.get(f"{api_url}/caller/calls", params={"to": address}, timeout=TIMEOUT)
        found.raise_for_status()
        legs: list[str] = [one["call"] for one in found.json()["calls"] if one["status"] in {"queued", "ringing"}]
        if legs:
            return legs[-1]
        time.sleep(PAUSE)
    raise IllegalStep("话机尚未振铃或来电已挂断，请稍候再试。")
