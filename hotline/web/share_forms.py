"""Reads the form by which a unit is called in, or given a part from above."""

from datetime import UTC, datetime

from hotline.clock import CITY_ZONE
from hotline.errors import BadInput
from hotline.tickets.sharing import ShareForm
from hotline.web.dispatch_form import read_unit
from hotline.web.form_reading import typed


def read_share() -> ShareForm:
    """Unit, task and limit as typed. Raises `BadInput`."""
    return ShareForm(read_unit("department"), typed("words", 500), read_until(typed("until", 16)))


def read_until(written: str) -> datetime | None:
    """A moment of the city's clock, None when none was chosen. Raises `BadInput`."""
    try:
        local = datetime.fromisoformat(written).replace(tzinfo=CITY_ZONE) if written else None
    except ValueError:
        raise BadInput(until="请填写截止的日期和时间。") from None
    return local.astimezone(UTC) if local else None
