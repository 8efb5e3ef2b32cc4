"""Makers: plain functions with good defaults that put the desk into a situation."""

import uuid
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.background.drain import drain_lane
from hotline.database import session, transaction
from hotline.models import Department, OutboxRow, Staff, Ticket
from hotline.models.words import Source
from hotline.people.accounts import Person, load_person
from hotline.tickets import handle
from hotline.tickets.demand import Demand, Envelope
from hotline.tickets.receive import receive_demand

PLAIN = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
PLACE = "望湖区湖滨街道金桂苑小区"
PHONE = "+8613812345678"
ALONE = "协办单位未交回，先行答复"
"""Why the lead submits without who helps."""


def person(username: str) -> Person:
    """One of the demo city's staff, signed in."""
    row = session().execute(select(Staff).where(Staff.username == username)).scalar_one()
    found = load_person(row.id, row.session_epoch)
    assert found is not None
    return found


def send_demand(text: str = PLAIN, **changes: Any) -> int:
    """A web message is received; the ticket's number."""
    values = {"source": Source.WEB, "text": text, "place": PLACE, "phone": PHONE, "name": "陈桂芳"} | changes
    with transaction():
        receipt = receive_demand(Demand(**values), Envelope("web", uuid.uuid4().hex, text.encode()))
    return receipt.ticket_no


def drain() -> None:
    """Let the workers do everything that is due now."""
    while anything_due() and drain_lane("desk") + drain_lane("outside"):
        pass


def anything_due() -> bool:
    """A look is cheaper than claiming from lanes that are empty."""
    with transaction() as current:
        waits = select(OutboxRow.id).where(OutboxRow.not_before <= clock.now(), OutboxRow.dead_at.is_(None))
        return current.execute(waits.limit(1)).first() is not None


def ticket(ticket_no: int) -> Ticket:
    """The ticket as it stands in the database."""
    return session().get_one(Ticket, ticket_no, populate_existing=True)


GOOD_REPLY = handle.ReplyForm(
    contacted=True,
    contact_note="已电话说明情况",
    fact_true=True,
    facts="现场检查发现夜间施工属实",
    handling="责令停工并约谈项目负责人",
    public_reply="我们已责令工地停止夜间施工，如再发生请拨打12345。",
)


def unit_of(no: int, role: str = "handler") -> Person:
    """The handler, or the `lead`, of the department that holds the ticket."""
    code = session().execute(
        select(Department.code).join(Ticket, Ticket.department_id == Department.id).where(Ticket.ticket_no == no)
    ).scalar_one()  # fmt: skip
    return person(f"{code.replace('-', '_')}_{role}")
