"""Group demands (群诉): many people tell of one matter at one spot within days (domain.md §13).

Who tells the same again and again is one person, and makes no group; who left no number is counted by nobody.
"""

from datetime import datetime, timedelta

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from hotline import clock
from hotline.database import note_topic, session
from hotline.models import DemandGroup, GroupMember, Requester, Ticket
from hotline.models.group_words import GroupLevel
from hotline.models.words import State
from hotline.tickets.lifecycle import put
from hotline.tickets.rulebook import rules

A_DAY = timedelta(days=1)
MOST = 200
"""Newest tickets of a spot that are counted: more people than that change nothing."""


def note_group(ticket: Ticket) -> DemandGroup | None:
    """Count who tells the same; from the city's numbers on they are a group, which every further one joins."""
    if not (ticket.place_name and ticket.matter_code):
        return None
    told = told_the_same(ticket)
    callers = {one.phone_hash for one in told if one.phone_hash}
    lately = {one.phone_hash for one in told if one.phone_hash and one.received_at > clock.now() - A_DAY}
    book = rules().settings
    if len(callers) >= book["group_callers"]:
        return _keep(ticket, GroupLevel.GROUP, told)
    return _keep(ticket, GroupLevel.NOTICE, told) if len(lately) >= book["hot_callers"] else None


def told_the_same(ticket: Ticket) -> list[Row[tuple[int, datetime, bytes | None]]]:
    """Number, moment and number's hash of the tickets of this matter at this spot in the last days."""
    first = clock.city_day(clock.now() - timedelta(days=rules().settings["group_days"]))
    query = (
        select(Ticket.ticket_no, Ticket.received_at, Requester.phone_hash)
        .join(Requester, Requester.ticket_no == Ticket.ticket_no)
        .where(
            Ticket.place_name == ticket.place_name, Ticket.ticket_no >= int(f"{first:%Y%m%d}") * 10**8,
            Ticket.matter_code == ticket.matter_code, Ticket.area_code == ticket.area_code,
            Ticket.state.not_in((State.DRAFT, State.WITHDRAWN)), ~Ticket.is_test,
        )
    )  # fmt: skip
    return list(session().execute(query.order_by(Ticket.ticket_no.desc()).limit(MOST)))


def newest_groups(limit: int, since: datetime) -> list[DemandGroup]:
    """The groups somebody joined lately, the gravest and largest first."""
    query = select(DemandGroup).where(DemandGroup.last_at > since).order_by(DemandGroup.last_at.desc()).limit(limit)
    found = session().execute(query).scalars()
    return sorted(found, key=lambda one: (one.level is GroupLevel.GROUP, one.callers), reverse=True)


def group_of(ticket_no: int) -> DemandGroup | None:
    """The newest group a ticket belongs to."""
    query = (
        select(DemandGroup).join(GroupMember, GroupMember.group_id == DemandGroup.id)
        .where(GroupMember.member_no == ticket_no).order_by(DemandGroup.id.desc()).limit(1)
    )  # fmt: skip
    return session().execute(query).scalar_one_or_none()


def _keep(ticket: Ticket, level: GroupLevel, told: list[Row[tuple[int, datetime, bytes | None]]]) -> DemandGroup:
    group = _open_group(ticket, level)
    joined = [{"group_id": group.id, "member_no": one.ticket_no} for one in told]
    session().execute(insert(GroupMember).values(joined).on_conflict_do_nothing())
    mine = select(GroupMember.member_no).where(GroupMember.group_id == group.id)
    counted = select(func.count(), func.count(Requester.phone_hash.distinct())).where(Requester.ticket_no.in_(mine))
    before, enough = group.callers, rules().settings["group_leader_callers"]
    group.tickets, group.callers = session().execute(counted).one()
    if before < enough <= group.callers:
        put("tell_of_group", ticket.ticket_no, {"group": group.id}, at=clock.now())
    group.level = GroupLevel.GROUP if GroupLevel.GROUP in (level, group.level) else level
    group.last_at = clock.now()
    note_topic("dispatch")
    return group


def _open_group(ticket: Ticket, level: GroupLevel) -> DemandGroup:
    """The group of this matter and spot that somebody joined within the days, else a new one; two at once make one."""
    same = (
        DemandGroup.matter_code == ticket.matter_code, DemandGroup.place_name == ticket.place_name,
        DemandGroup.area_code == ticket.area_code,
        DemandGroup.last_at > clock.now() - timedelta(days=rules().settings["group_days"]),
    )  # fmt: skip
    query = select(DemandGroup).where(*same).order_by(DemandGroup.id.desc()).limit(1).with_for_update()
    found = session().execute(query).scalar_one_or_none()
    if found is not None:
        return found
    fresh = insert(DemandGroup).values(
        matter_code=ticket.matter_code, place_name=ticket.place_name, area_code=ticket.area_code, level=level,
        opened_on=clock.city_day(clock.now()), callers=0, tickets=0, last_at=clock.now(),
    )  # fmt: skip
    session().execute(fresh.on_conflict_do_nothing())
    return session().execute(query).scalar_one()
