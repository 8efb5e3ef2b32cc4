"""The three ledgers for leaders: 久拖不决, 推诿扯皮, 办理不力 (domain.md §13, W39: Shenyang's three lists)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, or_, select, text

from hotline import clock
from hotline.models import Ticket
from hotline.models.ticket import AGAIN
from hotline.models.words import ENDED, State
from hotline.tickets.rulebook import setting

TWICE = literal_column("2")


@dataclass(frozen=True)
class Ledger:
    """One list of open tickets: its name, what puts a ticket into it, and the condition."""

    key: str
    label: str
    definition: Callable[[], str]
    holds: Callable[[], ColumnElement[bool]]

    def tickets(self) -> Select[tuple[Ticket]]:
        """Its tickets; to be read by number, the first received first."""
        ended = bindparam("ended", sorted(ENDED), expanding=True, literal_execute=True)
        return select(Ticket).where(
            Ticket.state.not_in(ended), Ticket.state != State.DRAFT, Ticket.is_test.is_(False), self.holds()
        )


def _long_ago() -> ColumnElement[bool]:
    day = clock.city_day(clock.now() - timedelta(days=setting("ledger_days")))
    return Ticket.ticket_no < int(f"{day:%Y%m%d}") * 10**8


def _returned() -> ColumnElement[bool]:
    return and_(text(AGAIN), Ticket.returns >= TWICE)


def _again() -> ColumnElement[bool]:
    return and_(text(AGAIN), or_(Ticket.rehandles >= TWICE, Ticket.rectify_rounds >= TWICE))


LEDGERS = {
    one.key: one
    for one in (
        Ledger("undecided", "久拖不决", lambda: f"首次受理满{setting('ledger_days')}天仍未结案的工单（默认口径）。", _long_ago),
        Ledger("shirked", "推诿扯皮", lambda: "承办单位退单满2次仍未结案的工单（默认口径）。", _returned),
        Ledger("poorly_handled", "办理不力", lambda: "重办满2次或差评整改满2轮仍未结案的工单（默认口径）。", _again),
    )
}  # fmt: skip
