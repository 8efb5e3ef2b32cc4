"""Tickets with a department's result in a period, each beside the row of today's duty list that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, select

from hotline import clock
from hotline.database import session
from hotline.models import Department, JournalEntry, Ticket
from hotline.models.words import RequestType
from hotline.supervision.scope import Scope
from hotline.supervision.sources import last_results
from hotline.tickets.dispatch import OPEN_MATTERS
from hotline.tickets.rulebook import rules
from routing.disagreements import Compared, SettledCase, compare_cases

MOST_CASES = 5000
"""So many of the newest results are compared, so that the page opens within a second (default)."""
DAYS = 90
"""The period unless another is asked for (default)."""


class Part(StrEnum):
    """Which of the compared cases a number counts."""

    ALL = "all"
    WITH_ROW = "with_row"
    FOLLOWED = "followed"
    AGAINST = "against"
    WITHOUT_ROW = "without_row"


@dataclass(frozen=True)
class Slice:
    """The cases behind a number: a part, narrowed by row, matter and acting department (None: any)."""

    part: Part = Part.ALL
    row: int | None = None
    matter: str | None = None
    department: str | None = None

    def holds(self, one: Compared) -> bool:
        """Whether a case belongs to it."""
        of_part = {
            Part.ALL: True,
            Part.WITH_ROW: one.row is not None,
            Part.FOLLOWED: one.followed,
            Part.AGAINST: one.row is not None and not one.followed,
            Part.WITHOUT_ROW: one.row is None,
        }
        found = one.row.id if one.row else None, one.case.matter_code, one.case.department
        asked = zip((self.row, self.matter, self.department), found, strict=True)
        return of_part[self.part] and all(wanted is None or wanted == is_ for wanted, is_ in asked)


@dataclass(frozen=True)
class Comparison:
    """The compared cases, newest result first; `cut` when there were more than are compared."""

    compared: Sequence[Compared]
    cut: bool

    def numbers(self, wanted: Slice) -> list[int]:
        """The tickets behind a number."""
        return [one.case.number for one in self.compared if wanted.holds(one)]


def compare_settled(scope: Scope) -> Comparison:
    """Who handled the period's cases beside whom today's duty list names; one statement."""
    book = rules()
    codes = {number: code for code, number in book.departments.items()}
    rows = session().execute(settled(scope).limit(MOST_CASES + 1)).all()
    cases = [settled_case(row, codes[row.department_id]) for row in rows[:MOST_CASES]]
    return Comparison(compare_cases(cases, book.duty_list), len(rows) > MOST_CASES)


def settled_case(row: Row[Any], department: str) -> SettledCase:
    """One row of `settled` as the library wants it."""
    received = clock.in_city(row.received_at)
    when = {"on": received.date(), "at": received.time()}
    return SettledCase(row.ticket_no, row.matter_code, row.area_code, row.text, department=department, **when)


def settled(scope: Scope) -> Select[Any]:
    """The last result of each ticket, newest first; a ticket given to another department since is left out.

    So are tests, reports, confidential cases and those in which a department had to stand back: what decides
    there is not the duty list.
    """
    columns = (
        Ticket.ticket_no, Ticket.matter_code, Ticket.area_code, Ticket.text, Ticket.received_at, Ticket.department_id,
    )  # fmt: skip
    return (
        last_results(scope)
        .with_only_columns(*columns, maintain_column_froms=True)
        .where(Ticket.department_id == JournalEntry.department_id, Ticket.respondent_department_id.is_(None))
        .where(Ticket.matter_code != "", Ticket.is_test.is_(False), Ticket.request_type != RequestType.REPORT)
        .where(Ticket.confidentiality.in_(OPEN_MATTERS))
        .order_by(JournalEntry.occurred_at.desc())
    )


def living_departments() -> set[str]:
    """The codes of the departments that may lead today."""
    return set(session().execute(select(Department.code).where(Department.valid_to.is_(None))).scalars())
