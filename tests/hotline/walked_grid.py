"""Acts of a random walk: the grid is asked, and reports."""

from sqlalchemy import select

from hotline.database import session
from hotline.models import GridTask, Ticket
from hotline.people.accounts import Person
from hotline.tickets.grid import GridForm, GridReport, task_for
from hotline.tickets.grid import ask_grid as ask_the_grid
from hotline.tickets.grid import report_grid as report_of_the_grid
from tests.hotline.walk_registry import WORDS, act, nth, staff_act


@staff_act
def ask_grid(found: Ticket, who: Person, n: int) -> None:
    """请网格核实或协助, of a cell there is or not."""
    cell, kind = nth(("hb-01", "hb-02", "nowhere"), n), nth(("verify", "assist", "patrol"), n // 3)
    ask_the_grid(found, who, GridForm(cell, kind, WORDS))


@act
def report_grid(no: int, who: Person, n: int) -> None:
    """网格反馈 on the newest task, done or not."""
    query = select(GridTask.id).where(GridTask.ticket_no == no).order_by(GridTask.id.desc()).limit(1)
    task = task_for(who, session().execute(query).scalar() or 0)
    result, gps = nth(("confirmed", "fixed", "overtaken"), n), nth(("", "24.1,118.1"), n)
    report_of_the_grid(task, who, GridReport(WORDS, result, gps))
