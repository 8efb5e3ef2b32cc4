"""What a form tells besides the words and the person: the enterprise, and what could not be got done."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hotline.errors import BadInput
from hotline.tickets import cannot_get_done, enterprise
from hotline.tickets.demand import Demand

FIELDS = (*enterprise.FIELDS, *cannot_get_done.FIELDS)


def read_with(read: Callable[[], Demand], form: Mapping[str, str]) -> Demand:
    """The demand that `read` makes, with what this form tells besides. Raises `BadInput` with all that is wrong."""
    found: list[Any] = []
    problems: dict[str, str] = {}
    for one in (read, lambda: cannot_get_done.read_details(form), lambda: enterprise.read_enterprise(form)):
        try:
            found.append(one())
        except BadInput as problem:
            problems |= problem.fields
    if problems:
        raise BadInput(**problems)
    demand, details, company = found
    tags = (cannot_get_done.TAG,) if details else ()
    return replace(demand, text=f"{demand.text}\n{details}".strip(), tags=(*demand.tags, *tags), **company)
