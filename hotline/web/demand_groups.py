"""Group demands at the dispatcher's desk: which matters many people tell of at one spot, and who they are, masked."""

from datetime import timedelta

from flask import Blueprint, render_template
from sqlalchemy import select

from hotline import clock
from hotline.database import session
from hotline.errors import NotFound
from hotline.models import DemandGroup, GroupMember, Ticket
from hotline.tickets.grouping import newest_groups
from hotline.web.alike_shown import group_shown, people_of

blueprint = Blueprint("demand_groups", __name__, url_prefix="/dispatch/groups")
SHOWN, SHOWN_DAYS = 50, timedelta(days=30)
NO_SUCH = "没有找到这个群诉。"


@blueprint.get("")
def groups() -> str:
    """The groups somebody joined in the last thirty days."""
    found = newest_groups(SHOWN, clock.now() - SHOWN_DAYS)
    return render_template("dispatch/groups.html", groups=[group_shown(one) for one in found], most=SHOWN)


@blueprint.get("/<int:group_id>")
def group(group_id: int) -> str:
    """One group with its people."""
    found = session().get(DemandGroup, group_id)
    if found is None:
        raise NotFound(NO_SUCH)
    mine = select(GroupMember.member_no).where(GroupMember.group_id == group_id)
    people = people_of(Ticket.ticket_no.in_(mine))
    return render_template("dispatch/group.html", group=group_shown(found), people=people)
