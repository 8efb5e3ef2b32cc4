"""Cannot get it done (办不成事): which service, at which window, and what was refused (domain.md, inventory 24)."""

from collections.abc import Mapping, Sequence

from hotline.errors import BadInput
from routing.case import MatterGuess, Route

TAG = "cannot_get_done"
"""Marks these tickets, for lists and figures; also the name of the box that is ticked."""
GUESS = MatterGuess("1604", 1.0, ("办不成事",))
"""What the requester says themselves: the city's matter for it, led by the data bureau (domain.md §4, 16)."""
ASKED = (
    ("service_item", "办理事项", "请写明要办什么事。"),
    ("service_window", "窗口或大厅", "请写明在哪个大厅、窗口或网上平台办理。"),
    ("refused", "未办成的原因", "请写明哪一步没办成、对方怎么说。"),
)
REFUSED_FIELDS = tuple((name, words) for name, words, _ in ASKED)
FIELDS = (TAG, *(name for name, *_ in ASKED))
CONFIRM = "诉求人称办不成事，请人工确认承办单位后派单。"
MOST_ROUTES = 3


def read_details(form: Mapping[str, str]) -> str:
    """What was refused, as a line that goes with the text; "" when nothing was. Raises `BadInput` by field."""
    if not any(form.get(name) for name in FIELDS):
        return ""
    problems = {name: sentence for name, _, sentence in ASKED if not form.get(name)}
    if problems:
        raise BadInput(**problems)
    return "办不成事。" + "；".join(f"{words}：{form[name]}" for name, words, _ in ASKED)


def proposed_first(own: Sequence[Route], read: Sequence[Route]) -> tuple[Route, ...]:
    """The unit for these matters, then those that the text speaks for."""
    leads = {route.lead for route in own}
    return (*own, *(route for route in read if route.lead not in leads))[:MOST_ROUTES]
