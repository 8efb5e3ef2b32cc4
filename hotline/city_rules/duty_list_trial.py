"""What a changed duty list would have done to the last month's tickets: read again, nothing written to any of them.

Both lists are asked with the guesses the machine made then, on the day from which all changed rows hold, so that
nothing but the change of the list can send a ticket elsewhere. Reports and confidential cases are left out: people
dispatch them. The administrator reads numbers, matters and units, no word of a citizen.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from hotline import clock
from hotline.city_rules.data_uploads import Preview, preview, upload_of
from hotline.city_rules.table_lines import newest_id, today
from hotline.database import session
from hotline.errors import BadInput
from hotline.models import DataUpload, MachineGuess, Ticket
from hotline.models.words import RequestType
from hotline.tickets.dispatch import OPEN_MATTERS
from hotline.tickets.lifecycle import put
from hotline.tickets.placing import case_of
from hotline.tickets.rulebook import duty_row_of, rules
from routing.case import MatterGuess
from routing.choose import choose_department
from routing.duty_list import DutyList

DAYS = 30
"""How far back tickets are read (default)."""
CHUNK = 500
MOST_LISTED = 1000
"""Of the tickets that would go elsewhere, the newest so many are listed; all are counted (default)."""
NUMBERS_A_DAY = 10**8


@dataclass(frozen=True)
class Lists:
    """The duty list in force and the one to come, both asked on the same day."""

    present: DutyList
    coming: DutyList
    on: date


def ask_for_trial(upload_id: int) -> None:
    """Have a worker try a kept duty list; nothing more when one already does. Raises `BadInput`."""
    row = upload_of(upload_id, hold=True)
    if row.kind != "duty-list":
        raise BadInput("只有确责清单可以试算。")
    if not row.trial or row.trial["done"]:
        row.trial = {"done": False, "read": 0, "total": None}
        put("try_duty_list", None, {"upload": row.id}, at=clock.now())


def begin(upload_id: int) -> Lists | None:
    """Both lists, and the count of tickets to read; None when the file is no more. Raises BadTable."""
    if session().get(DataUpload, upload_id) is None:
        return None
    found = preview(upload_id)
    total = session().execute(select(func.count()).select_from(tried().subquery())).scalar_one()
    found.upload.trial = {
        "done": False, "read": 0, "total": total, "on": day_of(found).isoformat(), "version": newest_id("duty-list"),
        "guessed": 0, "elsewhere": 0, "ways": [], "cases": [],
    }  # fmt: skip
    coming = DutyList(tuple(duty_row_of(entry.value, entry.number) for entry in found.entries))
    return Lists(rules().duty_list, coming, day_of(found))


def day_of(found: Preview) -> date:
    """The day from which all changed rows hold, today at the earliest."""
    starts = [date.fromisoformat(one.after["valid_from"]) for one in found.changes if one.after]
    return max([today(), *starts])


def tried() -> Select[Any]:
    """The numbers of the tickets that are read."""
    first = int(f"{today() - timedelta(days=DAYS):%Y%m%d}") * NUMBERS_A_DAY
    return select(Ticket.ticket_no).where(
        Ticket.ticket_no >= first, Ticket.is_test.is_(False), Ticket.request_type != RequestType.REPORT,
        Ticket.confidentiality.in_(OPEN_MATTERS),
    )  # fmt: skip


def try_chunk(upload_id: int, lists: Lists, below: int | None) -> int | None:
    """Read the next tickets, newest first, and add what was found to the file's trial; the number to go on below,
    None at the end or when the file is no more."""
    row = session().get(DataUpload, upload_id, with_for_update=True)
    if row is None or "guessed" not in row.trial:
        return None
    query = tried().where(Ticket.ticket_no < below) if below else tried()
    numbers = list(session().execute(query.order_by(Ticket.ticket_no.desc()).limit(CHUNK)).scalars())
    guesses = latest_guesses(numbers)
    found = list(elsewhere(guesses, lists))
    row.trial = added_to(row.trial, len(numbers), len(guesses), found) | {"done": len(numbers) < CHUNK}
    return numbers[-1] if len(numbers) == CHUNK else None


def latest_guesses(numbers: Sequence[int]) -> dict[int, list[Any]]:
    """The newest guesses of each ticket that the machine read."""
    query = (
        select(MachineGuess.ticket_no, MachineGuess.guesses)
        .where(MachineGuess.ticket_no.in_(numbers))
        .order_by(MachineGuess.id)
    )
    return {number: guesses for number, guesses in session().execute(query)}


def elsewhere(guesses: dict[int, list[Any]], lists: Lists) -> Iterator[list[Any]]:
    """Number, matter, present and coming department of each ticket that the two lists send to different ones."""
    tickets = session().execute(select(Ticket).where(Ticket.ticket_no.in_(guesses))).scalars()
    for ticket in sorted(tickets, key=lambda one: -one.ticket_no):
        told = guesses[ticket.ticket_no]
        mine = tuple(MatterGuess(one["matter_code"], one["probability"]) for one in told)
        before, after = (lead_by(one, ticket, mine, lists.on) for one in (lists.present, lists.coming))
        if before != after:
            yield [ticket.ticket_no, told[0]["matter_code"] if told else "", before, after]


def lead_by(duty_list: DutyList, ticket: Ticket, guesses: tuple[MatterGuess, ...], on: date) -> str:
    """The department a list names first, "" for none."""
    book = rules()
    routes = choose_department(replace(case_of(ticket, guesses), on=on), duty_list, book.gazetteer)
    return next((route.lead for route in routes if route.lead in book.departments), "")


def added_to(trial: dict[str, Any], read: int, guessed: int, found: Sequence[list[Any]]) -> dict[str, Any]:
    """The trial with one more chunk."""
    ways = Counter({(before, after): count for before, after, count in trial["ways"]})
    ways.update((before, after) for _, _, before, after in found)
    return trial | {
        "read": trial["read"] + read,
        "guessed": trial["guessed"] + guessed,
        "elsewhere": trial["elsewhere"] + len(found),
        "ways": [[*way, count] for way, count in ways.most_common()],
        "cases": (trial["cases"] + list(found))[:MOST_LISTED],
    }
